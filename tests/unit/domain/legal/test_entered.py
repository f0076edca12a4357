"""What a person may enter of an act's life, and what is refused."""

from datetime import date
from typing import Any

import pytest

from transmission.domain.legal.entered import (
    ENTERED,
    FROM_THE_STATE,
    OF_A_LETTER,
    OF_AN_ANSWER,
    Entry,
    problems_of,
)
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.sujets import PublicityMode

DECIDED, TODAY = date(2026, 3, 2), date(2026, 3, 20)
DAY = date(2026, 3, 10)


def entry(kind: EventKind, received: date = DAY, sent: date | None = None, **more: Any) -> Entry:
    about = {name: more.pop(name) for name in ("courrier_id", "transmission_id") if name in more}
    return Entry(event=LegalEvent(kind, received, sent or received, **more), **about)


def rules(made: Entry) -> list[tuple[str, str]]:
    found = list(problems_of(made, DECIDED, TODAY))
    assert all(problem.message and problem.remedy for problem in found)
    return [(problem.field, problem.rule) for problem in found]


@pytest.mark.parametrize("kind", [kind for kind in ENTERED if kind is not EventKind.PUBLICATION])
def test_whatever_no_message_tells_may_be_entered(kind: EventKind) -> None:
    assert rules(entry(kind)) == []


@pytest.mark.parametrize("kind", sorted(FROM_THE_STATE, key=lambda kind: kind.code))
def test_what_the_state_tells_is_read_in_its_message_and_nowhere_else(kind: EventKind) -> None:
    assert kind not in ENTERED
    assert ("evenement", "message_de_l_etat") in rules(entry(kind))


@pytest.mark.parametrize("mode", [PublicityMode.AFFICHAGE, PublicityMode.PAPIER, PublicityMode.GPU])
def test_a_publication_has_another_mode_than_the_line(mode: PublicityMode) -> None:
    assert rules(entry(EventKind.PUBLICATION, mode=mode)) == []


@pytest.mark.parametrize("mode", [None, PublicityMode.ELECTRONIQUE])
def test_what_is_on_line_is_recorded_elsewhere(mode: PublicityMode | None) -> None:
    assert rules(entry(EventKind.PUBLICATION, mode=mode)) == [("mode", "mode_publicite")]


@pytest.mark.parametrize(
    ("received", "sent", "fields"),
    [
        (DECIDED, DECIDED, []),
        (TODAY, DECIDED, []),
        (date(2026, 3, 21), TODAY, ["recu"]),
        (date(2026, 3, 1), date(2026, 3, 1), ["recu", "envoye"]),
        (DAY, date(2026, 3, 11), ["envoye"]),
        (DAY, date(2026, 3, 1), ["envoye"]),
    ],
)
def test_nothing_happens_before_the_decision_nor_in_the_future(
    received: date, sent: date, fields: list[str]
) -> None:
    made = entry(EventKind.RECOURS_GRACIEUX, received, sent)
    assert [field for field, _ in rules(made)] == fields


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"mode": PublicityMode.AFFICHAGE}, "mode"),
        ({"remedies": False}, "voies_de_recours"),
        ({"complete": False}, "partiel"),
    ],
)
def test_a_detail_of_another_event_is_refused(more: dict[str, Any], field: str) -> None:
    assert rules(entry(EventKind.DEFERE, **more)) == [(field, "precision_admise")]


def test_details_are_taken_with_their_event() -> None:
    assert rules(entry(EventKind.NOTIFICATION, remedies=True)) == []
    assert rules(entry(EventKind.PIECES, complete=False)) == []


@pytest.mark.parametrize("kind", [kind for kind in ENTERED if kind is not EventKind.PUBLICATION])
def test_a_message_may_only_be_what_such_messages_are(kind: EventKind) -> None:
    assert bool(rules(entry(kind, courrier_id=3))) is (kind not in OF_A_LETTER)
    assert bool(rules(entry(kind, transmission_id=3))) is (kind not in OF_AN_ANSWER)
