"""Redis only rings the bell: emptying it costs seconds, never an act."""

import redis

from tests.support.scene import pdf
from tests.support.service import PATIENCE, Service
from transmission.domain.lifecycle import State
from transmission.embedded.processes import wait_until
from transmission.embedded.valkey import BrokerUrls

ACTS = 50


def test_flushing_redis_while_fifty_acts_are_on_their_way_loses_none(
    service: Service, valkey_server: BrokerUrls
) -> None:
    contents = (pdf(),)
    taken = [
        service.scene.accept(f"D2023_{rank:03d}", contents=contents).acte_id for rank in range(ACTS)
    ]
    service.start("scheduler")
    service.start("worker")
    for step in (State.PREPARED, State.SUBMITTED, State.ACKNOWLEDGED):
        assert wait_until(lambda step=step: _passed(service, taken, step) > 0, PATIENCE)
        with redis.Redis.from_url(valkey_server.redis_url) as client:
            client.flushall()
    service.wait_for(*taken)
    totals = service.scene.received()["totals"]
    assert totals["acts_accepted"] == ACTS
    assert totals["acts_accepted_twice"] == []


def _passed(service: Service, actes: list[int], step: State) -> int:
    """How many acts have reached a step of the usual way, or gone beyond it."""
    usual = (State.PREPARED, State.SUBMITTING, State.SUBMITTED, State.ACKNOWLEDGED)
    beyond = usual[usual.index(step) :]
    return sum(service.scene.transmission(acte_id).state in beyond for acte_id in actes)
