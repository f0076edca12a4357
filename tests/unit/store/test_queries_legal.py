"""From the register's story to what the law reads: dates of ARs and letters, and nothing else."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from transmission.domain.acte import Matiere
from transmission.domain.collectivite import Calendrier
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.sujets import AuthorityKind
from transmission.store.queries.legal import events_of, subjects_of

# 00:30 on 11 March in Paris.
TAKEN_IN = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)


def sent(message: str, received: date | None) -> Any:
    return SimpleNamespace(message=message, date_reception=received)


def thread(message: str, dated: date, *answers: Any) -> Any:
    letter = SimpleNamespace(message=message, date_courrier=dated, received_at=TAKEN_IN)
    return SimpleNamespace(
        letter=letter, answers=[SimpleNamespace(sent=answer) for answer in answers]
    )


def story(*transmissions: Any, threads: tuple[Any, ...] = (), online: date | None = None) -> Any:
    owner = SimpleNamespace(
        nature="31", departement="042", calendrier=Calendrier.NATIONAL, time_zone="Europe/Paris"
    )
    acte = SimpleNamespace(
        nature=NatureActe.DELIBERATION, matiere=Matiere((7, 5)), date_decision=date(2026, 3, 2)
    )
    return SimpleNamespace(
        collectivite=owner,
        acte=acte,
        transmissions=transmissions,
        threads=threads,
        date_mise_en_ligne=online,
    )


def test_a_receipt_has_the_date_of_its_ar_and_a_sending_without_one_is_no_event() -> None:
    told = story(sent("1-1", date(2026, 3, 4)), sent("1-1", None), sent("6-1", date(2026, 3, 9)))
    assert events_of(told) == (
        LegalEvent.at(EventKind.ACCUSE_RECEPTION, date(2026, 3, 4)),
        LegalEvent.at(EventKind.ANNULATION, date(2026, 3, 9)),
    )


def test_publication_is_the_day_of_mise_en_ligne() -> None:
    (event,) = events_of(story(online=date(2026, 3, 6)))
    assert event == LegalEvent.at(EventKind.PUBLICATION, date(2026, 3, 6))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("2-1", EventKind.COURRIER_SIMPLE),
        ("3-1", EventKind.DEMANDE_PIECES),
        ("4-1", EventKind.LETTRE_OBSERVATIONS),
    ],
)
def test_a_letter_left_on_its_own_date_and_arrived_the_civil_day_it_was_taken_in(
    message: str, kind: EventKind
) -> None:
    (event,) = events_of(story(threads=(thread(message, date(2026, 3, 9)),)))
    assert event == LegalEvent.at(kind, date(2026, 3, 11), date(2026, 3, 9))


def test_a_letter_that_bears_a_later_date_than_its_arrival_left_when_it_arrived() -> None:
    (event,) = events_of(story(threads=(thread("4-1", date(2026, 4, 1)),)))
    assert (event.sent, event.received) == (date(2026, 3, 11), date(2026, 3, 11))


def test_a_defere_has_the_day_of_its_filing() -> None:
    (event,) = events_of(story(threads=(thread("5-1", date(2026, 3, 9)),)))
    assert event == LegalEvent.at(EventKind.DEFERE, date(2026, 3, 9))


def test_an_answer_counts_from_its_ar_and_one_without_ar_does_not_count() -> None:
    answers = (sent("3-4", date(2026, 3, 20)), sent("3-3", None), sent("2-2", date(2026, 3, 21)))
    asked, given = events_of(story(threads=(thread("3-1", date(2026, 3, 9), *answers),)))
    assert asked.kind is EventKind.DEMANDE_PIECES
    assert given == LegalEvent.at(EventKind.PIECES, date(2026, 3, 20))


def test_the_subjects_are_the_act_and_its_authority_with_nothing_that_nobody_stated() -> None:
    acte, authority = subjects_of(story())
    assert (acte.nature, acte.date_decision) == (NatureActe.DELIBERATION, date(2026, 3, 2))
    assert (acte.date_signature, acte.stated_kind, acte.date_effet) == (None, None, None)
    assert (authority.kind, authority.population) == (AuthorityKind.COMMUNE, None)
