"""The sweep finds what was forgotten, once; faults of ours are counted until a person is asked."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.bench import Bench
from transmission.domain.lifecycle import Event, State
from transmission.domain.outcomes import Unavailable
from transmission.domain.transmission import SERVICE, RetourStatus, StoredFile, Transmission
from transmission.ports import Arrived, Step
from transmission.services import sweep as sweeping
from transmission.services.circuit import PAUSES
from transmission.services.prepare import prepare
from transmission.services.submit import submit
from transmission.services.sweep import MAX_FAILURES, record_failure, sweep
from transmission.store.outbox import Lanes, relay_batch
from transmission.store.tables import journal
from workers.queues import LANES

LOST_BELL, SUBMISSION_MAX, SETTLE, FIRST_LOOK = 60, 60, 30, 10


class Stopped(BaseException):
    """The process dies."""


def _submitting(bench: Bench) -> Transmission:
    """An act whose sending was cut by the death of its process."""
    made = bench.prepared()
    usual, bench.tdt.on_submit = bench.tdt.on_submit, Stopped()
    with pytest.raises(Stopped):
        submit(bench.tools, bench.now_of(made.id))
    bench.tdt.on_submit = usual
    return bench.now_of(made.id)


def _unread(bench: Bench, source: str = "tdt:1") -> int:
    with bench.tools.register() as unit:
        file, now = StoredFile("ab" * 32, 3), bench.clock.now()
        retour_id = unit.add_retour(Arrived(bench.authority_id, file, source, now))
        unit.commit()
    assert retour_id is not None
    return retour_id


def test_a_doubt_is_rung_for_after_its_rest_and_then_rests_as_long(bench: Bench) -> None:
    made = bench.in_doubt()
    bench.silence()
    bench.clock.advance(SETTLE - 1)
    assert sweep(bench.tools) == 0
    bench.clock.advance(1)
    assert sweep(bench.tools) == 1
    assert sweep(bench.tools) == 0
    assert bench.bells() == [("reconcile", made.id)]
    after = bench.now_of(made.id)
    assert (after.state, after.waiting_for) == (made.state, made.waiting_for)
    assert after.next_attempt_at == bench.clock.now() + timedelta(seconds=LOST_BELL)


@pytest.mark.parametrize("reach", [Bench.acte, Bench.prepared])
def test_a_lost_bell_of_a_lane_is_rung_again_after_its_delay_and_the_act_stays_due(
    bench: Bench, reach: Callable[[Bench], Transmission]
) -> None:
    made = reach(bench)
    bench.silence()
    bench.clock.advance(LOST_BELL - 1)
    assert sweep(bench.tools) == 0
    bench.clock.advance(1)
    assert sweep(bench.tools) == 1
    assert bench.bells() == [("send", bench.authority_id)]
    # Whoever answers takes it: a sweep changes nothing of what a lane has to send.
    assert bench.now_of(made.id) == made
    sweep(bench.tools)
    assert bench.bells() == [("send", bench.authority_id)]


def test_a_stalled_sending_becomes_a_doubt_and_is_never_simply_sent_again(bench: Bench) -> None:
    made = _submitting(bench)
    bench.silence()
    bench.clock.advance(SUBMISSION_MAX - 1)
    sweep(bench.tools)
    assert bench.now_of(made.id).state is State.SUBMITTING
    bench.clock.advance(1)
    sweep(bench.tools)
    after = bench.now_of(made.id)
    assert (after.state, after.attempts) == (State.IN_DOUBT, 1)
    assert "arrêt du service" in str(after.waiting_for)
    assert after.next_attempt_at == bench.clock.now() + timedelta(seconds=SETTLE)
    assert bench.events(made.id)[-1] == "submission_uncertain"
    assert bench.bells() == []


def test_acts_that_are_due_for_a_look_ring_once_for_their_authority(bench: Bench) -> None:
    for authority_id in (bench.authority_id, bench.authority_id, bench.second_id):
        bench.sent(authority_id=authority_id)
    bench.silence()
    sweep(bench.tools)
    assert bench.bells() == []
    bench.clock.advance(FIRST_LOOK)
    sweep(bench.tools)
    assert sorted(bench.bells()) == [
        ("collect", bench.authority_id),
        ("collect", bench.second_id),
    ]


def test_a_retour_that_nobody_read_is_read_after_all(bench: Bench) -> None:
    read, unread = _unread(bench, "tdt:1"), _unread(bench, "tdt:2")
    with bench.tools.register() as unit:
        unit.settle_retour(read, RetourStatus.APPLIED, "1-2")
        unit.commit()
    bench.clock.advance(LOST_BELL)
    sweep(bench.tools)
    assert bench.bells() == []
    bench.clock.advance(1)
    sweep(bench.tools)
    assert bench.bells() == [("apply", unread)]


def test_what_waits_for_a_person_or_is_over_rings_no_more(bench: Bench) -> None:
    held, over = bench.acte(), bench.sent()
    with bench.tools.register() as unit:
        unit.move(held, Event.HELD, SERVICE, bench.clock.now())
        unit.move(over, Event.AR_RECEIVED, SERVICE, bench.clock.now())
        unit.commit()
    bench.silence()
    bench.clock.advance(30 * 86_400)
    assert sweep(bench.tools) == 0
    assert bench.bells() == []


def test_a_queue_longer_than_a_batch_is_seen_whole_in_one_sweep(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    waiting = [bench.in_doubt() for _ in range(5)]
    stalled = [_submitting(bench) for _ in range(3)]
    for authority_id in (bench.authority_id, bench.second_id):
        bench.acte(authority_id=authority_id)
    bench.silence()
    bench.clock.advance(SUBMISSION_MAX)
    assert sweep(bench.tools) == 10
    assert bench.bells()[:5] == [("reconcile", made.id) for made in waiting]
    assert sorted(bench.bells()[5:]) == [("send", bench.authority_id), ("send", bench.second_id)]
    assert {bench.now_of(made.id).state for made in stalled} == {State.IN_DOUBT}


def test_a_row_in_other_hands_is_left_to_them_and_the_sweep_ends(bench: Bench) -> None:
    busy, free = bench.in_doubt(), bench.in_doubt()
    bench.silence()
    bench.clock.advance(LOST_BELL)
    with bench.tools.register() as holder:
        holder.lock_transmission(busy.id)
        assert sweep(bench.tools) == 1
    assert bench.bells() == [("reconcile", free.id)]


def test_a_lane_whose_act_is_in_other_hands_is_rung_for_without_waiting(bench: Bench) -> None:
    busy = bench.acte()
    bench.silence()
    bench.clock.advance(LOST_BELL)
    with bench.tools.register() as holder:
        holder.lock_transmission(busy.id)
        assert sweep(bench.tools) == 1
    assert bench.bells() == [("send", bench.authority_id)]


def test_two_sweeps_at_once_ring_once(bench: Bench) -> None:
    made = [bench.in_doubt() for _ in range(10)]
    bench.silence()
    bench.clock.advance(LOST_BELL)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(sweep, [bench.tools] * 4)) == 10
    assert sorted(bench.bells()) == [("reconcile", each.id) for each in made]


def test_two_sweeps_at_once_ring_for_a_lane_and_one_message_leaves(bench: Bench) -> None:
    for _ in range(10):
        bench.acte()
    bench.silence()
    bench.clock.advance(LOST_BELL)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sweep, [bench.tools] * 4))
    published: list[tuple[str, int]] = []
    now = bench.clock.now()
    lanes = Lanes(LANES, now, now - timedelta(seconds=LOST_BELL))
    while relay_batch(bench.engine, lambda *bell: published.append(bell), lanes, limit=1):
        pass
    assert published == [("send", bench.authority_id)]


def test_a_relay_that_is_away_for_long_does_not_make_the_outbox_grow(bench: Bench) -> None:
    bench.acte(), bench.prepared(), bench.in_doubt(), bench.sent()
    _unread(bench)
    for _ in range(20):
        bench.clock.advance(LOST_BELL + 1)
        sweep(bench.tools)
    bells = bench.bells()
    assert len(bells) == len(set(bells))


def test_a_fault_of_ours_is_counted_told_and_waits_longer_each_time(bench: Bench) -> None:
    made = bench.acte()
    waits = []
    for rank in range(1, 4):
        record_failure(bench.tools, made.id, "prepare", "OSError : disque plein")
        after = bench.now_of(made.id)
        assert (after.state, after.failures) == (State.ACCEPTED, rank)
        assert after.waiting_for == made.waiting_for
        waits.append(_wait(bench, after))
    assert waits == [30, 60, 60]
    with bench.engine.connect() as connection:
        row = connection.execute(select(journal).where(journal.c.event == "task_failed")).first()
    assert row is not None
    assert row.details == {"tache": "prepare", "erreur": "OSError : disque plein"}
    assert (row.source, row.target) == (None, None)


@pytest.mark.parametrize(("reach", "task"), [(Bench.acte, "prepare"), (Bench.prepared, "submit")])
def test_after_some_faults_in_a_row_a_person_is_asked_with_the_last_of_them(
    bench: Bench, reach: Callable[[Bench], Transmission], task: str
) -> None:
    made = reach(bench)
    for _ in range(MAX_FAILURES - 1):
        record_failure(bench.tools, made.id, task, "OSError : disque plein")
        assert bench.now_of(made.id).state is made.state
    record_failure(bench.tools, made.id, task, "OSError : disque absent")
    held = bench.now_of(made.id)
    assert (held.state, held.next_attempt_at) == (State.HELD, None)
    assert held.waiting_for == f"Échecs répétés de « {task} » : OSError : disque absent"


def test_a_sending_in_doubt_is_never_held_for_our_own_faults(bench: Bench) -> None:
    made = bench.in_doubt()
    for _ in range(2 * MAX_FAILURES):
        record_failure(bench.tools, made.id, "reconcile", "bug")
    assert bench.now_of(made.id).state is State.IN_DOUBT


def test_a_success_ends_the_row_of_faults(bench: Bench) -> None:
    made = bench.acte()
    for _ in range(MAX_FAILURES - 1):
        record_failure(bench.tools, made.id, "prepare", "disque plein")
    prepare(bench.tools, bench.now_of(made.id))
    record_failure(bench.tools, made.id, "submit", "disque plein")
    assert bench.now_of(made.id).state is State.PREPARED


def test_a_fault_during_a_sending_does_not_bring_its_doubt_forward(bench: Bench) -> None:
    made = _submitting(bench)
    record_failure(bench.tools, made.id, "submit", "base injoignable")
    after = bench.now_of(made.id)
    assert (after.state, after.next_attempt_at) == (State.SUBMITTING, made.next_attempt_at)
    assert bench.events(made.id)[-1] == "task_failed"


def test_a_fault_about_an_act_that_is_over_makes_it_wait_for_nothing(bench: Bench) -> None:
    made = bench.sent()
    with bench.tools.register() as unit:
        over = unit.move(made, Event.AR_RECEIVED, SERVICE, bench.clock.now(), Step())
        unit.commit()
    record_failure(bench.tools, made.id, "submit", "trop tard")
    assert bench.now_of(made.id) == over
    assert bench.events(made.id)[-1] == "task_failed"


def test_a_fault_with_any_text_is_recorded_and_an_unknown_act_is_no_fault(bench: Bench) -> None:
    made = bench.acte()
    record_failure(bench.tools, made.id, "prepare", "nul \x00 " + "x" * 10_000)
    assert bench.events(made.id)[-1] == "task_failed"
    record_failure(bench.tools, 999, "prepare", "inconnu")


def test_a_tdt_that_is_away_is_waited_for_and_never_held(bench: Bench) -> None:
    made = bench.prepared()
    bench.tdt.on_submit = Unavailable("connexion refusée")
    for _ in range(3 * MAX_FAILURES):
        submit(bench.tools, bench.now_of(made.id))
        after = bench.now_of(made.id)
        assert "connexion refusée" in str(after.waiting_for)
        assert _wait(bench, after) == 30
        bench.clock.advance(max(PAUSES))
    assert (after.state, after.attempts, after.failures) == (State.PREPARED, 3 * MAX_FAILURES, 0)


def _wait(bench: Bench, made: Any) -> float:
    until: datetime = made.next_attempt_at
    return (until - bench.clock.now()).total_seconds()
