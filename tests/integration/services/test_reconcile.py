"""An uncertain sending is resolved by asking, never by sending again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.scene import Scene
from transmission.domain.lifecycle import State
from transmission.domain.outcomes import Absent, CannotTell, Found, InDoubt
from transmission.domain.transmission import Transmission
from transmission.ports import TdtConfigurationError
from transmission.services.reconcile import MAX_ATTEMPTS, UNANSWERED, reconcile
from transmission.services.submit import submit
from transmission.services.sweep import sweep

REST = 30


@pytest.fixture
def doubted(bench: Bench) -> Transmission:
    """A sending in doubt, its time of rest over, no bell left."""
    made = bench.in_doubt()
    bench.clock.advance(REST)
    bench.silence()
    return made


def test_what_the_tdt_has_is_sent_under_its_reference_and_asked_about(
    bench: Bench, doubted: Transmission
) -> None:
    bench.tdt.on_find = Found("4711")
    reconcile(bench.tools, doubted.id)
    after = bench.now_of(doubted.id)
    assert (after.state, after.reference, after.attempts) == (State.SUBMITTED, "4711", 1)
    assert after.next_attempt_at is not None
    assert after.next_attempt_at > bench.clock.now()
    bench.clock.instant = after.next_attempt_at
    sweep(bench.tools)
    assert bench.bells() == [("collect", bench.authority_id)]


def test_what_the_tdt_clearly_lacks_may_be_sent_again(bench: Bench, doubted: Transmission) -> None:
    bench.tdt.on_find = Absent()
    reconcile(bench.tools, doubted.id)
    assert bench.now_of(doubted.id).state is State.PREPARED
    assert bench.bells() == [("send", bench.authority_id)]
    assert bench.now_of(doubted.id).next_attempt_at == bench.clock.now()
    assert bench.tdt.times("submit") == 1


def test_a_state_that_cannot_be_asked_and_stays_silent_a_day_leaves_the_decision_to_a_person(
    bench: Bench, doubted: Transmission
) -> None:
    bench.tdt.capabilities_of_all = replace(bench.tdt.capabilities_of_all, has_status=False)
    bench.tdt.on_find = CannotTell("le ministère ne répond que par courriel")
    reconcile(bench.tools, doubted.id)
    assert bench.now_of(doubted.id).state is State.IN_DOUBT
    bench.clock.advance(UNANSWERED.total_seconds())
    reconcile(bench.tools, doubted.id)
    after = bench.now_of(doubted.id)
    assert after.state is State.HELD
    assert "préfecture" in str(after.waiting_for)
    assert bench.tdt.times("submit") == 1


def test_when_the_tdt_cannot_tell_the_doubt_stays_with_its_reason_and_longer_waits(
    bench: Bench, doubted: Transmission
) -> None:
    bench.tdt.on_find = CannotTell("fermé pour la nuit")
    waits = []
    for _ in range(3):
        reconcile(bench.tools, doubted.id)
        after = bench.now_of(doubted.id)
        assert after.state is State.IN_DOUBT
        assert after.next_attempt_at is not None
        waits.append((after.next_attempt_at - bench.clock.now()).total_seconds())
    assert waits == [30, 60, 60]
    assert "fermé pour la nuit" in str(after.waiting_for)
    assert bench.bells() == []
    assert bench.tdt.times("submit") == 1


def test_the_tdt_is_not_asked_before_the_sending_has_rested(bench: Bench) -> None:
    made = bench.in_doubt()
    bench.clock.advance(REST - 1)
    bench.tdt.on_find = Absent()
    reconcile(bench.tools, made.id)
    assert bench.tdt.times("find") == 0
    assert bench.now_of(made.id) == made


@pytest.mark.parametrize("reach", [Bench.acte, Bench.prepared, Bench.sent])
def test_a_sending_that_is_not_in_doubt_is_left_alone(
    bench: Bench, reach: Callable[[Bench], Transmission]
) -> None:
    made = reach(bench)
    reconcile(bench.tools, made.id)
    assert bench.tdt.times("find") == 0
    assert bench.now_of(made.id) == made


def test_an_account_that_cannot_be_used_says_so_and_the_doubt_stays(
    bench: Bench, doubted: Transmission, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise TdtConfigurationError("Le certificat a disparu.")

    monkeypatch.setattr(bench.tdt, "connector", broken)
    reconcile(bench.tools, doubted.id)
    after = bench.now_of(doubted.id)
    assert after.state is State.IN_DOUBT
    assert "Le certificat a disparu." in str(after.waiting_for)


def test_an_answer_that_comes_after_the_matter_was_settled_changes_nothing(
    bench: Bench, doubted: Transmission
) -> None:
    def settled_meanwhile(_: Any) -> Absent:
        bench.tdt.on_find = Found("4711")
        reconcile(bench.tools, doubted.id)
        return Absent()

    bench.tdt.on_find = settled_meanwhile
    reconcile(bench.tools, doubted.id)
    assert bench.now_of(doubted.id).state is State.SUBMITTED
    assert bench.bells() == []


def test_an_answer_about_a_former_attempt_never_sends_the_next_one_again(
    bench: Bench, doubted: Transmission
) -> None:
    def resent_meanwhile(_: Any) -> Absent:
        bench.tdt.on_find = Absent()
        reconcile(bench.tools, doubted.id)
        bench.tdt.on_submit = InDoubt("nouvelle coupure")
        submit(bench.tools, bench.now_of(doubted.id))
        return Absent()

    bench.tdt.on_find = resent_meanwhile
    reconcile(bench.tools, doubted.id)
    after = bench.now_of(doubted.id)
    assert (after.state, after.attempts) == (State.IN_DOUBT, 2)
    assert "nouvelle coupure" in str(after.waiting_for)


def test_asking_is_about_the_very_parcel_that_was_sealed(
    bench: Bench, doubted: Transmission
) -> None:
    bench.tdt.on_find = Absent()
    reconcile(bench.tools, doubted.id)
    sent, asked = (about for name, about in bench.tdt.asked if name in ("submit", "find"))
    assert (asked.archive_name, asked.archive_sha256) == (sent.archive_name, sent.archive_sha256)
    with asked.open_archive() as one, sent.open_archive() as other:
        assert one.read() == other.read()


def test_an_act_that_the_tdt_never_gets_asks_for_a_person_after_five_sendings(
    scene: Scene,
) -> None:
    scene.manage("faults", fault="cut_before_accept", paths=["actes_transac_submit.php"], times=20)
    taken = scene.accept()
    scene.run()
    for _ in range(20):
        scene.later(60)
    transmission = scene.transmission(taken.acte_id)
    assert transmission.state is State.HELD
    assert transmission.attempts == MAX_ATTEMPTS
    assert "5 fois" in (transmission.waiting_for or "")
