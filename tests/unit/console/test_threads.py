"""What a letter waits for, and what a person may do about it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from transmission.console import threads
from transmission.domain.identifiers import IdActe, NatureActe, NumeroInterne
from transmission.domain.lifecycle import State
from transmission.domain.messages import ANSWERS, LETTERS
from transmission.domain.transmission import KeptCourrier, StoredFile, Transmission
from transmission.store.queries import Answer, Thread

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
SENT = Transmission(
    id=7,
    acte_id=1,
    collectivite_id=1,
    message="3-4",
    courrier_id=12,
    state=State.SUBMITTED,
    state_since=NOW,
    attempts=1,
    polls=0,
    failures=0,
    claims=0,
    next_attempt_at=None,
    waiting_for=None,
    parcel=None,
    reference=None,
    id_acte=IdActe(
        "042", "123456782", date(2026, 11, 20), NumeroInterne("D1"), NatureActe.DELIBERATION
    ),
    date_classification=None,
    fingerprint=None,
    date_reception=None,
)
ACTE = State.ACKNOWLEDGED


def thread(message: str, *answers: Transmission) -> Thread:
    """A letter and its answers, newest first."""
    day = date(2026, 11, 1)
    file = StoredFile("0" * 64, 1)
    letter = KeptCourrier(12, 1, 1, message, day, "", None, NOW, 3, file)
    return Thread(letter, None, (), None, tuple(Answer(sent, ()) for sent in answers))


def ways(found: Thread, acte: State = ACTE) -> tuple[str, ...]:
    return threads.ways(found, acte)


def test_a_letter_is_called_by_its_kind_and_its_date() -> None:
    called = threads.title(thread("4-1").letter)
    assert called == "Lettre d'observations du 1er\u00a0novembre\u00a02026"


@pytest.mark.parametrize("message", LETTERS)
def test_a_letter_offers_every_answer_that_it_may_have(message: str) -> None:
    found = thread(message)
    assert ways(found) == ANSWERS[message]
    assert all(threads.way(code, found) for code in ways(found))
    assert threads.is_open(found, ACTE) == bool(ANSWERS[message])
    assert threads.expected(found, ACTE).endswith(".")


def test_an_answer_under_way_leaves_nothing_to_do() -> None:
    found = thread("3-1", SENT)
    assert ways(found) == ()
    assert not threads.is_open(found, ACTE)
    assert threads.expected(found, ACTE).startswith("La réponse est donnée. Le service attend ")


def test_a_refused_answer_may_be_given_again() -> None:
    found = thread("4-1", replace(SENT, message="4-4", state=State.REJECTED))
    assert ways(found) == ANSWERS["4-1"]
    assert threads.expected(found, ACTE).startswith("La dernière réponse n'a pas été reçue. ")


def test_an_answer_given_again_hides_the_one_that_was_refused() -> None:
    found = thread("3-1", SENT, replace(SENT, id=6, state=State.REJECTED))
    assert found.answer == SENT


def test_documents_once_received_may_be_completed_and_a_refusal_may_not() -> None:
    received = replace(SENT, state=State.ACKNOWLEDGED, date_reception=date(2026, 11, 23))
    assert ways(thread("3-1", received)) == ("3-4",)
    assert threads.way("3-4", thread("3-1", received)) == "Compléter les pièces"
    assert "compléter" in threads.expected(thread("3-1", received), ACTE)
    refused = replace(received, message="3-3")
    assert ways(thread("3-1", refused)) == ()
    assert threads.expected(thread("3-1", refused), ACTE) == (
        "Rien : la préfecture a reçu la réponse le 23\u00a0novembre\u00a02026."
    )


def test_an_answer_without_ar_is_over_once_handed_over() -> None:
    found = thread("2-1", replace(SENT, message="2-2", state=State.DELIVERED))
    assert "n'en accuse pas réception" in threads.expected(found, ACTE)


def test_a_held_answer_leaves_no_other_to_give_until_somebody_decides() -> None:
    found = thread("3-1", replace(SENT, state=State.HELD, waiting_for="Refus"))
    assert ways(found) == ()


def test_a_letter_about_a_cancelled_act_waits_for_nothing() -> None:
    for found in (thread("3-1"), thread("3-1", replace(SENT, state=State.ACKNOWLEDGED))):
        assert ways(found, State.CANCELLED) == ()
        assert threads.expected(found, State.CANCELLED) == (
            "Rien : la transmission de l'acte est annulée."
        )
    assert "tribunal" in threads.expected(thread("5-1"), State.CANCELLED)


def test_a_sending_is_summed_up_in_one_line() -> None:
    assert threads.summary(SENT) == "Pièces complémentaires : Transmise"
    received = replace(SENT, state=State.ACKNOWLEDGED, date_reception=date(2026, 11, 23))
    assert threads.summary(received).endswith("reçu en préfecture le 23\u00a0novembre\u00a02026")
