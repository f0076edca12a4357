"""Lanes: one message however many bells, and no bell whose work nobody will look at."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select

from transmission.store.outbox import Lanes, relay_batch
from transmission.store.tables import outbox, rung
from transmission.store.unit_of_work import Register

NOW = datetime(2023, 3, 10, 9, 0, tzinfo=UTC)
LOST = timedelta(seconds=60)
LANES = frozenset({"send", "collect"})
PATIENCE = 30
Bell = tuple[str, int]


def _ring(engine: Engine, *bells: Bell) -> None:
    with Register(engine)() as unit:
        for task, subject in bells:
            unit.ring(task, subject)
        unit.commit()


def _answer(engine: Engine, task: str, subject: int) -> None:
    with Register(engine)() as unit:
        unit.answer(task, subject)
        unit.commit()


def _relay(engine: Engine, at: datetime = NOW, limit: int = 500) -> list[Bell]:
    published: list[Bell] = []
    lanes = Lanes(LANES, at, at - LOST)
    while relay_batch(engine, lambda *bell: published.append(bell), lanes, limit):
        pass
    return published


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


def test_however_many_bells_a_lane_has_one_message(engine: Engine) -> None:
    _ring(engine, *[("send", 1)] * 5, ("send", 2), *[("collect", 1)] * 3)
    assert _relay(engine, limit=2) == [("send", 1), ("send", 2), ("collect", 1)]
    _ring(engine, ("send", 1), ("collect", 1))
    assert _relay(engine) == []


def test_a_bell_rung_after_the_answer_began_is_a_message_again(engine: Engine) -> None:
    _ring(engine, ("send", 1), ("send", 2))
    _relay(engine)
    _answer(engine, "send", 1)
    _ring(engine, ("send", 1), ("send", 2))
    assert _relay(engine) == [("send", 1)]


def test_a_message_that_nobody_answers_is_published_again_after_its_delay(engine: Engine) -> None:
    _ring(engine, ("send", 1))
    assert _relay(engine) == [("send", 1)]
    _ring(engine, ("send", 1))
    assert _relay(engine, NOW + LOST - timedelta(seconds=1)) == []
    _ring(engine, ("send", 1))
    assert _relay(engine, NOW + LOST) == [("send", 1)]
    _ring(engine, ("send", 1))
    assert _relay(engine, NOW + LOST + timedelta(seconds=1)) == []


def test_tasks_about_one_row_are_never_held_back(engine: Engine) -> None:
    _ring(engine, ("reconcile", 1), ("reconcile", 2))
    assert _relay(engine) == [("reconcile", 1), ("reconcile", 2)]
    _ring(engine, ("reconcile", 1))
    assert _relay(engine) == [("reconcile", 1)]


def test_an_answer_to_a_message_that_never_was_leaves_nothing_behind(engine: Engine) -> None:
    _answer(engine, "send", 1)
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(rung)).scalar_one() == 0
    _ring(engine, ("send", 1))
    assert _relay(engine) == [("send", 1)]


def test_a_broker_that_breaks_leaves_the_lane_as_it_was(engine: Engine) -> None:
    def away(_task: str, _subject: int) -> None:
        raise ConnectionError("the broker is away")

    _ring(engine, ("send", 1))
    with pytest.raises(ConnectionError):
        relay_batch(engine, away, Lanes(LANES, NOW, NOW - LOST))
    assert _relay(engine) == [("send", 1)]


def test_a_worker_quicker_than_the_commit_of_the_relay_does_not_make_its_lane_deaf(
    engine: Engine, pool: ThreadPoolExecutor
) -> None:
    answers: list[Future[None]] = []

    def answered_at_once(task: str, subject: int) -> None:
        answers.append(pool.submit(_answer, engine, task, subject))
        # The time for the answer to reach the database, before this publication is committed.
        _until_somebody_waits(engine)

    _ring(engine, ("send", 1))
    relay_batch(engine, answered_at_once, Lanes(LANES, NOW, NOW - LOST))
    answers[0].result(PATIENCE)
    _ring(engine, ("send", 1))
    assert _relay(engine) == [("send", 1)]


def test_two_relays_that_take_the_same_lanes_never_wait_for_each_other_for_ever(
    engine: Engine, pool: ThreadPoolExecutor
) -> None:
    _ring(engine, *[("send", rank) for rank in range(20)])
    _ring(engine, *[("send", rank) for rank in reversed(range(20))])
    lanes = Lanes(LANES, NOW, NOW - LOST)
    published: list[Bell] = []

    def note(task: str, subject: int) -> None:
        published.append((task, subject))

    # Both meet in the middle, whichever end they came from.
    with Register(engine)() as holder:
        holder.answer("send", 10)
        relays = []
        for waiting in (1, 2):
            relays.append(pool.submit(relay_batch, engine, note, lanes, 20))
            _until_somebody_waits(engine, waiting)
    assert [relay.result(PATIENCE) for relay in relays] == [20, 20]
    assert sorted(published) == [("send", rank) for rank in range(20)]


def _until_somebody_waits(engine: Engine, number: int = 1) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(20_000):
            if connection.exec_driver_sql(waiting).scalar_one() >= number:
                return
    raise AssertionError("nobody waited")


class Lane:
    """One lane as its work sees it: rows to be done, and messages in the broker."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.todo: set[int] = set()
        self.messages = 0
        self.answering: list[set[int] | None] = []
        self._rows = 0

    def ring(self) -> None:
        """A row to be done and its bell, in one commit."""
        self._rows += 1
        self.todo.add(self._rows)
        _ring(self.engine, ("send", 1))

    def relay(self) -> None:
        self.messages += len(_relay(self.engine))

    def answer(self) -> None:
        """A worker takes a message and says so; it has not yet looked."""
        if self.messages:
            self.messages -= 1
            _answer(self.engine, "send", 1)
            self.answering.append(None)

    def look(self) -> None:
        """The worker that answered first looks at what is to be done."""
        for rank, seen in enumerate(self.answering):
            if seen is None:
                self.answering[rank] = set(self.todo)
                return

    def finish(self) -> None:
        """The worker that looked first has done all that it saw."""
        for rank, seen in enumerate(self.answering):
            if seen is not None:
                self.todo -= seen
                del self.answering[rank]
                return


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(steps=st.lists(st.sampled_from(["ring", "relay", "answer", "look", "finish"]), max_size=25))
def test_whatever_the_order_no_row_is_left_without_a_message_or_a_worker_to_come(
    engine: Engine, steps: list[str]
) -> None:
    with engine.begin() as connection:
        connection.execute(delete(outbox))
        connection.execute(delete(rung))
    lane = Lane(engine)
    for step in steps:
        getattr(lane, step)()
        assert lane.messages <= 1
    # No clock moves, so that nothing here is saved by the delay of a lost message.
    for _ in range(len(steps) + 1):
        for step in ("relay", "answer", "look", "finish"):
            getattr(lane, step)()
    assert lane.todo == set()
