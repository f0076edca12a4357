"""Redis only rings the bell: whatever becomes of it costs seconds, never an act."""

import os
import signal
import time

import pytest
import redis

from tests.support.service import PATIENCE, Service
from tests.support.stories import acts, outbox_depth
from transmission.domain.lifecycle import State
from transmission.embedded.processes import wait_until
from transmission.embedded.valkey import BrokerUrls, EmbeddedValkey
from transmission.store.tables import transmission

ACTS = 30


def test_flushing_redis_while_acts_are_on_their_way_loses_none(
    service: Service, valkey_server: BrokerUrls
) -> None:
    over = acts(service, "D2023", ACTS)
    _begin(service)
    for step in (State.PREPARED, State.SUBMITTED, State.ACKNOWLEDGED):
        assert wait_until(lambda step=step: _passed(service, step) > 0, PATIENCE)
        with redis.Redis.from_url(valkey_server.redis_url) as client:
            client.flushall()
    assert wait_until(over, PATIENCE), service.whereabouts()
    service.check()


def test_killing_redis_while_acts_are_on_their_way_loses_none(
    own_service: Service, own_broker: EmbeddedValkey
) -> None:
    over = acts(own_service, "D2023", ACTS)
    _begin(own_service)
    for step in (State.PREPARED, State.ACKNOWLEDGED):
        assert wait_until(lambda step=step: _passed(own_service, step) > 0, PATIENCE)
        assert own_broker.pid is not None
        os.kill(own_broker.pid, signal.SIGKILL)
        assert wait_until(lambda: not own_broker.running, PATIENCE)
        url = own_broker.urls.celery_url
        assert own_broker.start().celery_url == url
    assert wait_until(over, PATIENCE), own_service.whereabouts()
    own_service.check()


@pytest.mark.chaos
def test_a_redis_that_stands_still_keeps_acts_waiting_and_loses_none(
    own_service: Service, own_broker: EmbeddedValkey
) -> None:
    over = acts(own_service, "D2023", ACTS)
    _begin(own_service)
    assert wait_until(lambda: _passed(own_service, State.PREPARED) > 0, PATIENCE)
    assert own_broker.pid is not None
    os.kill(own_broker.pid, signal.SIGSTOP)
    try:
        later = acts(own_service, "D2024", 2)
        assert not wait_until(later, 3)
    finally:
        os.kill(own_broker.pid, signal.SIGCONT)
    assert wait_until(lambda: over() and later(), PATIENCE), own_service.whereabouts()
    own_service.check()


def test_a_full_redis_keeps_bells_in_the_outbox_and_loses_none(
    own_service: Service, own_broker: EmbeddedValkey
) -> None:
    over = acts(own_service, "D2023", 2)
    _begin(own_service)
    assert wait_until(over, PATIENCE), own_service.whereabouts()
    with redis.Redis.from_url(own_broker.urls.redis_url) as client:
        client.config_set("maxmemory", 1)
        later = acts(own_service, "D2024", ACTS)
        assert not wait_until(later, 3)
        assert outbox_depth(own_service.scene) > 0
        client.config_set("maxmemory", 0)
    assert wait_until(later, PATIENCE), own_service.whereabouts()
    own_service.check()


def test_two_relays_that_deliver_every_message_twice_to_two_workers_double_nothing(
    service: Service,
) -> None:
    over = acts(service, "D2023", ACTS)
    for _ in range(2):
        service.start("scheduler", program="tests.support.twice")
        service.start("worker")
    assert wait_until(over, PATIENCE), service.whereabouts()
    service.check()


@pytest.mark.chaos
def test_a_redis_away_for_longer_than_a_socket_waits_loses_none(
    own_service: Service, own_broker: EmbeddedValkey
) -> None:
    over = acts(own_service, "D2023", ACTS)
    _begin(own_service)
    assert wait_until(lambda: _passed(own_service, State.PREPARED) > 0, PATIENCE)
    assert own_broker.pid is not None
    os.kill(own_broker.pid, signal.SIGSTOP)
    try:
        time.sleep(45)
    finally:
        os.kill(own_broker.pid, signal.SIGCONT)
    assert wait_until(over, 3 * PATIENCE), own_service.whereabouts()
    own_service.check()


def _begin(service: Service) -> None:
    service.start("scheduler")
    service.start("worker")


def _passed(service: Service, step: State) -> int:
    """How many acts have reached a step of the usual way, or gone beyond it."""
    usual = (State.PREPARED, State.SUBMITTING, State.SUBMITTED, State.ACKNOWLEDGED)
    beyond = [state.code for state in usual[usual.index(step) :]]
    with service.scene.engine.connect() as connection:
        rows = connection.execute(transmission.select().where(transmission.c.state.in_(beyond)))
        return len(rows.all())
