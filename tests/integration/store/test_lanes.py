"""What waits, for whom: due, claimed with the urgent first, looked at later, explained."""

import re
from datetime import date, timedelta

import psycopg
from sqlalchemy import select, text

from tests.support.bench import Bench
from transmission.domain.identifiers import NatureActe
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Transmission
from transmission.ports import Step
from transmission.store.lanes import _CLAIM
from transmission.store.tables import rung


def test_what_is_due_comes_oldest_first_bounded_locked_and_not_twice(bench: Bench) -> None:
    acts = [bench.acte() for _ in range(3)]
    now = bench.clock.now()
    with bench.tools.register() as unit:
        for rank, made in enumerate(reversed(acts)):
            unit.postpone(made, Step(next_attempt_at=now + timedelta(seconds=rank)))
        unit.commit()
    late = now + timedelta(seconds=1)
    with bench.tools.register() as one, bench.tools.register() as other:
        assert [t.id for t in one.due(["accepted"], late, 1)] == [acts[2].id]
        assert [t.id for t in other.due(["accepted"], late, 5)] == [acts[1].id]
        assert other.due(["prepared"], late, 5) == []
        assert other.due(["accepted"], late, 5, bench.second_id) == []


def test_authorities_with_something_due_are_named_once(bench: Bench) -> None:
    sent = [bench.sent(), bench.sent(), bench.sent(authority_id=bench.second_id)]
    when = sent[0].next_attempt_at
    assert when is not None
    with bench.tools.register() as unit:
        before = when - timedelta(seconds=1)
        assert unit.authorities_with_due(["submitted"], before) == []
        assert unit.authorities_with_due(["accepted", "prepared"], when) == []
        found = unit.authorities_with_due(["accepted", "submitted"], when)
    assert sorted(found) == sorted([bench.authority_id, bench.second_id])


def _claimed(bench: Bench, limit: int, urgent_by: date = date(2023, 3, 13)) -> list[int]:
    now = bench.clock.now()
    with bench.tools.register() as unit:
        found = unit.claim(bench.authority_id, now, now + timedelta(hours=1), limit, urgent_by)
        unit.commit()
    assert {each.next_attempt_at for each in found} <= {now + timedelta(hours=1)}
    return [each.id for each in found]


def _due_at_once(bench: Bench, *made: Transmission) -> None:
    with bench.tools.register() as unit:
        unit.due_at([each.id for each in made], bench.clock.now() - timedelta(seconds=1))
        unit.commit()


def test_the_urgent_are_claimed_first_then_the_oldest_and_nobody_gets_them_twice(
    bench: Bench,
) -> None:
    old, older = bench.acte(), bench.acte()
    urgent = bench.acte(nature=NatureActe.INDIVIDUEL, decided=date(2023, 2, 25))
    other = bench.acte(authority_id=bench.second_id)
    _due_at_once(bench, older)
    bench.clock.advance(1)
    _due_at_once(bench, old, urgent, other)
    assert _claimed(bench, 2) == [urgent.id, older.id]
    assert _claimed(bench, 5) == [old.id]
    assert _claimed(bench, 5) == []


def test_rows_in_other_hands_are_not_claimed_and_none_is_claimed_of_nothing(bench: Bench) -> None:
    made = bench.acte()
    _due_at_once(bench, made)
    assert _claimed(bench, 0) == []
    with bench.tools.register() as holder:
        holder.lock_transmission(made.id)
        assert _claimed(bench, 5) == []
    assert _claimed(bench, 5) == [made.id]


def test_what_was_claimed_in_vain_comes_alone_once_nothing_else_is_due(bench: Bench) -> None:
    vain = [bench.acte(nature=NatureActe.INDIVIDUEL) for _ in range(2)]
    _due_at_once(bench, *vain)
    urgent_by = date(2099, 1, 1)
    assert _claimed(bench, 5, urgent_by) == [each.id for each in vain]
    bench.clock.advance(7200)
    fresh = [bench.acte() for _ in range(2)]
    _due_at_once(bench, *fresh)
    assert _claimed(bench, 1, urgent_by) == [fresh[0].id]
    assert _claimed(bench, 5, urgent_by) == [fresh[1].id]
    assert _claimed(bench, 0, urgent_by) == []
    assert _claimed(bench, 5, urgent_by) == [vain[0].id]
    assert _claimed(bench, 5, urgent_by) == [vain[1].id]
    assert _claimed(bench, 5, urgent_by) == []
    assert [bench.now_of(each.id).claims for each in (*vain, *fresh)] == [2, 2, 1, 1]


def test_whatever_is_heard_of_what_was_claimed_makes_it_fresh_again(bench: Bench) -> None:
    moved, postponed, given_back, silent = made = [bench.acte() for _ in range(4)]
    _due_at_once(bench, *made)
    assert len(_claimed(bench, 5)) == len(made)
    now = bench.clock.now()
    with bench.tools.register() as unit:
        unit.move(bench.now_of(moved.id), Event.PREPARED, SERVICE, now)
        unit.postpone(bench.now_of(postponed.id), Step(now))
        unit.due_at([given_back.id], now)
        unit.note(bench.now_of(silent.id), "noted", SERVICE, now)
        unit.commit()
    assert [bench.now_of(each.id).claims for each in made] == [0, 0, 0, 1]


def test_a_claim_reads_what_waits_in_its_lane_and_nothing_else(bench: Bench) -> None:
    for _ in range(3):
        bench.acte()
    values = {
        "authority": bench.authority_id,
        "now": bench.clock.now(),
        "until": bench.clock.now(),
        "most": 32,
        "urgent_by": date(2023, 3, 13),
    }
    statement, constants, _ = _CLAIM._compiled
    with bench.engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        rows = driver.execute(f"EXPLAIN {statement}", constants | values).fetchall()
    plan = "\n".join(row[0] for row in rows)
    scans = re.findall(r"Scan using transmission_(\w+)_idx on transmission", plan)
    assert len(scans) == 3, plan
    assert set(scans) <= {"lane", "urgent"}
    assert "Seq Scan" not in plan


def test_what_left_the_lane_is_not_given_back_to_it(bench: Bench) -> None:
    sent = bench.sent()
    _due_at_once(bench, sent)
    assert bench.now_of(sent.id) == sent


def test_looks_are_counted_and_planned_each_at_its_own_time(bench: Bench) -> None:
    first, second = bench.sent(), bench.sent()
    now = bench.clock.now()
    with bench.tools.register() as unit:
        unit.plan_looks([], [])
        unit.plan_looks([first, second], [now, now + timedelta(minutes=1)])
        unit.commit()
    after = [bench.now_of(each.id) for each in (first, second)]
    assert [each.polls for each in after] == [first.polls + 1, second.polls + 1]
    assert [each.next_attempt_at for each in after] == [now, now + timedelta(minutes=1)]


def test_what_is_waited_for_is_told_to_those_that_still_wait(bench: Bench) -> None:
    sent, moved = bench.sent(), bench.sent()
    with bench.tools.register() as unit:
        unit.postpone(sent, Step(sent.next_attempt_at, "autre chose"))
        unit.explain([])
        stale = [(sent, "la préfecture"), (bench.acknowledged(), "rien"), (moved, "un tour")]
        unit.explain(stale)
        unit.commit()
    assert bench.now_of(sent.id).waiting_for == "la préfecture"
    assert bench.now_of(moved.id).waiting_for == "un tour"


def test_a_lane_that_is_answered_may_be_rung_again(bench: Bench) -> None:
    with bench.tools.register() as unit:
        unit.answer("send", bench.authority_id)
        unit.answer("send", bench.authority_id)
        unit.commit()
    with bench.engine.connect() as connection:
        assert connection.execute(select(rung)).all() == []
    assert bench.acte().state is State.ACCEPTED
