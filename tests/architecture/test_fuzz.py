"""The long campaign of spoilt bytes stays able to run, and makes the same cases at each run."""

import random

import pytest

from tests.fuzz import TARGETS, run


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_runs_without_a_failure(name: str) -> None:
    tally = run(name, 3, range(40))
    assert (tally.failed, tally.read + tally.refused) == (0, 40)
    assert tally.refused


@pytest.mark.parametrize("name", TARGETS)
def test_a_case_is_the_same_at_each_run(name: str) -> None:
    made = [TARGETS[name].make(random.Random("3")) for _ in range(2)]
    assert made[0] == made[1]


def test_a_failure_is_told_with_its_case(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.fuzz.EXPECTED", ())
    assert run("IdActe", 3, range(40)).failed > 0
    assert "IdActe, case 0 of seed 3: '" in capsys.readouterr().err
