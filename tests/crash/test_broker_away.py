"""Redis cannot be reached for an hour, on a clock that obeys: an hour is lost, and nothing else."""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import structlog
from celery import Celery
from kombu.exceptions import OperationalError

from tests.support.oracle import faults
from tests.support.scene import Scene
from tests.support.scene import scene as open_scene
from tests.support.stories import acts_of, outbox_depth
from transmission.domain.lifecycle import State
from transmission.embedded.valkey import BrokerUrls
from transmission.settings import Settings
from transmission.store.queries import read_health
from transmission.store.unit_of_work import open_engine
from workers.app import make_app
from workers.queues import LANES, TASKS, queue_of
from workers.relay import RELAY, Relay
from workers.schedule import periodic_runs
from workers.tasks import SERVICES

AWAY, STEP, EACH = 3600, 10, 60


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Iterator[Scene]:
    """A scene with the delays of an installation."""
    engine = open_engine(database_url)
    with open_scene(engine, tmp_path, Settings(home=tmp_path)) as made:
        yield made
    engine.dispose()


def _relay(scene: Scene, app: Celery) -> Relay:
    settings = Settings(home=scene.folder)
    return Relay(app, scene.engine, scene.tools, periodic_runs(settings), settings.relay_pause)


def test_an_hour_without_a_broker_costs_an_hour_and_ends_without_a_burst(
    scene: Scene, broker_url: str, valkey_server: BrokerUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(broker_url)
    relay = _relay(scene, app)
    actes: list[int] = []
    depths = []
    with structlog.testing.capture_logs(), monkeypatch.context() as away:
        # What a refused connection raises, without its patience of some seconds each time.
        away.setattr(app, "send_task", _refused)
        for rank in range(AWAY // STEP):
            if rank % (EACH // STEP) == 0:
                actes += acts_of(scene, f"D2023_{rank:03d}", 1)
            relay._turn()
            scene.clock.advance(STEP)
            depths.append(outbox_depth(scene))
    # What waits is one bell for each act and one for each thing to do: not one for each turn.
    assert max(depths) <= len(actes) + 2 * len(TASKS) + len(LANES)
    assert {scene.transmission(each).state for each in actes} == {State.ACCEPTED}
    with scene.engine.connect() as connection:
        assert RELAY not in read_health(connection).heartbeats
    relay._turn()
    assert outbox_depth(scene) == 0
    with redis.Redis.from_url(valkey_server.redis_url) as client:
        assert client.llen("send") == 2, "the lane, and the probe of its queue"
        for _ in range(200):
            _work(scene, client)
            scene.clock.advance(STEP)
            relay._turn()
    assert {scene.transmission(each).state for each in actes} == {State.ACKNOWLEDGED}
    assert {scene.transmission(each).failures for each in actes} == {0}
    assert faults(scene.engine, scene.tools.documents, scene.received()) == []
    app.close()


def _refused(*_: object, **__: object) -> None:
    raise OperationalError


def _work(scene: Scene, client: redis.Redis) -> None:
    """Run what waits in the queues, as a worker would."""
    for queue in TASKS:
        while (raw := client.rpop(queue)) is not None:
            message = json.loads(raw)
            task = message["headers"]["task"]
            (subject,), _, _ = json.loads(b64decode(message["body"]))
            if queue_of(task) == task:
                SERVICES[task](scene.tools, subject)
