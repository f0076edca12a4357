"""ARs of answers and of cancellations reach what they acknowledge, and nothing else."""

from datetime import date
from pathlib import Path

import pytest

from tests.support.bench import RECEPTION, Bench
from tests.support.prefecture import (
    LETTER_DAY,
    Prefecture,
    annulation_received,
    answer_received,
    letter,
)
from tests.support.scene import AUTHOR, pdf
from transmission.domain.errors import RefusedError
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Author, KeptCourrier, Transmission
from transmission.ports import Step
from transmission.services.attach import attach
from transmission.services.cancel import cancel
from transmission.services.files import DepositedFile
from transmission.services.release import abandon
from transmission.services.reply import reply

OPERATOR = Author("opératrice", "vu avec la préfecture")
ANSWERED_ON = date(2023, 3, 14)


def _answered(bench: Bench, folder: Path, thread: KeptCourrier, code: str = "3-4") -> Transmission:
    """An answer of its own to a letter, taken by the TdT."""
    if not bench.classification():
        bench.classified()
    path = folder / f"reponse-{thread.id}-{len(bench.about(thread.acte_id))}.pdf"
    path.write_bytes(pdf(path.stem))
    file = DepositedFile(path, "réponse.pdf")
    answer = reply(bench.tools, thread.id, code, [file], AUTHOR).transmission
    bench.run("prepare", "submit")
    sent = bench.now_of(answer.id)
    assert sent.state is State.SUBMITTED
    return sent


# --- ARs of answers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letter_code", "code", "accuse"),
    [("3-1", "3-3", "3-5"), ("3-1", "3-4", "3-5"), ("4-1", "4-3", "4-5"), ("4-1", "4-4", "4-5")],
)
def test_the_ar_of_an_answer_gives_it_its_date_and_leaves_the_act_its_own(
    bench: Bench,
    prefecture: Prefecture,
    tmp_path: Path,
    letter_code: str,
    code: str,
    accuse: str,
) -> None:
    acte = bench.acknowledged()
    answer = _answered(bench, tmp_path, prefecture.opens(acte, letter_code), code)
    prefecture.answers(answer, answer_received(accuse, acte.id_acte, ANSWERED_ON))
    received = bench.now_of(answer.id)
    assert (received.state, received.date_reception) == (State.ACKNOWLEDGED, ANSWERED_ON)
    assert bench.now_of(acte.id).date_reception == RECEPTION
    last = bench.retours()[-1]
    assert (last.status, last.kind, last.transmission_id) == ("applied", accuse, answer.id)


def test_the_ars_of_two_letters_of_one_day_reach_each_its_answer_by_reference(
    bench: Bench, prefecture: Prefecture, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    threads = [prefecture.opens(acte, "3-1", rank) for rank in (1, 2)]
    first, second = (_answered(bench, tmp_path, thread) for thread in threads)
    for answer, day in ((second, date(2023, 3, 15)), (first, ANSWERED_ON)):
        prefecture.answers(answer, answer_received("3-5", acte.id_acte, day))
    assert bench.now_of(first.id).date_reception == ANSWERED_ON
    assert bench.now_of(second.id).date_reception == date(2023, 3, 15)


def test_the_ars_of_letters_of_two_days_reach_each_its_answer_without_any_reference(
    bench: Bench, prefecture: Prefecture, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    days = [LETTER_DAY, date(2023, 3, 7)]
    answers = []
    for day in days:
        prefecture.sends(letter("4-1", acte.id_acte, day=day))
        answers.append(_answered(bench, tmp_path, bench.letters(acte.acte_id)[-1], "4-4"))
    for day in reversed(days):
        prefecture.sends(answer_received("4-5", acte.id_acte, day.replace(day=20), day))
        prefecture.sends(answer_received("4-5", acte.id_acte, day.replace(day=20), day), numero=2)
    assert [bench.now_of(each.id).state for each in answers] == [State.ACKNOWLEDGED] * 2
    messages = [kept.status for kept in bench.retours() if kept.kind == "4-5"]
    assert messages == ["applied", "duplicate", "applied", "duplicate"]


def test_an_ar_that_two_answers_could_claim_is_given_to_neither(
    bench: Bench, prefecture: Prefecture, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    threads = [prefecture.opens(acte, "3-1", rank) for rank in (1, 2)]
    answers = [_answered(bench, tmp_path, thread) for thread in threads]
    prefecture.sends(answer_received("3-5", acte.id_acte, ANSWERED_ON))
    assert [bench.now_of(each.id).date_reception for each in answers] == [None, None]
    last = bench.retours()[-1]
    assert last.status == "quarantined"
    assert "2 réponses à un courrier du 06/03/2023" in last.reason


def test_a_person_says_which_of_two_answers_an_ar_is_about(
    bench: Bench, prefecture: Prefecture, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    threads = [prefecture.opens(acte, "3-1", rank) for rank in (1, 2)]
    first, second = (_answered(bench, tmp_path, thread) for thread in threads)
    retours = [
        prefecture.answers(None, answer_received("3-5", acte.id_acte, ANSWERED_ON)) for _ in threads
    ]
    with pytest.raises(RefusedError, match="2 réponses"):
        attach(bench.tools, retours[0], acte.acte_id, OPERATOR)
    for retour_id, thread in zip(retours, reversed(threads), strict=True):
        assert attach(bench.tools, retour_id, acte.acte_id, OPERATOR, thread.id) is None
    assert bench.now_of(second.id).date_reception == ANSWERED_ON
    assert bench.now_of(first.id).date_reception == ANSWERED_ON
    assert [kept.transmission_id for kept in bench.retours()[-2:]] == [second.id, first.id]


def test_another_copy_of_an_ar_is_never_taken_for_that_of_the_answer_which_waits(
    bench: Bench, prefecture: Prefecture, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    threads = [prefecture.opens(acte, "3-1", rank) for rank in (1, 2)]
    first = _answered(bench, tmp_path, threads[0])
    prefecture.sends(answer_received("3-5", acte.id_acte, ANSWERED_ON))
    second = _answered(bench, tmp_path, threads[1])
    prefecture.sends(answer_received("3-5", acte.id_acte, ANSWERED_ON), numero=2)
    assert bench.now_of(first.id).state is State.ACKNOWLEDGED
    assert bench.now_of(second.id).state is State.SUBMITTED
    assert bench.retours()[-1].status == "quarantined"
    prefecture.sends(answer_received("3-5", acte.id_acte, date(2023, 3, 15)), numero=3)
    assert bench.now_of(second.id).date_reception == date(2023, 3, 15)


def test_a_second_ar_with_another_date_is_quarantined_and_the_first_date_stays(
    bench: Bench, prefecture: Prefecture, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    answer = _answered(bench, tmp_path, prefecture.opens(acte))
    for day in (ANSWERED_ON, date(2023, 3, 20)):
        prefecture.answers(answer, answer_received("3-5", acte.id_acte, day))
    assert bench.now_of(answer.id).date_reception == ANSWERED_ON
    last = bench.retours()[-1]
    assert last.status == "quarantined"
    assert "14/03/2023" in last.reason
    assert "20/03/2023" in last.reason


@pytest.mark.parametrize("case", ["another day", "another kind", "another act", "no answer"])
def test_an_ar_that_no_answer_explains_waits_on_the_desk(
    bench: Bench, prefecture: Prefecture, tmp_path: Path, case: str
) -> None:
    acte, other = bench.acknowledged(), bench.acknowledged()
    thread = prefecture.opens(acte)
    if case != "no answer":
        _answered(bench, tmp_path, thread)
    accuse = answer_received(
        "4-5" if case == "another kind" else "3-5",
        other.id_acte if case == "another act" else acte.id_acte,
        ANSWERED_ON,
        date(2023, 3, 1) if case == "another day" else LETTER_DAY,
    )
    prefecture.sends(accuse)
    assert bench.retours()[-1].status == "quarantined"
    assert all(sent.date_reception in (None, RECEPTION) for sent in bench.about(acte.acte_id))


def test_an_ar_collected_under_the_reference_of_another_sending_is_given_to_none(
    bench: Bench, prefecture: Prefecture, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    answer = _answered(bench, tmp_path, prefecture.opens(acte))
    prefecture.answers(acte, answer_received("3-5", acte.id_acte, ANSWERED_ON))
    assert bench.now_of(answer.id).state is State.SUBMITTED
    last = bench.retours()[-1]
    assert (last.status, last.transmission_id) == ("quarantined", acte.id)


def test_an_ar_proves_an_answer_whose_sending_was_in_doubt(
    bench: Bench, prefecture: Prefecture, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    answer = _answered(bench, tmp_path, prefecture.opens(acte))
    with bench.tools.register() as unit:
        unit.move(answer, Event.HELD, SERVICE, bench.clock.now())
        unit.commit()
    prefecture.sends(answer_received("3-5", acte.id_acte, ANSWERED_ON))
    assert bench.now_of(answer.id).state is State.ACKNOWLEDGED


def test_an_ar_after_a_refusal_holds_the_answer_and_says_why(
    bench: Bench, prefecture: Prefecture, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    answer = _answered(bench, tmp_path, prefecture.opens(acte))
    with bench.tools.register() as unit:
        unit.move(answer, Event.ANOMALIE_RECEIVED, SERVICE, bench.clock.now())
        unit.commit()
    prefecture.sends(answer_received("3-5", acte.id_acte, ANSWERED_ON))
    held = bench.now_of(answer.id)
    assert (held.state, held.date_reception) == (State.HELD, ANSWERED_ON)
    assert "Une anomalie puis un accusé de réception (daté du 14/03/2023)" in str(held.waiting_for)


def test_the_late_ar_of_a_refused_answer_is_never_that_of_the_one_made_again(
    bench: Bench, prefecture: Prefecture, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    thread = prefecture.opens(acte)
    first = _answered(bench, tmp_path, thread)
    with bench.tools.register() as unit:
        unit.move(first, Event.ANOMALIE_RECEIVED, SERVICE, bench.clock.now())
        unit.commit()
    second = _answered(bench, tmp_path, thread)
    prefecture.answers(first, answer_received("3-5", acte.id_acte, ANSWERED_ON))
    assert bench.now_of(first.id).state is State.REJECTED
    assert bench.now_of(second.id).state is State.SUBMITTED
    last = bench.retours()[-1]
    assert last.status == "quarantined"
    assert "refait depuis" in last.reason


def test_an_ar_without_reference_is_that_of_the_living_answer(
    bench: Bench, prefecture: Prefecture, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    thread = prefecture.opens(acte)
    first = _answered(bench, tmp_path, thread)
    with bench.tools.register() as unit:
        unit.move(first, Event.ANOMALIE_RECEIVED, SERVICE, bench.clock.now())
        unit.commit()
    second = _answered(bench, tmp_path, thread)
    prefecture.sends(answer_received("3-5", acte.id_acte, ANSWERED_ON))
    assert bench.now_of(first.id).state is State.REJECTED
    assert bench.now_of(second.id).date_reception == ANSWERED_ON


# --- ARs of cancellations ----------------------------------------------------------------------


def _cancelling(bench: Bench, acte: Transmission) -> Transmission:
    cancel(bench.tools, acte.acte_id, OPERATOR)
    bench.run("prepare", "submit")
    sent = bench.about(acte.acte_id, "6-1")[-1]
    assert sent.state is State.SUBMITTED
    return sent


@pytest.mark.parametrize("by_reference", [True, False])
def test_a_cancellation_received_cancels_the_act_with_a_date_of_its_own(
    bench: Bench, prefecture: Prefecture, *, by_reference: bool
) -> None:
    acte = bench.acknowledged()
    asked = _cancelling(bench, acte)
    prefecture.answers(
        asked if by_reference else None, annulation_received(acte.id_acte, ANSWERED_ON)
    )
    received, cancelled = bench.now_of(asked.id), bench.now_of(acte.id)
    assert (received.state, received.date_reception) == (State.ACKNOWLEDGED, ANSWERED_ON)
    assert (cancelled.state, cancelled.date_reception) == (State.CANCELLED, RECEPTION)
    assert cancelled.waiting_for == "Annulée le 14/03/2023"


def test_a_cancellation_received_twice_is_one(bench: Bench, prefecture: Prefecture) -> None:
    acte = bench.acknowledged()
    asked = _cancelling(bench, acte)
    for _ in range(2):
        prefecture.answers(asked, annulation_received(acte.id_acte, ANSWERED_ON))
    assert [kept.status for kept in bench.retours()] == ["applied", "duplicate"]
    prefecture.answers(asked, annulation_received(acte.id_acte, date(2023, 3, 20)))
    assert bench.retours()[-1].status == "quarantined"
    assert bench.now_of(asked.id).date_reception == ANSWERED_ON


def test_a_cancellation_that_nobody_asked_for_waits_on_the_desk(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    prefecture.answers(None, annulation_received(acte.id_acte, ANSWERED_ON))
    assert bench.now_of(acte.id).state is State.ACKNOWLEDGED
    last = bench.retours()[-1]
    assert last.status == "quarantined"
    assert "personne n'a demandée ici" in last.reason


def test_a_cancellation_received_once_given_up_writes_nothing_at_all(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    asked = _cancelling(bench, acte)
    with bench.tools.register() as unit:
        held = unit.move(asked, Event.HELD, SERVICE, bench.clock.now(), Step())
        unit.commit()
    abandon(bench.tools, acte.acte_id, OPERATOR)
    before = bench.now_of(held.id)
    assert before.state is State.REJECTED
    prefecture.answers(None, annulation_received(acte.id_acte, ANSWERED_ON))
    assert bench.now_of(held.id) == before
    assert bench.now_of(acte.id).state is State.ACKNOWLEDGED
    assert bench.retours()[-1].status == "quarantined"
    assert bench.events(held.id)[-1] == "abandoned"


def test_the_cancellation_of_one_act_collected_for_another_is_given_to_neither(
    bench: Bench, prefecture: Prefecture
) -> None:
    actes = [bench.acknowledged() for _ in range(2)]
    asked = [_cancelling(bench, acte) for acte in actes]
    prefecture.answers(asked[0], annulation_received(actes[1].id_acte, ANSWERED_ON))
    assert {bench.now_of(acte.id).state for acte in actes} == {State.CANCELLING}
    assert bench.retours()[-1].status == "quarantined"
