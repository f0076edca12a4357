"""What runs by itself, how often, and what it asks for."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from transmission.services.sweep import sweep
from transmission.settings import Settings
from workers.schedule import periodic_runs, refresh_classifications


class Unit:
    """A register of two authorities."""

    def __init__(self) -> None:
        self.done: list[Any] = []

    @contextmanager
    def register(self) -> Iterator["Unit"]:
        yield self

    def authorities(self) -> list[Any]:
        return [SimpleNamespace(id=3), SimpleNamespace(id=5)]

    def ring(self, task: str, subject: int) -> None:
        self.done.append((task, subject))

    def commit(self) -> None:
        self.done.append("committed")


def test_the_sweep_and_the_classifications_run_as_often_as_the_settings_say() -> None:
    runs = periodic_runs(Settings(sweep_period=7, classification_period=11))
    assert [(run.name, run.seconds, run.run) for run in runs] == [
        ("sweep", 7, sweep),
        ("classifications", 11, refresh_classifications),
    ]


def test_the_classification_of_every_authority_is_asked_for_in_one_commit() -> None:
    tools: Any = Unit()
    refresh_classifications(tools)
    assert tools.done == [("classify", 3), ("classify", 5), "committed"]
