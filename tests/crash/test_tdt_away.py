"""A TdT that is down for two hours, on a clock that obeys: nobody is asked, nothing is blamed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.oracle import faults
from tests.support.scene import Scene
from tests.support.scene import scene as open_scene
from tests.support.stories import acts_of
from transmission.domain.lifecycle import State
from transmission.settings import Settings
from transmission.store.unit_of_work import open_engine

AWAY, STEP, BACK = 7200, 100, 5400
BEFORE, DURING = 5, 15


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Iterator[Scene]:
    """A scene with the delays of an installation."""
    engine = open_engine(database_url)
    with open_scene(engine, tmp_path, Settings(home=tmp_path)) as made:
        yield made
    engine.dispose()


@pytest.mark.parametrize(
    "fault",
    [
        "cut_before_body",
        pytest.param("error_500_before", marks=pytest.mark.chaos),
        pytest.param("cut_before_accept", marks=pytest.mark.chaos),
    ],
)
def test_a_tdt_that_is_down_for_two_hours_costs_two_hours_and_nobody_is_asked(
    scene: Scene, fault: str
) -> None:
    actes = acts_of(scene, "D2023", BEFORE)
    scene.run("prepare", "submit")
    scene.manage("faults", fault=fault, times=1_000_000)
    actes += acts_of(scene, "D2024", DURING)
    calls = _calls(scene)
    states = set()
    for _ in range(AWAY // STEP):
        scene.manage("clock", advance=STEP)
        scene.later(STEP)
        states |= {scene.transmission(acte_id).state for acte_id in actes}
    assert not states & {State.HELD, State.REJECTED}, states
    # As many questions as steps at most: they do not grow with what waits.
    assert _calls(scene) - calls < 4 * AWAY // STEP
    scene.manage("faults", fault="clear")
    for _ in range(BACK // STEP):
        scene.manage("clock", advance=STEP)
        scene.later(STEP)
    late = [each for each in map(scene.transmission, actes) if each.state is not State.ACKNOWLEDGED]
    assert late == []
    assert faults(scene.engine, scene.tools.documents, scene.received()) == []


def _calls(scene: Scene) -> int:
    return sum(scene.received()["totals"]["calls"].values())
