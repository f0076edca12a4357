"""The outbox: nothing published is lost, nothing kept is published by two relays at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import Engine, select, text

from transmission.store.outbox import claim_periods, relay_batch
from transmission.store.tables import outbox, periodic_run
from transmission.store.unit_of_work import Register

NOW = datetime(2023, 3, 10, 9, 0, tzinfo=UTC)
Bell = tuple[str, int]


def _ring(engine: Engine, *subjects: int, task: str = "reconcile") -> None:
    with Register(engine)() as unit:
        for subject in subjects:
            unit.ring(task, subject)
        unit.commit()


def _left(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(select(outbox.c.subject).order_by(outbox.c.id)).scalars())


class Published:
    """Notes what is published; breaks on one subject."""

    def __init__(self, breaks_on: int | None = None) -> None:
        self.bells: list[Bell] = []
        self.breaks_on = breaks_on

    def __call__(self, task: str, subject: int) -> None:
        if subject == self.breaks_on:
            raise ConnectionError("the broker is away")
        self.bells.append((task, subject))


def test_bells_are_published_oldest_first_and_then_gone(engine: Engine) -> None:
    _ring(engine, 3, 1, 2)
    published = Published()
    assert relay_batch(engine, published) == 3
    assert published.bells == [("reconcile", 3), ("reconcile", 1), ("reconcile", 2)]
    assert _left(engine) == []
    assert relay_batch(engine, published) == 0


def test_a_batch_never_exceeds_its_limit(engine: Engine) -> None:
    _ring(engine, *range(7))
    published = Published()
    assert [relay_batch(engine, published, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert [subject for _, subject in published.bells] == list(range(7))


def test_a_batch_keeps_its_limit_when_the_planner_holds_the_outbox_to_be_empty(
    engine: Engine,
) -> None:
    _ring(engine, 0)
    assert relay_batch(engine, Published()) == 1
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE outbox"))
        connection.execute(
            text("INSERT INTO outbox (task, subject) SELECT 'reconcile', generate_series(1, 2000)")
        )
    published = Published()
    assert relay_batch(engine, published, limit=100) == 100
    assert [subject for _, subject in published.bells] == list(range(1, 101))


def test_a_broker_that_breaks_in_the_middle_leaves_every_bell_of_the_batch(engine: Engine) -> None:
    _ring(engine, 1, 2, 3)
    with pytest.raises(ConnectionError):
        relay_batch(engine, Published(breaks_on=2))
    assert _left(engine) == [1, 2, 3]
    assert relay_batch(engine, Published()) == 3


def test_a_bell_is_not_heard_before_its_transaction_is_committed(engine: Engine) -> None:
    with Register(engine)() as unit:
        unit.ring("reconcile", 1)
        assert relay_batch(engine, Published()) == 0
        unit.commit()
    assert relay_batch(engine, Published()) == 1


def test_a_second_relay_takes_the_bells_that_the_first_does_not_hold(engine: Engine) -> None:
    _ring(engine, 1, 2, 3, 4)
    first, second = Published(), Published()
    holding, go_on = Event(), Event()

    def slowly(task: str, subject: int) -> None:
        first(task, subject)
        holding.set()
        assert go_on.wait(30)

    with ThreadPoolExecutor(1) as pool:
        one = pool.submit(relay_batch, engine, slowly, limit=2)
        assert holding.wait(30)
        assert relay_batch(engine, second, limit=10) == 2
        go_on.set()
        assert one.result(timeout=30) == 2
    assert [subject for _, subject in first.bells] == [1, 2]
    assert [subject for _, subject in second.bells] == [3, 4]
    assert _left(engine) == []


def test_many_relays_publish_every_bell_once(engine: Engine) -> None:
    _ring(engine, *range(200))
    published = Published()

    def relay(_: int) -> None:
        while relay_batch(engine, published, limit=7):
            pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(relay, range(4)))
    assert sorted(subject for _, subject in published.bells) == list(range(200))
    assert _left(engine) == []


def test_a_period_is_claimed_once_and_the_next_one_once_more(engine: Engine) -> None:
    periods = [("sweep", 10), ("classifications", 3600)]
    assert claim_periods(engine, periods, NOW) == ["sweep", "classifications"]
    assert claim_periods(engine, periods, NOW + timedelta(seconds=9)) == []
    assert claim_periods(engine, periods, NOW + timedelta(seconds=10)) == ["sweep"]
    assert claim_periods(engine, periods, NOW + timedelta(hours=1)) == ["sweep", "classifications"]


def test_of_many_schedulers_at_once_one_claims_the_period(engine: Engine) -> None:
    def claim(_: int) -> int:
        return len(claim_periods(engine, [("sweep", 10)], NOW))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(8))) == 1


def test_a_clock_set_back_runs_nothing_a_second_time(engine: Engine) -> None:
    assert claim_periods(engine, [("sweep", 10)], NOW) == ["sweep"]
    assert claim_periods(engine, [("sweep", 10)], NOW - timedelta(days=1)) == []
    assert claim_periods(engine, [("sweep", 10)], NOW) == []
    assert claim_periods(engine, [("sweep", 10)], NOW + timedelta(seconds=10)) == ["sweep"]


def test_periods_missed_during_a_stop_are_not_caught_up_one_by_one(engine: Engine) -> None:
    claim_periods(engine, [("sweep", 10)], NOW)
    assert claim_periods(engine, [("sweep", 10)], NOW + timedelta(days=2)) == ["sweep"]
    assert claim_periods(engine, [("sweep", 10)], NOW + timedelta(days=2)) == []
    with engine.connect() as connection:
        assert connection.execute(select(periodic_run.c.started_at)).scalar_one() == NOW + (
            timedelta(days=2)
        )
