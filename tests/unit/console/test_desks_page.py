"""What the address of a desk says, and how days are told."""

from datetime import UTC, date, datetime

import pytest

from transmission.console.desks_page import Asked, in_days, standing
from transmission.domain.desks import Desk
from transmission.domain.people import Grant, Person, Role
from transmission.store.queries.desk_shapes import DeskCursor, Looked

ANNE = Person(7, "Anne", (Grant(Role.OPERATOR, "123456782"),))


def test_another_filter_starts_at_its_first_page() -> None:
    asked = Asked(Desk.HELD, "moi", "12@2026-11-23T13:05:00+00:00")
    assert asked.url(charge="") == "/bureaux/en-attente"
    assert asked.url(desk=None) == "/bureaux?charge=moi"
    assert asked.url(apres="x") == "/bureaux/en-attente?charge=moi&apres=x"


def test_what_is_asked_is_always_limited_to_the_authorities_of_the_person() -> None:
    mine = frozenset({"123456782"})
    assert Asked().looked(ANNE) == Looked(mine, None, of_nobody=False)
    assert Asked(charge="moi").looked(ANNE) == Looked(mine, 7, of_nobody=False)
    assert Asked(charge="personne").looked(ANNE) == Looked(mine, None, of_nobody=True)
    with pytest.raises(ValueError, match="unknown filter"):
        Asked(charge="autre").looked(ANNE)


@pytest.mark.parametrize(
    ("left", "said", "shown"),
    [
        (-3, "en retard de 3\u00a0jours", "alerte"),
        (-1, "en retard de 1\u00a0jour", "alerte"),
        (0, "aujourd'hui", "doute"),
        (7, "dans 7\u00a0jours", "doute"),
        (8, "dans 8\u00a0jours", ""),
    ],
)
def test_a_day_is_told_by_how_far_it_is(left: int, said: str, shown: str) -> None:
    assert (in_days(left), standing(left)) == (said, shown)


def test_a_cursor_is_read_as_it_is_written() -> None:
    at = DeskCursor(12, datetime(2026, 11, 23, 13, 5, 0, 7, tzinfo=UTC))
    day = DeskCursor(12, date(9999, 12, 31))
    assert DeskCursor.parse(str(at), Desk.HELD) == at
    assert DeskCursor.parse(str(day), Desk.LETTERS) == day
    for text in ("", "12", "12@", "x@2026-11-23", "12@2026-11-23T13:05:00", "1@9999-99-99"):
        with pytest.raises(ValueError, match=r"."):
            DeskCursor.parse(text, Desk.HELD)
