"""JSON becomes a dataclass, or a refusal that names the place."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.client.decoding import decoded
from transmission.client.errors import UnreadableAnswerError


@dataclass(frozen=True, slots=True)
class Inner:
    jour: date
    quand: datetime | None


@dataclass(frozen=True, slots=True)
class Outer:
    nombre: int
    inners: tuple[Inner, ...]
    texte: str | None
    ajoute: bool = False


SAID = {"nombre": 3, "inners": [{"jour": "2023-03-02", "quand": "2023-03-02T10:00:00Z"}]}


def test_dates_instants_lists_and_nulls_are_read() -> None:
    inner = Inner(date(2023, 3, 2), datetime(2023, 3, 2, 10, tzinfo=UTC))
    assert decoded(Outer, {**SAID, "texte": None}) == Outer(3, (inner,), None)


def test_what_is_unknown_is_left_aside() -> None:
    assert decoded(Outer, {**SAID, "texte": "a", "nouveau": {}}).texte == "a"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"nombre": "3"}, "nombre"),
        ({"nombre": True}, "nombre"),
        ({"nombre": None}, "nombre"),
        ({"texte": 3}, "texte"),
        ({"inners": {}}, "inners"),
        ({"inners": [3]}, "inners[0]"),
        ({"inners": [{"jour": "02/03/2023", "quand": None}]}, "inners[0].jour"),
        ({"inners": [{"jour": "2023-03-02"}]}, "inners[0].quand"),
        ({"inners": [{"jour": "2023-03-02", "quand": "2023-03-02T10:00:00"}]}, "inners[0].quand"),
    ],
)
def test_what_is_not_of_its_type_is_refused_with_its_place(changes, place: str) -> None:
    with pytest.raises(UnreadableAnswerError) as raised:
        decoded(Outer, {**SAID, "texte": "", **changes})
    assert f"({place})" in str(raised.value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["nombre", "inners", "texte", "jour", "quand"]), inner)
    ),
    max_leaves=12,
)


@given(_JSON)
def test_any_document_is_read_or_refused(said) -> None:
    try:
        assert isinstance(decoded(Outer, said), Outer)
    except UnreadableAnswerError:
        return
