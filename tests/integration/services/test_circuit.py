"""The health of a TdT: what all authorities meet there decides how much is tried, and when."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.bench import COLLECTIVITE, TDT, Bench
from transmission.domain.collectivite import TdtAccount, TransmissionWindow
from transmission.domain.identifiers import Siren
from transmission.domain.lifecycle import State
from transmission.domain.outcomes import (
    Accepted,
    Duplicate,
    InDoubt,
    Outcome,
    Refused,
    Unavailable,
)
from transmission.ports import Circuit, TdtConfigurationError
from transmission.services.circuit import FAILURES_TO_OPEN, PAUSES, admits, allowance, report
from transmission.services.send import BATCH, send
from transmission.services.submit import submit
from transmission.services.sweep import sweep
from transmission.store.outbox import Lanes, relay_batch
from workers.queues import LANES
from workers.tasks import SERVICES

AWAY = Unavailable("connexion refusée")
OTHER = replace(TDT, base_url="https://autre.invalid")
OUTAGE = 2 * 3600


class Health:
    """The circuit of a TdT, as a sending meets it."""

    def __init__(self, bench: Bench, account: TdtAccount = TDT) -> None:
        self.bench, self.account = bench, account

    def meets(self, *outcomes: Outcome, left_ago: float = 0) -> None:
        """Parcels that left so many seconds ago met this, one after the other."""
        now = self.bench.clock.now()
        with self.bench.tools.register() as unit:
            for outcome in outcomes:
                report(unit, self.account, now - timedelta(seconds=left_ago), now, outcome)
            unit.commit()

    def allows(self, most: int = BATCH) -> int:
        with self.bench.tools.register() as unit:
            return allowance(unit, self.account, self.bench.clock.now(), most)

    def admits(self) -> bool:
        with self.bench.tools.register() as unit:
            admitted = admits(unit, self.account, self.bench.clock.now())
            unit.commit()
        return admitted

    def known(self) -> Circuit | None:
        with self.bench.tools.register() as unit:
            return unit.circuit(self.account.base_url)

    def opened(self) -> "Health":
        self.meets(*[AWAY] * FAILURES_TO_OPEN)
        return self


@pytest.fixture
def health(bench: Bench) -> Health:
    return Health(bench)


def test_a_tdt_that_never_failed_is_given_all_and_nothing_is_written_about_it(
    health: Health,
) -> None:
    health.meets(Accepted("1"), Refused("non"), Duplicate("2"))
    assert (health.allows(), health.admits(), health.known()) == (BATCH, True, None)


@pytest.mark.parametrize("failure", [AWAY, InDoubt("délai dépassé")])
def test_failures_in_a_row_open_and_one_less_does_not(health: Health, failure: Outcome) -> None:
    health.meets(*[failure] * (FAILURES_TO_OPEN - 1))
    assert health.allows() > 0
    assert health.admits()
    health.meets(failure)
    assert (health.allows(), health.admits()) == (0, False)
    known = health.known()
    assert known is not None
    assert known.reason == failure.reason  # type: ignore[union-attr]


@pytest.mark.parametrize("answer", [Accepted("1"), Duplicate("1"), Refused("objet trop long")])
def test_any_answer_is_health_a_refusal_too(health: Health, answer: Outcome) -> None:
    for _ in range(3):
        health.meets(*[AWAY] * (FAILURES_TO_OPEN - 1), answer)
    assert health.admits()
    health.opened().meets(answer)
    assert health.admits()


def test_the_acts_of_all_authorities_tell_of_their_tdt(bench: Bench, health: Health) -> None:
    owners = [bench.authority_id, bench.second_id, bench.authority_id, bench.second_id]
    sent = [bench.prepared(authority_id=owner) for owner in owners]
    bench.tdt.on_submit = AWAY
    for made in sent:
        submit(bench.tools, bench.now_of(made.id))
    assert bench.tdt.times("submit") == FAILURES_TO_OPEN
    assert bench.now_of(sent[-1].id).attempts == 0
    assert health.allows() == 0


def test_another_tdt_is_not_concerned(bench: Bench, health: Health) -> None:
    health.opened()
    other = Health(bench, OTHER)
    assert (other.allows(), other.admits()) == (BATCH, True)
    other.meets(Accepted("1"))
    assert health.allows() == 0


def test_when_the_pause_is_over_one_tries_and_the_others_wait_for_what_it_meets(
    bench: Bench, health: Health
) -> None:
    health.opened()
    bench.clock.advance(PAUSES[0] - 1)
    assert (health.allows(), health.admits()) == (0, False)
    bench.clock.advance(1)
    assert health.allows() == 1
    assert health.allows() == 1, "to look is not to try"
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: health.admits(), range(8))) == 1
    assert health.allows() == 0


def test_of_two_that_try_at_the_same_instant_one_does(bench: Bench, health: Health) -> None:
    health.opened()
    bench.clock.advance(PAUSES[0])
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with ThreadPoolExecutor(1) as pool, bench.tools.register() as unit:
        assert admits(unit, TDT, bench.clock.now())
        other = pool.submit(health.admits)
        with bench.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as watch:
            while not watch.exec_driver_sql(waiting).scalar_one():
                assert not other.done()
        unit.commit()
        assert other.result(30) is False


def test_one_that_tries_and_dies_keeps_the_others_waiting_for_a_pause_only(
    bench: Bench, health: Health
) -> None:
    health.opened()
    bench.clock.advance(PAUSES[0])
    assert [health.admits(), health.admits()] == [True, False]
    bench.clock.advance(PAUSES[0])
    assert [health.admits(), health.admits()] == [True, False]


def test_pauses_grow_and_the_last_repeats(bench: Bench, health: Health) -> None:
    health.opened()
    since = bench.clock.now()
    for pause in (*PAUSES, PAUSES[-1], PAUSES[-1]):
        bench.clock.advance(pause - 1)
        assert not health.admits()
        bench.clock.advance(1)
        assert health.admits()
        health.meets(AWAY)
    known = health.known()
    assert known is not None
    assert known.since == since


def test_what_left_before_it_opened_does_not_make_it_wait_longer(
    bench: Bench, health: Health
) -> None:
    health.opened()
    bench.clock.advance(5)
    health.meets(*[InDoubt("délai dépassé")] * 20, left_ago=6)
    bench.clock.advance(PAUSES[0] - 5)
    assert health.admits()


def test_many_failures_at_once_are_all_counted(health: Health) -> None:
    with ThreadPoolExecutor(FAILURES_TO_OPEN) as pool:
        list(pool.map(lambda _: health.meets(AWAY), range(FAILURES_TO_OPEN)))
    assert not health.admits()


def test_a_tdt_that_is_back_gets_one_then_two_then_four_then_all(
    bench: Bench, health: Health
) -> None:
    health.opened()
    bench.clock.advance(PAUSES[0])
    given: list[int] = []
    while not given or given[-1] < BATCH:
        given.append(health.allows())
        health.meets(*[Accepted("1")] * given[-1])
    assert given == [1, 2, 4, 8, BATCH]


def test_a_failure_on_the_way_back_starts_again_at_one(bench: Bench, health: Health) -> None:
    health.opened()
    bench.clock.advance(PAUSES[0])
    health.meets(*[Accepted("1")] * 3)
    assert health.allows() == 4
    health.meets(AWAY)
    assert health.allows() == 1


def test_an_authority_that_cannot_try_leaves_the_turn_to_the_others(
    bench: Bench, health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    health.opened()
    stuck, free = bench.prepared(), bench.prepared(authority_id=bench.second_id)
    bench.clock.advance(PAUSES[-1])

    def broken(_: Any) -> None:
        raise TdtConfigurationError("Le certificat a disparu.")

    with monkeypatch.context() as patched:
        patched.setattr(bench.tdt, "connector", broken)
        submit(bench.tools, bench.now_of(stuck.id))
    submit(bench.tools, bench.now_of(free.id))
    assert bench.now_of(free.id).state is State.SUBMITTED


def test_a_parcel_that_is_not_admitted_takes_nothing_of_the_hour(
    bench: Bench, health: Health
) -> None:
    window = TransmissionWindow(0, 24, 1_000_000)
    bench.changed(lambda owner: replace(owner, tdt=replace(owner.tdt, windows=(window,))))
    made = bench.prepared()
    health.opened()
    before = bench.now_of(made.id)
    submit(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id) == before
    with bench.tools.register() as unit:
        assert unit.spend(bench.authority_id, bench.clock.now().replace(minute=0), 999_999, 10**6)


def test_nothing_of_a_batch_leaves_once_its_tdt_is_down(bench: Bench) -> None:
    made = [bench.acte() for _ in range(BATCH)]
    bench.clock.advance(60)
    bench.tdt.on_submit = AWAY
    send(bench.tools, bench.authority_id)
    assert bench.tdt.times("submit") == FAILURES_TO_OPEN
    assert {bench.now_of(each.id).failures for each in made} == {0}


class Outage:
    """A TdT away for two hours, and a service that turns like the real one."""

    def __init__(self, bench: Bench, lanes: list[int]) -> None:
        self.bench, self.lanes = bench, lanes
        self.started = bench.clock.now()
        self.tried: list[float] = []
        self.per_send: list[int] = []
        self.refs = iter(range(1, 10_000))
        bench.tdt.on_submit = self.answer

    def elapsed(self) -> float:
        return (self.bench.clock.now() - self.started).total_seconds()

    def answer(self, _: Any) -> Outcome:
        self.tried.append(self.elapsed())
        return AWAY if self.elapsed() < OUTAGE else Accepted(str(next(self.refs)))

    def turn(self) -> None:
        """Sweep, relay, and every message in the broker once; ten seconds pass."""
        sweep(self.bench.tools)
        for _ in range(3):
            for task, subject in self._published():
                if task == "send":
                    before = len(self.tried)
                    SERVICES[task](self.bench.tools, subject)
                    self.per_send.append(len(self.tried) - before)
        self.bench.clock.advance(10)

    def _published(self) -> Iterator[tuple[str, int]]:
        now, bells = self.bench.clock.now(), list[tuple[str, int]]()
        lanes = Lanes(LANES, now, now - timedelta(seconds=60))
        relay_batch(self.bench.engine, lambda *bell: bells.append(bell), lanes)
        return iter(bells)


def test_an_outage_of_two_hours_costs_no_act_its_place_and_ends_without_a_burst(
    bench: Bench,
) -> None:
    third = replace(COLLECTIVITE, siren=Siren("120027016"), nom="Commune de Troisième")
    with bench.tools.register() as unit:
        lanes = [bench.authority_id, bench.second_id, unit.add_authority(third, bench.clock.now())]
        unit.commit()
    made = [bench.acte(authority_id=lane) for lane in lanes for _ in range(100)]
    bench.clock.advance(60)
    outage = Outage(bench, lanes)
    while outage.elapsed() < OUTAGE:
        outage.turn()
    # Not even one for each pause, of all authorities together.
    assert FAILURES_TO_OPEN < len(outage.tried) < FAILURES_TO_OPEN + 4 + OUTAGE / PAUSES[-1]
    assert {bench.now_of(each.id).state for each in made} <= {State.ACCEPTED, State.PREPARED}
    down = len(outage.tried)
    outage.per_send.clear()
    while len(outage.tried) < down + len(made) and outage.elapsed() < OUTAGE + 3600:
        outage.turn()
    after = [bench.now_of(each.id) for each in made]
    assert {each.state for each in after} == {State.SUBMITTED}
    assert sum(each.failures for each in after) == 0
    sent = [parcel.archive_name for parcel in bench.parcels()[down:]]
    assert len(sent) == len(set(sent)) == len(made)
    assert [count for count in outage.per_send if count][:4] == [1, 2, 4, 8]
    assert max(outage.per_send) == BATCH
    assert outage.tried[down] <= OUTAGE + PAUSES[-1] + 60
