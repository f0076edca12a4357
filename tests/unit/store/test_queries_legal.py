"""From the register's story to what the law reads: dates of ARs and letters, and of people."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.support.bench import COLLECTIVITE
from transmission.domain.acte import Matiere
from transmission.domain.collectivite import LegalOptions, PublicityMode
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.declaration import Declaration
from transmission.domain.legal.entered import Entry, Recorded, Retraction
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.sujets import Categorie
from transmission.domain.lifecycle import State
from transmission.store.queries.legal import events_of, subjects_of
from transmission.store.queries.legal_story import LegalStory, Letter, Sent

# 00:30 on 11 March in Paris.
TAKEN_IN = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)


def sent(
    message: str,
    received: date | None = None,
    *,
    number: int = 12,
    courrier: int | None = None,
    state: State = State.ACKNOWLEDGED,
    **more: Any,
) -> Sent:
    moments = {"sent_at": None, "refused_at": None, **more}
    return Sent(number, message, courrier, state, received, **moments)


def said(kind: EventKind, received: date = date(2026, 3, 12), **more: Any) -> Recorded:
    about = {name: more.pop(name) for name in ("courrier_id", "transmission_id") if name in more}
    retracted = more.pop("retracted", None)
    return Recorded(
        id=3,
        acte_id=1,
        entry=Entry(event=LegalEvent(kind, received, received, **more), **about),
        at=TAKEN_IN,
        author="secrétariat",
        reason=None,
        retracted=retracted,
    )


def story(**more: Any) -> LegalStory:
    fields: dict[str, Any] = {
        "acte_id": 1,
        "collectivite_id": 1,
        "collectivite": COLLECTIVITE,
        "numero_interne": "D2026_001",
        "nature": NatureActe.DELIBERATION,
        "matiere": Matiere((7, 5)),
        "date_decision": date(2026, 3, 2),
    }
    return LegalStory(**{**fields, **more})


def written(message: str, dated: date = date(2026, 3, 9)) -> Letter:
    return Letter(5, message, dated, TAKEN_IN)


def test_a_receipt_has_the_date_of_its_ar_and_a_sending_without_one_is_no_event() -> None:
    told = story(
        sendings=(
            sent("1-1", date(2026, 3, 4)),
            sent("1-1", None, state=State.SUBMITTED),
            sent("6-1", date(2026, 3, 9), number=13),
        )
    )
    assert events_of(told) == (
        LegalEvent.at(EventKind.ACCUSE_RECEPTION, date(2026, 3, 4)),
        LegalEvent.at(EventKind.ANNULATION, date(2026, 3, 9)),
    )
    assert [event.source for event in events_of(told)] == [
        "accusé de réception de la transmission n° 12",
        "accusé de l'annulation n° 13",
    ]


@pytest.mark.parametrize(
    ("left", "day"),
    [
        (datetime(2026, 3, 2, 23, 30, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2026, 3, 9, 9, tzinfo=UTC), date(2026, 3, 4)),
    ],
)
def test_a_receipt_was_sent_the_civil_day_of_its_sending_and_never_after_its_ar(
    left: datetime, day: date
) -> None:
    (event,) = events_of(story(sendings=(sent("1-1", date(2026, 3, 4), sent_at=left),)))
    assert (event.received, event.sent) == (date(2026, 3, 4), day)


def test_a_refusal_of_the_state_is_an_anomaly_on_the_day_it_came_and_no_receipt() -> None:
    refused = sent("1-1", date(2026, 3, 4), state=State.REJECTED, refused_at=TAKEN_IN)
    (event,) = events_of(story(sendings=(refused,)))
    assert event == LegalEvent.at(EventKind.ANOMALIE, date(2026, 3, 11))
    assert event.source == "anomalie de la transmission n° 12"


def test_a_sending_given_up_here_told_the_state_nothing() -> None:
    assert events_of(story(sendings=(sent("1-1", state=State.REJECTED),))) == ()


def test_publication_is_the_day_of_mise_en_ligne() -> None:
    (event,) = events_of(story(date_mise_en_ligne=date(2026, 3, 6)))
    assert (event.kind, event.received) == (EventKind.PUBLICATION, date(2026, 3, 6))
    assert event.mode is PublicityMode.ELECTRONIQUE


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
    (event,) = events_of(story(letters=(written(message),)))
    assert event == LegalEvent.at(kind, date(2026, 3, 11), date(2026, 3, 9))
    assert event.source.startswith("courrier n° 5 (")


def test_the_day_of_arrival_is_that_of_the_authority() -> None:
    cayenne = replace(COLLECTIVITE, time_zone="America/Cayenne")
    (event,) = events_of(story(collectivite=cayenne, letters=(written("4-1"),)))
    assert event.received == date(2026, 3, 10)


def test_a_letter_that_bears_a_later_date_than_its_arrival_left_when_it_arrived() -> None:
    (event,) = events_of(story(letters=(written("4-1", date(2026, 4, 1)),)))
    assert (event.sent, event.received) == (date(2026, 3, 11), date(2026, 3, 11))


def test_a_defere_has_the_day_of_its_filing() -> None:
    (event,) = events_of(story(letters=(written("5-1"),)))
    assert event == LegalEvent.at(EventKind.DEFERE, date(2026, 3, 9))


def test_an_answer_counts_from_its_ar_and_one_without_ar_does_not_count() -> None:
    answers = (
        sent("3-2", date(2026, 3, 18), courrier=5),
        sent("3-4", date(2026, 3, 20), courrier=5, number=15),
        sent("3-3", None, courrier=5),
        sent("2-2", date(2026, 3, 21), courrier=5),
    )
    asked, given = events_of(story(letters=(written("3-1"),), sendings=answers))
    assert asked.kind is EventKind.DEMANDE_PIECES
    assert given == LegalEvent.at(EventKind.PIECES, date(2026, 3, 20))
    assert given.source == "accusé de la réponse n° 15 (pièces complémentaires)"


def test_an_answer_may_be_said_to_hold_only_and_keeps_the_date_of_its_ar() -> None:
    told = story(
        letters=(written("4-1"),),
        sendings=(sent("4-4", date(2026, 3, 20), courrier=5, number=15),),
        recorded=(said(EventKind.REPONSE_ATTENTE, transmission_id=15),),
    )
    _, given = events_of(told)
    assert given == LegalEvent.at(EventKind.REPONSE_ATTENTE, date(2026, 3, 20))
    assert given.source.endswith("; nature dite par secrétariat (saisie n° 3)")


def test_what_is_said_of_an_answer_waits_for_its_ar() -> None:
    told = story(
        letters=(written("3-1"),),
        sendings=(sent("3-4", None, courrier=5, number=15),),
        recorded=(said(EventKind.PIECES, transmission_id=15, complete=False),),
    )
    assert [event.kind for event in events_of(told)] == [EventKind.DEMANDE_PIECES]
    received = replace(told, sendings=(sent("3-4", date(2026, 3, 20), courrier=5, number=15),))
    assert events_of(received)[1].complete is False


def test_an_answer_that_the_state_never_acknowledges_has_the_day_that_a_person_says() -> None:
    told = story(
        letters=(written("2-1"),),
        sendings=(sent("2-2", None, courrier=5, number=15, state=State.DELIVERED),),
        recorded=(
            said(EventKind.LETTRE_OBSERVATIONS, courrier_id=5),
            said(EventKind.REPONSE_LETTRE, date(2026, 3, 18), transmission_id=15),
        ),
    )
    assert events_of(told) == (
        LegalEvent(EventKind.LETTRE_OBSERVATIONS, date(2026, 3, 11), date(2026, 3, 9)),
        LegalEvent.at(EventKind.REPONSE_LETTRE, date(2026, 3, 18)),
    )


def test_a_letter_may_be_said_to_be_another_and_keeps_its_dates() -> None:
    told = story(
        letters=(written("4-1"),), recorded=(said(EventKind.COURRIER_SIMPLE, courrier_id=5),)
    )
    (event,) = events_of(told)
    assert event == LegalEvent(EventKind.COURRIER_SIMPLE, date(2026, 3, 11), date(2026, 3, 9))


def test_what_a_person_entered_counts_and_says_who() -> None:
    (event,) = events_of(story(recorded=(said(EventKind.NOTIFICATION, remedies=True),)))
    assert event == LegalEvent(
        EventKind.NOTIFICATION, date(2026, 3, 12), date(2026, 3, 12), remedies=True
    )
    assert event.source == "saisie n° 3 du 11/03/2026, par secrétariat"


def test_what_was_taken_back_counts_no_more() -> None:
    gone = Retraction(TAKEN_IN, "secrétariat", "erreur")
    told = story(
        letters=(written("4-1"),),
        recorded=(
            said(EventKind.NOTIFICATION, retracted=gone),
            said(EventKind.COURRIER_SIMPLE, courrier_id=5, retracted=gone),
        ),
    )
    assert [event.kind for event in events_of(told)] == [EventKind.LETTRE_OBSERVATIONS]


@pytest.mark.parametrize(
    ("own", "declared", "read"),
    [(None, None, None), (None, True, True), (False, True, False), (None, False, False)],
)
def test_a_notification_that_says_nothing_of_the_remedies_is_read_as_the_act_is_declared(
    own: bool | None, declared: bool | None, read: bool | None
) -> None:
    told = story(
        recorded=(said(EventKind.NOTIFICATION, remedies=own),),
        declaration=Declaration(voies_de_recours=declared),
    )
    assert events_of(told)[0].remedies is read


def test_events_come_by_day_and_within_a_day_in_the_order_of_the_log() -> None:
    day = date(2026, 3, 11)
    told = story(
        letters=(written("3-1"), Letter(6, "4-1", day, TAKEN_IN)),
        sendings=(
            sent("1-1", day),
            sent("3-4", day, courrier=5),
            sent("4-4", day, courrier=6),
        ),
        date_mise_en_ligne=date(2026, 3, 4),
        recorded=(said(EventKind.DEFERE, day),),
    )
    assert [event.kind for event in events_of(told)] == [
        EventKind.PUBLICATION,
        EventKind.ACCUSE_RECEPTION,
        EventKind.DEMANDE_PIECES,
        EventKind.PIECES,
        EventKind.LETTRE_OBSERVATIONS,
        EventKind.REPONSE_LETTRE,
        EventKind.DEFERE,
    ]


def test_the_subjects_are_the_act_and_its_authority_with_nothing_that_nobody_stated() -> None:
    acte, authority = subjects_of(story())
    assert (acte.nature, acte.date_decision) == (NatureActe.DELIBERATION, date(2026, 3, 2))
    assert (acte.date_signature, acte.stated_kind, acte.date_effet) == (None, None, None)
    assert authority.population is None


def test_the_subjects_hold_what_was_declared_of_each() -> None:
    owner = replace(COLLECTIVITE, droit=LegalOptions(population=900))
    declaration = Declaration(categorie=Categorie.DSP, date_signature=date(2026, 3, 3))
    acte, authority = subjects_of(story(collectivite=owner, declaration=declaration))
    assert (acte.stated_categorie, acte.date_signature) == (Categorie.DSP, date(2026, 3, 3))
    assert authority.population == 900
