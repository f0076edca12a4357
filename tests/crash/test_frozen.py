"""A worker is frozen past the time that a sending may take; its act is resolved without it."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from tests.support.oracle import faults
from tests.support.scene import Scene
from tests.support.service import PATIENCE, Service
from tests.support.service import service as open_service
from tests.support.stories import acts, answers, cancellations
from transmission import killpoints
from transmission.embedded.processes import wait_until
from transmission.store.tables import attempt

Begin = Callable[[Service, str, int], Callable[[], bool]]


@pytest.mark.parametrize(
    "point",
    [
        "submit.after_intent",
        pytest.param("link.before_request", marks=pytest.mark.chaos),
        pytest.param("link.body_sent", marks=pytest.mark.chaos),
        pytest.param("submit.after_post", marks=pytest.mark.chaos),
    ],
)
def test_what_a_revived_worker_writes_of_an_act_resolved_without_it_changes_nothing(
    service: Service, point: str
) -> None:
    over = acts(service, "D2023", 1)
    service.start("scheduler")
    frozen = service.start("worker", "--pool=solo", kill_at=f"stop:{point}")
    assert wait_until(service.marker(f"stop:{point}").exists, PATIENCE)
    service.start("worker", "--pool=solo")
    assert wait_until(over, PATIENCE), service.whereabouts()
    before = _attempts(service.scene)
    assert before[0] is None
    os.kill(frozen.pid, signal.SIGCONT)
    assert wait_until(lambda: _attempts(service.scene)[0] is not None, PATIENCE)
    assert _attempts(service.scene)[1:] == before[1:]
    assert over()
    service.check()


@pytest.fixture
def impatient(
    scene: Scene, database_url: str, broker_url: str, tmp_path: Path
) -> Iterator[Service]:
    """Processes that lose what they hold after a second in which they do nothing with it."""
    limit = {"options": "-c idle_in_transaction_session_timeout=1s"}
    url = make_url(database_url).update_query_dict(limit).render_as_string(hide_password=False)
    with open_service(scene, url, broker_url, tmp_path / "documents", tmp_path / "logs") as made:
        yield made


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("scheduler", "relay.published"),
        ("worker", "prepare.before_commit"),
        pytest.param("worker", "collect.before_commit", marks=pytest.mark.chaos),
        pytest.param("worker", "register.before_commit", marks=pytest.mark.chaos),
    ],
)
def test_what_a_frozen_process_holds_is_taken_from_it_and_it_works_again_once_revived(
    impatient: Service, name: str, point: str
) -> None:
    over = acts(impatient, "D2023", 3)
    stop = f"stop:{point}"
    frozen = {
        each: impatient.start(each, *given, kill_at=stop if each == name else None)
        for each, given in (("scheduler", ()), ("worker", ("--pool=solo",)))
    }[name]
    assert wait_until(impatient.marker(stop, name).exists, PATIENCE)
    impatient.start("scheduler")
    impatient.start("worker", "--pool=solo")
    assert wait_until(over, PATIENCE), impatient.whereabouts()
    os.kill(frozen.pid, signal.SIGCONT)
    later = acts(impatient, "D2024", 2)
    assert wait_until(later, PATIENCE), impatient.whereabouts()
    assert frozen.running
    impatient.check()


def _attempts(scene: Scene) -> list[str | None]:
    """The outcome of each attempt, oldest first."""
    with scene.engine.connect() as connection:
        statement = select(attempt.c.outcome).order_by(attempt.c.transmission_id, attempt.c.number)
        return list(connection.execute(statement).scalars())


@pytest.mark.parametrize(
    "begin",
    [
        acts,
        answers,
        cancellations,
    ],
)
def test_what_was_about_to_leave_when_its_worker_froze_leaves_only_once(
    service: Service, begin: Begin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scene = service.scene
    over = begin(service, "D2023", 1)
    revived = []

    def resolved_meanwhile(*_: int) -> None:
        for _round in range(20):
            scene.clock.advance(5)
            scene.later(0)
        revived.append(over())

    monkeypatch.setattr(os, "kill", resolved_meanwhile)
    monkeypatch.setitem(killpoints._armed, "submit.after_intent", tmp_path / "frozen")
    scene.run()
    assert revived == [True]
    assert over()
    assert faults(scene.engine, scene.tools.documents, scene.received()) == []
