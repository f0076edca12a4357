"""The disk of the register is full: nothing is promised that it did not write, nothing is lost."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.support.oracle import faults
from tests.support.scene import Scene
from tests.support.service import PATIENCE, Service
from tests.support.stories import acts, id_acte
from transmission import killpoints
from transmission.domain.lifecycle import State
from transmission.embedded.processes import wait_until

# What PostgreSQL itself says: class 53, disk_full.
_FILL = """
SET LOCAL lock_timeout = '5s';
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER full_journal BEFORE INSERT ON journal EXECUTE FUNCTION refuse();
CREATE TRIGGER full_attempt BEFORE INSERT OR UPDATE ON attempt EXECUTE FUNCTION refuse();
"""
_ROUNDS, _ROUND = 40, 5


@pytest.fixture
def fill(scene: Scene) -> Iterator[Callable[[], None]]:
    """Fills the disk of the register; :func:`_make_room` empties it."""

    def filled() -> None:
        with scene.engine.begin() as connection:
            connection.execute(text(_FILL))

    return filled


def _make_room(scene: Scene) -> None:
    with scene.engine.begin() as connection:
        connection.execute(text("DROP FUNCTION refuse CASCADE"))


def test_an_act_that_cannot_be_written_down_is_not_promised(
    scene: Scene, fill: Callable[[], None]
) -> None:
    fill()
    with pytest.raises(OperationalError, match="No space left"):
        scene.accept()
    _make_room(scene)
    assert not scene.accept().repeated


@pytest.mark.parametrize(
    "point",
    ["prepare.committed", "submit.before_intent", "submit.after_intent", "submit.after_post"],
)
def test_a_register_that_fills_on_the_way_keeps_an_act_waiting_and_sends_it_once(
    scene: Scene,
    fill: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    point: str,
) -> None:
    taken = scene.accept()
    monkeypatch.setattr(os, "kill", lambda *_: fill())
    monkeypatch.setitem(killpoints._armed, point, tmp_path / "full")
    for _ in range(_ROUNDS):
        _tries(scene)
        if (tmp_path / "full").exists():
            break
    for _ in range(3):
        _tries(scene)
    assert scene.transmission(taken.acte_id).state not in (State.ACKNOWLEDGED, State.HELD)
    _make_room(scene)
    for _ in range(_ROUNDS):
        _tries(scene)
    assert scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED
    assert scene.times_received(id_acte("D2023_001")) == 1
    assert faults(scene.engine, scene.tools.documents, scene.received()) == []


def _tries(scene: Scene) -> None:
    try:
        scene.later(_ROUND)
    except (OperationalError, ExceptionGroup):
        scene.rung.clear()


@pytest.mark.chaos
def test_processes_live_through_a_register_that_is_full(
    service: Service, fill: Callable[[], None]
) -> None:
    over = acts(service, "D2023", 3)
    fill()
    running = [service.start("scheduler"), service.start("worker", "--pool=solo")]
    assert not wait_until(over, 4)
    assert all(each.running for each in running)
    _make_room(service.scene)
    assert wait_until(over, PATIENCE), service.whereabouts()
    service.check()
