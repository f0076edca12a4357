"""The relay, on a real broker: what it publishes arrives, and what it cannot publish stays."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import redis
import structlog
from sqlalchemy.exc import DBAPIError

from tests.support.bench import Bench
from transmission.domain.errors import TransmissionError
from transmission.embedded.processes import wait_until
from transmission.embedded.valkey import BrokerUrls, EmbeddedValkey
from transmission.services.toolbox import Toolbox
from transmission.store.outbox import Lanes, relay_batch
from transmission.store.queries import read_health
from workers import relay as relaying
from workers.app import make_app
from workers.queues import LANES, TASKS, probe_of
from workers.relay import RELAY, Relay, run_heartbeat
from workers.schedule import Periodic, probe_queues
from workers.tasks import SERVICES

PATIENCE = 30


@contextmanager
def relayed(bench: Bench, broker_url: str, *periodic: Periodic) -> Iterator[Thread]:
    """A relay at work in a thread, told to stop at the end."""
    app = make_app(broker_url)
    stop = Event()
    relay = Relay(app, bench.engine, bench.tools, list(periodic), pause=0.01)
    thread = Thread(target=relay.run, args=(stop,))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(PATIENCE)
        app.close()
        assert not thread.is_alive(), "the relay did not stop"


def _ring(bench: Bench, *bells: tuple[str, int]) -> None:
    with bench.tools.register() as unit:
        for task, subject in bells:
            unit.ring(task, subject)
        unit.commit()


def _messages(redis_url: str, queue: str) -> list[Any]:
    """What waits in a queue: name of the task and arguments, oldest first."""
    with redis.Redis.from_url(redis_url) as client:
        raw = client.lrange(queue, 0, -1)
    messages = [json.loads(each) for each in reversed(raw)]
    assert all(message["properties"]["body_encoding"] == "base64" for message in messages)
    return [(message["headers"]["task"], message["headers"]["argsrepr"]) for message in messages]


def _arrives(redis_url: str, queue: str, number: int) -> bool:
    return wait_until(lambda: len(_messages(redis_url, queue)) == number, PATIENCE)


def test_every_bell_reaches_the_queue_of_its_task_in_order_and_leaves_the_outbox(
    bench: Bench, broker_url: str, valkey_server: BrokerUrls
) -> None:
    _ring(bench, *((task, rank) for rank in (7, 8) for task in TASKS))
    with relayed(bench, broker_url):
        assert wait_until(lambda: bench.bells() == [], PATIENCE)
    for task in TASKS:
        assert _messages(valkey_server.redis_url, task) == [(task, "[7]"), (task, "[8]")]


def test_a_broker_that_was_emptied_takes_bells_again_at_once(
    bench: Bench, broker_url: str, valkey_server: BrokerUrls
) -> None:
    with relayed(bench, broker_url):
        _ring(bench, ("reconcile", 1))
        assert _arrives(valkey_server.redis_url, "reconcile", 1)
        with redis.Redis.from_url(valkey_server.redis_url) as client:
            client.flushdb()
        _ring(bench, ("reconcile", 2))
        assert _arrives(valkey_server.redis_url, "reconcile", 1)
    assert _messages(valkey_server.redis_url, "reconcile") == [("reconcile", "[2]")]


def test_bells_stay_in_the_outbox_while_the_broker_is_away_and_go_when_it_is_back(
    bench: Bench, engines_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_OUTAGE_PAUSE", 0.05)
    broker = EmbeddedValkey(engines_folder / "relay")
    urls = broker.start()
    try:
        with structlog.testing.capture_logs() as logs, relayed(bench, urls.celery_url):
            _ring(bench, ("reconcile", 1))
            assert wait_until(lambda: bench.bells() == [], PATIENCE)
            broker.stop()
            _ring(bench, ("reconcile", 2), ("reconcile", 3))
            assert wait_until(lambda: bool(logs), PATIENCE)
            assert bench.bells() == [("reconcile", 2), ("reconcile", 3)]
            assert broker.start() == urls
            assert wait_until(lambda: bench.bells() == [], PATIENCE)
        assert _messages(urls.redis_url, "reconcile")[-2:] == [
            ("reconcile", "[2]"),
            ("reconcile", "[3]"),
        ]
        assert {entry["event"] for entry in logs} == {"outage, will try again"}
    finally:
        broker.stop()


def test_a_database_that_is_away_is_waited_for(
    bench: Bench,
    broker_url: str,
    valkey_server: BrokerUrls,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(relaying, "_OUTAGE_PAUSE", 0.01)
    outages = [DBAPIError("SELECT", None, OSError("away")) for _ in range(3)]
    real = relaying.relay_batch

    def sometimes(*arguments: Any) -> int:
        if outages:
            raise outages.pop()
        return real(*arguments)

    monkeypatch.setattr(relaying, "relay_batch", sometimes)
    _ring(bench, ("reconcile", 1))
    with relayed(bench, broker_url):
        assert _arrives(valkey_server.redis_url, "reconcile", 1)
    assert outages == []


def test_a_lane_has_one_message_until_it_is_answered(
    bench: Bench, broker_url: str, valkey_server: BrokerUrls
) -> None:
    lane = ("send", bench.authority_id)
    with relayed(bench, broker_url):
        for _ in range(3):
            _ring(bench, lane, lane)
            assert wait_until(lambda: bench.bells() == [], PATIENCE)
        assert len(_messages(valkey_server.redis_url, "send")) == 1
        SERVICES["send"](bench.tools, bench.authority_id)
        _ring(bench, lane)
        assert _arrives(valkey_server.redis_url, "send", 2)


def test_the_message_of_a_lane_that_an_emptied_broker_lost_is_published_again_after_its_delay(
    bench: Bench, broker_url: str, valkey_server: BrokerUrls
) -> None:
    lane = ("send", bench.authority_id)
    with relayed(bench, broker_url):
        _ring(bench, lane)
        assert _arrives(valkey_server.redis_url, "send", 1)
        with redis.Redis.from_url(valkey_server.redis_url) as client:
            client.flushdb()
        _ring(bench, lane)
        assert wait_until(lambda: bench.bells() == [], PATIENCE)
        assert _messages(valkey_server.redis_url, "send") == []
        bench.clock.advance(bench.tools.delays.lost_bell)
        _ring(bench, lane)
        assert _arrives(valkey_server.redis_url, "send", 1)


@pytest.mark.parametrize("task", sorted(LANES))
def test_the_service_of_every_lane_says_that_it_answers(bench: Bench, task: str) -> None:
    bench.classified()
    now = bench.clock.now()
    published: list[tuple[str, int]] = []
    lanes = Lanes(LANES, now, now - timedelta(seconds=bench.tools.delays.lost_bell))
    for _ in range(2):
        _ring(bench, (task, bench.authority_id))
        relay_batch(bench.engine, lambda *bell: published.append(bell), lanes)
        bench.silence()
        with suppress(TransmissionError):
            SERVICES[task](bench.tools, bench.authority_id)
    assert published == [(task, bench.authority_id)] * 2


def test_a_probe_goes_through_the_queue_that_it_probes(
    bench: Bench, broker_url: str, valkey_server: BrokerUrls
) -> None:
    with relayed(bench, broker_url, Periodic("probes", 60, probe_queues)):
        for queue in TASKS:
            assert _arrives(valkey_server.redis_url, queue, 1)
    for queue in TASKS:
        assert _messages(valkey_server.redis_url, queue) == [(probe_of(queue), "[0]")]


def test_what_the_relay_finishes_is_told(bench: Bench, broker_url: str) -> None:
    def failing(_tools: Toolbox) -> None:
        raise ZeroDivisionError("a bug of ours")

    runs = (Periodic("test", 10, Turns(bench)), Periodic("failing", 10, failing))
    with structlog.testing.capture_logs(), relayed(bench, broker_url, *runs):
        assert wait_until(lambda: RELAY in _beats(bench), PATIENCE)
    now = bench.clock.now()
    assert _beats(bench) == {RELAY: now, run_heartbeat("test"): now}


def test_a_relay_that_reaches_no_broker_tells_no_turn(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "_OUTAGE_PAUSE", 0.05)
    _ring(bench, ("reconcile", 1))
    with structlog.testing.capture_logs() as logs, relayed(bench, "redis://127.0.0.1:1/0"):
        assert wait_until(lambda: bool(logs), PATIENCE)
    assert _beats(bench) == {}


def _beats(bench: Bench) -> dict[str, Any]:
    with bench.engine.connect() as connection:
        return {name: beat.at for name, beat in read_health(connection).heartbeats.items()}


def test_a_run_happens_once_in_its_period_and_again_in_the_next(
    bench: Bench, broker_url: str
) -> None:
    turns = Turns(bench)
    with relayed(bench, broker_url, Periodic("test", 10, turns)):
        for number in (1, 2, 3):
            assert wait_until(lambda number=number: turns.done == number, PATIENCE)
            _ring(bench, ("reconcile", number))
            assert wait_until(lambda: bench.bells() == [], PATIENCE)
            bench.clock.advance(10)
        assert wait_until(lambda: turns.done == 4, PATIENCE)


def test_a_run_that_fails_stops_neither_the_others_nor_the_bells_and_is_told(
    bench: Bench, broker_url: str, valkey_server: BrokerUrls
) -> None:
    turns = Turns(bench)

    def failing(_tools: Toolbox) -> None:
        raise ZeroDivisionError("a bug of ours")

    _ring(bench, ("reconcile", 1))
    with (
        structlog.testing.capture_logs() as logs,
        relayed(bench, broker_url, Periodic("failing", 10, failing), Periodic("next", 10, turns)),
    ):
        assert _arrives(valkey_server.redis_url, "reconcile", 1)
        assert turns.done == 1
    (entry,) = logs
    assert (entry["event"], entry["run"]) == ("periodic run failed", "failing")


class Turns:
    """A periodic run that counts itself."""

    def __init__(self, bench: Bench) -> None:
        self.tools = bench.tools
        self.done = 0

    def __call__(self, tools: Toolbox) -> None:
        assert tools is self.tools
        self.done += 1
