"""Collecting: bytes first, every act of the batch looked at whatever becomes of the others."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.bench import RECEPTION, Bench
from tests.support.prefecture import acte_received
from transmission.domain.lifecycle import Event, State
from transmission.domain.outcomes import CannotTell
from transmission.domain.transmission import SERVICE, Transmission
from transmission.ports import Collected, Situation, TdtConfigurationError
from transmission.services import answered
from transmission.services import collect as collecting
from transmission.services.collect import collect
from transmission.services.sweep import sweep

XML = b'<?xml version="1.0"?><retour/>'
ANSWERED = Collected(Situation.ANSWERED, b"OK\n4\n" + XML, XML)
FIRST_LOOK, LOST_BELL = 10, 60


class Stopped(BaseException):
    """The process dies."""


@pytest.fixture
def send(bench: Bench) -> Callable[[int], list[Transmission]]:
    """Sends acts, lets the time of their first look come, and forgets the bells."""

    def sent(number: int) -> list[Transmission]:
        made = [bench.sent() for _ in range(number)]
        bench.clock.advance(FIRST_LOOK)
        bench.silence()
        return made

    return sent


Send = Callable[[int], list[Transmission]]


def _answers(bench: Bench, sent: list[Transmission], *answers: Any) -> None:
    by_reference = {
        made.reference: answer for made, answer in zip(sent, answers, strict=True)
    }  # fmt: skip

    def answer(reference: str) -> Any:
        found = by_reference[reference]
        if isinstance(found, BaseException):
            raise found
        return found

    bench.tdt.on_collect = answer


def _acknowledges(made: Transmission) -> Collected:
    raw = acte_received(made.id_acte, RECEPTION).raw
    return Collected(Situation.ANSWERED, b"OK\n4\n" + raw, raw)


def _reading_fails(monkeypatch: pytest.MonkeyPatch, fault: BaseException) -> None:
    def failing(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(answered, "apply_retour", failing)


def _waiting(bench: Bench, made: Transmission) -> str:
    return str(bench.now_of(made.id).waiting_for)


def test_what_came_is_kept_byte_for_byte_before_anything_is_read_of_it(
    bench: Bench, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = send(1)
    _answers(bench, [made], ANSWERED)
    _reading_fails(monkeypatch, Stopped())
    with pytest.raises(Stopped):
        collect(bench.tools, bench.authority_id)
    (kept,) = bench.retours()
    assert (kept.status, kept.transmission_id) == ("stored", made.id)
    assert kept.source == f"tdt:1:{made.id}"
    with bench.tools.register() as unit:
        stored = unit.lock_retour(kept.id)
    assert stored is not None
    assert bench.tools.documents.read(stored.file) == XML
    assert bench.now_of(made.id).state is State.SUBMITTED


def test_what_came_is_applied_at_once_and_no_bell_is_rung_for_it(bench: Bench, send: Send) -> None:
    (made,) = send(1)
    _answers(bench, [made], _acknowledges(made))
    collect(bench.tools, bench.authority_id)
    after = bench.now_of(made.id)
    assert (after.state, after.date_reception) == (State.ACKNOWLEDGED, RECEPTION)
    assert [kept.status for kept in bench.retours()] == ["applied"]
    assert ("apply", bench.retours()[0].id) not in bench.bells()


@pytest.mark.parametrize("fault", [Stopped(), ZeroDivisionError("bug")], ids=["killed", "fault"])
def test_what_was_kept_and_could_not_be_read_is_read_again_by_the_sweep(
    bench: Bench, send: Send, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    (made,) = send(1)
    _answers(bench, [made], _acknowledges(made))
    _reading_fails(monkeypatch, fault)
    with pytest.raises((Stopped, ExceptionGroup)):
        collect(bench.tools, bench.authority_id)
    monkeypatch.undo()
    bench.silence()
    bench.clock.advance(LOST_BELL + 1)
    sweep(bench.tools)
    assert ("apply", bench.retours()[0].id) in bench.bells()
    bench.run("apply")
    assert bench.now_of(made.id).state is State.ACKNOWLEDGED
    assert bench.tdt.times("collect") == 1


def test_the_same_bytes_met_again_are_neither_kept_nor_read_twice(
    bench: Bench, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = send(1)
    _answers(bench, [made], ANSWERED)
    read: list[int] = []
    monkeypatch.setattr(answered, "apply_retour", lambda _, retour_id, _raw: read.append(retour_id))
    for _ in range(3):
        collect(bench.tools, bench.authority_id)
        bench.clock.advance(60)
    assert bench.tdt.times("collect") == 3
    assert read == [kept.id for kept in bench.retours()]
    assert len(read) == 1


def test_looks_grow_rarer_while_the_prefecture_is_silent(bench: Bench, send: Send) -> None:
    (made,) = send(1)
    waits = []
    for _ in range(4):
        collect(bench.tools, bench.authority_id)
        after = bench.now_of(made.id)
        assert after.next_attempt_at is not None
        waits.append((after.next_attempt_at - bench.clock.now()).total_seconds())
        bench.clock.advance(waits[-1])
    assert waits == [20, 40, 40, 40]
    assert after.polls == 4
    assert after.waiting_for == "l'accusé de réception de la préfecture"


def test_an_act_whose_time_has_not_come_is_not_asked_about(bench: Bench) -> None:
    bench.sent()
    collect(bench.tools, bench.authority_id)
    assert bench.tdt.times("collect") == 0


def test_the_acts_of_another_authority_are_left_to_its_own_task(bench: Bench) -> None:
    bench.sent(authority_id=bench.second_id)
    bench.clock.advance(FIRST_LOOK)
    collect(bench.tools, bench.authority_id)
    assert bench.tdt.times("collect") == 0
    collect(bench.tools, bench.second_id)
    assert bench.tdt.times("collect") == 1


def test_more_acts_than_a_batch_are_left_to_a_next_task_and_all_are_asked_about_once(
    bench: Bench, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "FEW", 1)
    monkeypatch.setattr(collecting, "LOOKS", 2)
    sent = send(5)
    rounds = []
    for _ in range(3):
        bench.silence()
        collect(bench.tools, bench.authority_id)
        rounds.append(bench.tdt.times("collect"))
        more = ("collect", bench.authority_id) in bench.bells()
        assert more is (rounds[-1] < 5)
    assert rounds == [2, 4, 5]
    asked = [reference for name, reference in bench.tdt.asked if name == "collect"]
    assert sorted(asked) == sorted(str(made.reference) for made in sent)


def test_a_tdt_that_cannot_tell_about_one_is_still_asked_about_the_others(
    bench: Bench, send: Send
) -> None:
    sent = send(3)
    waiting = Collected(Situation.WAITING, b"OK\n3\n")
    _answers(bench, sent, CannotTell("délai dépassé"), waiting, ANSWERED)
    collect(bench.tools, bench.authority_id)
    assert "TdT d'essai réponde (délai dépassé)" in _waiting(bench, sent[0])
    assert _waiting(bench, sent[1]) == "l'accusé de réception de la préfecture"
    assert [kept.transmission_id for kept in bench.retours()] == [sent[2].id]
    assert {bench.now_of(made.id).state for made in sent} == {State.SUBMITTED}


def test_an_unknown_status_is_shown_and_never_taken_for_an_answer(bench: Bench, send: Send) -> None:
    (made,) = send(1)
    _answers(bench, [made], Collected(Situation.UNKNOWN, b"OK\n99\n", None, "statut 99 inconnu"))
    collect(bench.tools, bench.authority_id)
    assert bench.now_of(made.id).state is State.SUBMITTED
    assert _waiting(bench, made) == "un statut compréhensible du TdT (statut 99 inconnu)"
    assert bench.retours() == []


def test_a_refusal_of_the_tdt_rejects_the_act_and_its_answer_is_kept(
    bench: Bench, send: Send
) -> None:
    (made,) = send(1)
    body = b"OK\n-1\nLe fichier est illisible"
    _answers(bench, [made], Collected(Situation.REFUSED_BY_TDT, body, None, "illisible"))
    collect(bench.tools, bench.authority_id)
    after = bench.now_of(made.id)
    assert (after.state, after.date_reception) == (State.REJECTED, None)
    assert after.waiting_for == "Refusée par le TdT : illisible"
    (kept,) = bench.retours()
    assert (kept.status, kept.kind, kept.reason) == ("applied", "refus du TdT", "illisible")
    assert kept.size == len(body)


def test_a_refusal_of_an_act_that_moved_on_meanwhile_changes_nothing(
    bench: Bench, send: Send
) -> None:
    (made,) = send(1)

    def acknowledged_meanwhile(_: str) -> Collected:
        with bench.tools.register() as unit:
            unit.move(made, Event.AR_RECEIVED, SERVICE, bench.clock.now())
            unit.commit()
        return Collected(Situation.REFUSED_BY_TDT, b"KO", None, "trop tard")

    bench.tdt.on_collect = acknowledged_meanwhile
    collect(bench.tools, bench.authority_id)
    assert bench.now_of(made.id).state is State.ACKNOWLEDGED
    assert bench.retours() == []


@pytest.mark.parametrize(
    "poison",
    [
        ZeroDivisionError("a bug of the connector"),
        Collected(Situation.ANSWERED, b"OK\n4\n"),
    ],
)
def test_a_poisonous_act_does_not_stop_the_others_and_its_fault_is_told(
    bench: Bench, send: Send, poison: Any
) -> None:
    sent = send(3)
    _answers(bench, sent, ANSWERED, poison, ANSWERED)
    with pytest.raises(ExceptionGroup) as told:
        collect(bench.tools, bench.authority_id)
    assert len(told.value.exceptions) == 1
    assert [kept.transmission_id for kept in bench.retours()] == [sent[0].id, sent[2].id]
    poisoned = bench.now_of(sent[1].id)
    assert (poisoned.state, poisoned.polls) == (State.SUBMITTED, 1)
    assert bench.events(poisoned.id)[-1] == "task_failed"
    assert poisoned.next_attempt_at is not None
    assert poisoned.next_attempt_at > bench.clock.now()


def test_an_answer_with_a_nul_is_told_like_any_other(bench: Bench, send: Send) -> None:
    (sent,) = send(1)
    bench.tdt.on_collect = Collected(Situation.UNKNOWN, b"", None, "O\0K\0")
    collect(bench.tools, bench.authority_id)
    assert "O␀K␀" in _waiting(bench, sent)
    assert "task_failed" not in bench.events(sent.id)


def test_an_account_that_cannot_be_used_is_told_on_every_act_that_waits_for_it(
    bench: Bench, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = send(2)

    def broken(*_: Any) -> None:
        raise TdtConfigurationError("Le certificat a disparu.")

    monkeypatch.setattr(bench.tdt, "connector", broken)
    collect(bench.tools, bench.authority_id)
    assert all("Le certificat a disparu." in _waiting(bench, made) for made in sent)


def test_two_collectors_at_once_do_not_ask_twice_about_an_act(bench: Bench, send: Send) -> None:
    send(2)

    def meanwhile(_: str) -> Collected:
        bench.tdt.on_collect = Collected(Situation.WAITING, b"OK\n3\n")
        collect(bench.tools, bench.authority_id)
        return Collected(Situation.WAITING, b"OK\n3\n")

    bench.tdt.on_collect = meanwhile
    collect(bench.tools, bench.authority_id)
    assert bench.tdt.times("collect") == 2
