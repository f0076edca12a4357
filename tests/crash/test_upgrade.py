"""Processes of this version and of an invented next one, side by side, while acts flow."""

import json
import os
import signal
import threading
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, func, select, text

from tests.support.next_version import MIGRATION, TASK, VERSION
from tests.support.oracle import faults
from tests.support.scene import Scene, pdf
from tests.support.service import PATIENCE, Service
from tests.support.stories import acknowledged, acts, acts_of, id_acte, threads
from transmission.domain.lifecycle import State
from transmission.embedded.processes import ChildProcess, wait_until
from transmission.embedded.valkey import BrokerUrls
from transmission.store import migrations
from transmission.store.tables import journal, outbox, rung, transmission

NEXT = "tests.support.next_version"
PROGRESS = 8
_THROWN_AWAY = f"Received unregistered task of type '{TASK}'"
_USUAL = {
    "accepted",
    "prepared",
    "submission_started",
    "submission_accepted",
    "retour_received",
    "ar_received",
}


@pytest.fixture
def next_schema(database_url: str, tmp_path: Path) -> Callable[[], None]:
    """Brings the database to the schema of the next version, as its ``migrate`` would."""
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "next.py").write_text(MIGRATION.format(before=migrations.versions()[0]))
    ours = Path(migrations.__file__).parent / "versions"
    config: Config = migrations.configuration(database_url)
    config.set_main_option("version_locations", f"{ours}{os.pathsep}{folder}")
    return lambda: command.upgrade(config, "head")


def _acknowledged(engine: Engine) -> int:
    statement = select(func.count()).where(transmission.c.state == State.ACKNOWLEDGED.code)
    with engine.connect() as connection:
        return connection.execute(statement).scalar_one()


@contextmanager
def _handed_over(scene: Scene) -> Iterator[list[str]]:
    """Acts handed over all the time; the numbers of those that were taken in charge."""
    stop, taken = threading.Event(), list[str]()
    failed: list[Exception] = []

    def hand_over() -> None:
        try:
            while not stop.wait(0.02):
                number = f"D2023_{len(taken):03d}"
                scene.accept(number, contents=(pdf(),))
                taken.append(number)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    thread = threading.Thread(target=hand_over)
    thread.start()
    try:
        yield taken
    finally:
        stop.set()
        thread.join()
    assert failed == []


def _flows(service: Service, program: str) -> None:
    """Whether acts reach their end, under whatever is running now."""
    engine = service.scene.engine
    reached = _acknowledged(engine) + PROGRESS
    arrived = wait_until(lambda: _acknowledged(engine) >= reached, PATIENCE)
    assert arrived, (program, service.whereabouts(), service._tails())


def _retire(process: ChildProcess) -> None:
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def test_processes_are_replaced_one_by_one_while_acts_flow(
    service: Service, next_schema: Callable[[], None]
) -> None:
    scene = service.scene
    scheduler = service.start("scheduler")
    old = [service.start("worker", "--pool=solo"), service.start("worker", "--pool=prefork")]
    with _handed_over(scene) as taken:
        _flows(service, "this version")
        next_schema()
        _flows(service, "this version, on the next schema")
        successor = service.start("scheduler", program=NEXT)
        assert wait_until(lambda: _THROWN_AWAY in _logs(service), PATIENCE)
        for worker in old:
            service.start("worker", "--pool=solo", program=NEXT)
            _flows(service, "both versions")
            _retire(worker)
            _flows(service, "both versions")
        _retire(scheduler)
        _flows(service, "the next version")
    assert successor.running
    assert wait_until(lambda: _acknowledged(scene.engine) == len(taken), PATIENCE), (
        service.whereabouts()
    )
    assert wait_until(lambda: _unweighed(scene.engine) == 0, PATIENCE)
    assert _faults_told(scene.engine) == []
    assert "task failed" not in _logs(service)
    service.check()


def test_a_program_that_is_put_back_leaves_the_database_of_its_successor_as_it_is(
    scene: Scene, next_schema: Callable[[], None], database_url: str
) -> None:
    next_schema()
    migrations.upgrade(database_url)
    assert _held(scene.engine) == [VERSION]
    _goes_through(scene, scene.accept().acte_id)


def test_a_table_in_use_for_long_delays_a_migration_which_lets_the_others_work_meanwhile(
    scene: Scene, next_schema: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: threading.Event().wait(0.1))
    migrating = threading.Thread(target=next_schema)
    with scene.engine.connect() as backup:
        backup.execute(select(transmission))
        migrating.start()
        _goes_through(scene, scene.accept().acte_id)
        assert migrating.is_alive()
    migrating.join(PATIENCE)
    assert _held(scene.engine) == [VERSION]


def _held(engine: Engine) -> Sequence[str]:
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()


def _goes_through(scene: Scene, *actes: int) -> None:
    scene.run()
    for _ in range(5):
        scene.later(2)
    assert {scene.transmission(each).state for each in actes} == {State.ACKNOWLEDGED}
    assert faults(scene.engine, scene.tools.documents, scene.received()) == []


def _logs(service: Service) -> str:
    return "\n".join(log.read_text(errors="replace") for log in service.logs.glob("*.log"))


def _unweighed(engine: Engine) -> int:
    with engine.connect() as connection:
        statement = text("SELECT count(*) FROM transmission WHERE poids = 0")
        return int(connection.execute(statement).scalar_one())


def _faults_told(engine: Engine) -> list[str]:
    """What any process held against an act."""
    with engine.connect() as connection:
        told = connection.execute(select(journal.c.event).distinct()).scalars().all()
        failed = select(transmission.c.id).where(transmission.c.failures > 0)
        counted = connection.execute(failed).scalars().all()
    return [event for event in told if event not in _USUAL] + [str(each) for each in counted]


def _spoken(task: str, *arguments: Any) -> str:
    """A message as version 0.1 writes it: never to be changed here, for it may wait in a queue."""
    body = [
        list(arguments),
        {},
        {"callbacks": None, "errbacks": None, "chain": None, "chord": None},
    ]
    known = str(uuid.uuid4())
    headers = {
        "lang": "py",
        "task": task,
        "id": known,
        "shadow": None,
        "eta": None,
        "expires": None,
        "group": None,
        "group_index": None,
        "retries": 0,
        "timelimit": [None, None],
        "root_id": known,
        "parent_id": None,
        "argsrepr": repr(list(arguments)),
        "kwargsrepr": "{}",
        "origin": "gen1@machine",
        "ignore_result": True,
    }
    properties = {
        "correlation_id": known,
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": "send"},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": str(uuid.uuid4()),
    }
    message = {
        "body": b64encode(json.dumps(body).encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers,
        "properties": properties,
    }
    return json.dumps(message)


def _silence(scene: Scene) -> None:
    with scene.engine.begin() as connection:
        connection.execute(outbox.delete())


def test_a_message_that_an_older_version_left_in_the_broker_is_understood(
    service: Service, valkey_server: BrokerUrls
) -> None:
    scene = service.scene
    taken = scene.accept()
    _silence(scene)
    with redis.Redis.from_url(valkey_server.redis_url) as client:
        client.lpush("send", _spoken("send", scene.authority_id))
    # No scheduler: nothing else can have told the worker.
    service.start("worker", "--pool=solo")
    service.wait_for(taken.acte_id, state=State.SUBMITTED)


def test_messages_of_a_newer_version_neither_end_a_worker_nor_lose_what_they_are_about(
    service: Service, valkey_server: BrokerUrls
) -> None:
    scene = service.scene
    over = acts(service, "D2023", 3)
    _silence(scene)
    with scene.engine.begin() as connection:
        # As it is while a message of the lane waits in the broker: no other is published.
        now = scene.clock.now()
        connection.execute(rung.insert().values(task="send", subject=scene.authority_id, at=now))
    with redis.Redis.from_url(valkey_server.redis_url) as client:
        client.lpush("send", _spoken("send:urgent", scene.authority_id))
        client.lpush("send", _spoken("send", scene.authority_id, "urgent"))
        client.lpush("send", _spoken("send", {"collectivite": scene.authority_id}))
    worker = service.start("worker", "--pool=solo")
    service.start("scheduler")
    assert wait_until(over, PATIENCE), service.whereabouts()
    assert worker.running
    assert "Received unregistered task of type 'send:urgent'" in _logs(service)
    service.check()


def test_a_bell_of_a_newer_version_is_passed_on_and_holds_none_of_the_others_back(
    service: Service, valkey_server: BrokerUrls
) -> None:
    with service.scene.tools.register() as unit:
        unit.ring(TASK, 7)
        unit.commit()
    over = acts(service, "D2023", 2)
    scheduler = service.start("scheduler")
    service.start("worker", "--pool=solo")
    assert wait_until(over, PATIENCE), service.whereabouts()
    assert scheduler.running
    with redis.Redis.from_url(valkey_server.redis_url) as client:
        assert client.llen(TASK) == 1


def test_an_act_in_a_state_of_a_newer_version_is_left_alone_and_stops_nobody(scene: Scene) -> None:
    strange, *others = acts_of(scene, "D2023", 4)
    _set_state(scene, strange, "weighing")
    scene.run()
    for _ in range(5):
        scene.later(2)
    assert {scene.transmission(each).state for each in others} == {State.ACKNOWLEDGED}
    assert _state(scene, strange) == "weighing"
    assert "task_failed" not in scene.events(strange)
    _set_state(scene, strange, "accepted")
    _goes_through(scene, strange, *others)


def test_a_letter_about_an_act_in_a_state_of_a_newer_version_waits_and_stops_no_other(
    scene: Scene,
) -> None:
    strange, other = acknowledged(scene, "D2023", 2)
    _set_state(scene, strange, "weighing")
    for rank in range(2):
        about = id_acte(f"D2023_{rank:03d}")
        scene.manage("courrier", kind="lettre_observations", id_acte=about, date="2023-03-06")
    _read_inbox(scene)
    assert len(threads(scene, other)) == 1
    assert threads(scene, strange) == []
    _set_state(scene, strange, "acknowledged")
    _read_inbox(scene)
    assert len(threads(scene, strange)) == 1
    assert len(threads(scene, other)) == 1


def _read_inbox(scene: Scene) -> None:
    with scene.tools.register() as unit:
        unit.ring("inbox", scene.authority_id)
        unit.commit()
    for _ in range(3):
        with suppress(ValueError):
            scene.later(60)


def _set_state(scene: Scene, acte_id: int, code: str) -> None:
    change = transmission.update().where(transmission.c.acte_id == acte_id).values(state=code)
    with scene.engine.begin() as connection:
        connection.execute(change)


def _state(scene: Scene, acte_id: int) -> str:
    with scene.engine.connect() as connection:
        found = select(transmission.c.state).where(transmission.c.acte_id == acte_id)
        return str(connection.execute(found).scalar_one())
