"""What a person enters: dated, possible, told once of each message, taken back for a reason."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.support.bench import Bench
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.sujets import PublicityMode
from transmission.domain.lifecycle import State
from transmission.domain.transmission import Author, StoredFile
from transmission.ports import Arrived, NewCourrier, Opening
from transmission.services.record_event import (
    Told,
    events_entered,
    record_event,
    retract_event,
)
from transmission.store.queries.legal import legal_case

CLERK, REASONED = Author("secrétariat"), Author("secrétariat", "erreur d'acte")
DAY = date(2023, 3, 6)


def enter(bench: Bench, acte_id: int, kind: EventKind, **told: Any) -> int:
    return record_event(bench.tools, acte_id, Told(kind=kind, **told), CLERK)


def refusal(bench: Bench, acte_id: int, kind: EventKind, **told: Any) -> list[str]:
    with pytest.raises(RefusedError) as refused:
        enter(bench, acte_id, kind, **told)
    with bench.tools.register() as unit:
        assert events_entered(unit, acte_id) == []
    return [problem.field for problem in refused.value.problems]


def events(bench: Bench, acte_id: int) -> list[LegalEvent]:
    with bench.engine.connect() as connection:
        case = legal_case(connection, acte_id)
    assert case is not None
    return [event for event in case.events if event.kind is not EventKind.ACCUSE_RECEPTION]


def letter(bench: Bench, acte_id: int, message: str, dated: date = date(2023, 3, 8)) -> int:
    """A letter of the préfecture taken in at the scene's time."""
    now = bench.clock.now()
    with bench.tools.register() as unit:
        retour_id = unit.add_retour(
            Arrived(bench.authority_id, StoredFile(f"{message}{acte_id}", 1), "essai", now)
        )
        assert retour_id is not None
        courrier_id = unit.add_courrier(
            NewCourrier(
                acte_id, bench.authority_id, message, dated, "…", message, retour_id, None, now
            )
        )
        assert courrier_id is not None
        unit.commit()
    return courrier_id


def answer(
    bench: Bench, acte_id: int, courrier_id: int, message: str, received: date | None
) -> int:
    now = bench.clock.now()
    with bench.tools.register() as unit:
        about = unit.current_transmission(acte_id)
        opening = Opening(
            acte_id, bench.authority_id, message, about.id_acte, courrier_id=courrier_id
        )
        opened = unit.open_transmission(opening, CLERK, now, now)
        unit.commit()
    if received is not None:
        with bench.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE transmission SET date_reception = %s, state = %s WHERE id = %s",
                (received, State.ACKNOWLEDGED.code, opened.id),
            )
    return opened.id


def test_an_entry_counts_with_all_that_it_says(bench: Bench) -> None:
    acte_id = bench.acknowledged().acte_id
    number = enter(
        bench,
        acte_id,
        EventKind.PUBLICATION,
        received=DAY,
        mode=PublicityMode.AFFICHAGE,
        preuve="certificat d'affichage",
    )
    enter(
        bench, acte_id, EventKind.RECOURS_GRACIEUX, received=date(2023, 3, 9),
        sent=date(2023, 3, 8),
    )  # fmt: skip
    assert events(bench, acte_id) == [
        LegalEvent(EventKind.PUBLICATION, DAY, DAY, mode=PublicityMode.AFFICHAGE),
        LegalEvent(EventKind.RECOURS_GRACIEUX, date(2023, 3, 9), date(2023, 3, 8)),
    ]
    with bench.tools.register() as unit:
        first, second = events_entered(unit, acte_id)
    assert (first.id, first.author) == (number, CLERK.name)
    assert first.entry.preuve == "certificat d'affichage"
    assert second.entry.preuve is None


@pytest.mark.parametrize(
    ("kind", "told", "fields"),
    [
        (EventKind.ACCUSE_RECEPTION, {"received": DAY}, ["evenement"]),
        (EventKind.DEFERE, {}, ["recu"]),
        (EventKind.DEFERE, {"received": date(2023, 3, 11)}, ["recu"]),
        (EventKind.DEFERE, {"received": date(2023, 3, 1)}, ["recu", "envoye"]),
        (EventKind.DEFERE, {"received": DAY, "sent": date(2023, 3, 7)}, ["envoye"]),
        (EventKind.PUBLICATION, {"received": DAY}, ["mode"]),
        (EventKind.DEFERE, {"received": DAY, "complete": False, "remedies": True},
         ["voies_de_recours", "partiel"]),
    ],
)  # fmt: skip
def test_what_is_impossible_is_refused_with_every_problem(
    bench: Bench, kind: EventKind, told: dict[str, Any], fields: list[str]
) -> None:
    assert refusal(bench, bench.acknowledged().acte_id, kind, **told) == fields


def test_today_is_the_day_of_the_authority(bench: Bench) -> None:
    acte_id = bench.acknowledged().acte_id
    bench.clock.instant = datetime(2023, 3, 10, 23, 30, tzinfo=UTC)
    assert enter(bench, acte_id, EventKind.DEFERE, received=date(2023, 3, 11))


def test_an_answer_is_said_to_hold_only_and_keeps_the_date_of_its_ar(bench: Bench) -> None:
    acte_id = bench.acknowledged().acte_id
    about = letter(bench, acte_id, "4-1")
    sent = answer(bench, acte_id, about, "4-4", date(2023, 3, 10))
    enter(bench, acte_id, EventKind.REPONSE_ATTENTE, transmission_id=sent)
    received = events(bench, acte_id)
    assert [event.kind for event in received] == [
        EventKind.LETTRE_OBSERVATIONS,
        EventKind.REPONSE_ATTENTE,
    ]
    assert received[1].received == date(2023, 3, 10)


def test_a_part_of_the_documents_is_said_before_their_ar_comes(bench: Bench) -> None:
    acte_id = bench.acknowledged().acte_id
    about = letter(bench, acte_id, "3-1")
    sent = answer(bench, acte_id, about, "3-4", None)
    enter(bench, acte_id, EventKind.PIECES, transmission_id=sent, complete=False)
    assert [event.kind for event in events(bench, acte_id)] == [EventKind.DEMANDE_PIECES]
    with bench.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE transmission SET date_reception = '2023-03-10' WHERE id = %s", (sent,)
        )
    assert events(bench, acte_id)[1] == LegalEvent(
        EventKind.PIECES, date(2023, 3, 10), date(2023, 3, 10), complete=False
    )


def test_a_plain_letter_that_asks_for_a_withdrawal_and_its_answer_are_said_to_be_so(
    bench: Bench,
) -> None:
    acte_id = bench.acknowledged().acte_id
    about = letter(bench, acte_id, "2-1")
    sent = answer(bench, acte_id, about, "2-2", None)
    enter(bench, acte_id, EventKind.LETTRE_OBSERVATIONS, courrier_id=about)
    enter(
        bench, acte_id, EventKind.REPONSE_LETTRE, transmission_id=sent, received=date(2023, 3, 10)
    )
    assert events(bench, acte_id) == [
        LegalEvent(EventKind.LETTRE_OBSERVATIONS, date(2023, 3, 10), date(2023, 3, 8)),
        LegalEvent.at(EventKind.REPONSE_LETTRE, date(2023, 3, 10)),
    ]


def test_a_message_keeps_its_dates(bench: Bench) -> None:
    acte_id = bench.acknowledged().acte_id
    about = letter(bench, acte_id, "4-1")
    sent = answer(bench, acte_id, about, "4-4", date(2023, 3, 10))
    simple, holding = EventKind.COURRIER_SIMPLE, EventKind.REPONSE_ATTENTE
    assert refusal(bench, acte_id, simple, courrier_id=about, received=DAY) == ["recu"]
    assert refusal(
        bench, acte_id, holding, transmission_id=sent, received=DAY, sent=DAY
    ) == ["recu", "envoye"]  # fmt: skip


def test_an_answer_without_ar_takes_a_date(bench: Bench) -> None:
    acte_id = bench.acknowledged().acte_id
    sent = answer(bench, acte_id, letter(bench, acte_id, "2-1"), "2-2", None)
    assert refusal(bench, acte_id, EventKind.REPONSE_LETTRE, transmission_id=sent) == ["recu"]


def test_one_message_is_said_to_be_one_thing(bench: Bench) -> None:
    acte_id = bench.acknowledged().acte_id
    about = letter(bench, acte_id, "4-1")
    first = enter(bench, acte_id, EventKind.COURRIER_SIMPLE, courrier_id=about)
    with pytest.raises(ConflictError, match=f"saisie n° {first}"):
        enter(bench, acte_id, EventKind.RENONCIATION, courrier_id=about)
    retract_event(bench.tools, acte_id, first, REASONED)
    enter(bench, acte_id, EventKind.RENONCIATION, courrier_id=about)
    assert [event.kind for event in events(bench, acte_id)] == [EventKind.RENONCIATION]


def test_a_message_may_only_be_one_of_this_act_and_what_such_messages_are(bench: Bench) -> None:
    acte_id, other = bench.acknowledged().acte_id, bench.acknowledged().acte_id
    about = letter(bench, other, "4-1")
    defere = letter(bench, acte_id, "5-1")
    simple = EventKind.COURRIER_SIMPLE
    for told in ({"courrier_id": about}, {"courrier_id": 999}, {"transmission_id": 999}):
        with pytest.raises(NotFoundError):
            enter(bench, acte_id, simple, **told)
    # The sending of the act is no answer.
    own = bench.about(acte_id)[0].id
    with pytest.raises(NotFoundError):
        enter(bench, acte_id, EventKind.REPONSE_ATTENTE, transmission_id=own)
    assert refusal(bench, acte_id, simple, courrier_id=defere) == ["courrier"]
    assert refusal(bench, other, EventKind.JUGEMENT, courrier_id=about) == ["courrier"]
    assert refusal(bench, other, simple, courrier_id=about, transmission_id=1) == ["courrier"]


def test_an_entry_is_taken_back_for_a_reason_once_and_for_its_own_act(bench: Bench) -> None:
    acte_id, other = bench.acknowledged().acte_id, bench.acknowledged().acte_id
    number = enter(bench, acte_id, EventKind.DEFERE, received=DAY)
    with pytest.raises(RefusedError, match="motif"):
        retract_event(bench.tools, acte_id, number, CLERK)
    with pytest.raises(NotFoundError):
        retract_event(bench.tools, other, number, REASONED)
    assert len(events(bench, acte_id)) == 1
    retract_event(bench.tools, acte_id, number, REASONED)
    assert events(bench, acte_id) == []
    with pytest.raises(ConflictError):
        retract_event(bench.tools, acte_id, number, REASONED)
    with bench.tools.register() as unit:
        (kept,) = events_entered(unit, acte_id)
    assert kept.retracted is not None
    assert kept.retracted.reason == REASONED.reason


def test_nothing_is_entered_of_an_act_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        enter(bench, 99, EventKind.DEFERE, received=DAY)


def test_the_same_entry_twice_is_one(bench: Bench) -> None:
    acte_id = bench.acknowledged().acte_id
    number = enter(bench, acte_id, EventKind.RECOURS_GRACIEUX, received=DAY)
    with pytest.raises(ConflictError, match=f"saisie n° {number} dit déjà exactement cela"):
        enter(bench, acte_id, EventKind.RECOURS_GRACIEUX, received=DAY)
    other = enter(bench, acte_id, EventKind.RECOURS_GRACIEUX, received=DAY, preuve="un autre")
    retract_event(bench.tools, acte_id, other, REASONED)
    assert enter(bench, acte_id, EventKind.RECOURS_GRACIEUX, received=DAY, preuve="un autre")
