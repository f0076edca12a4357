from pathlib import Path

import pytest

from benchmarks.__main__ import SECTIONS, _options


def test_the_environment_says_how_many_processes_and_in_which_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WORKERS", "3")
    monkeypatch.setenv("BENCH_HOME", "/srv/disk")
    options = _options([])
    assert (options.workers, options.directory) == (3, Path("/srv/disk"))


def test_a_run_measures_everything_with_two_processes_in_the_project_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("WORKERS", raising=False)
    monkeypatch.delenv("BENCH_HOME", raising=False)
    options = _options([])
    assert (options.workers, options.only) == (2, SECTIONS)
    assert options.directory == Path(__file__).parents[2] / "var"
