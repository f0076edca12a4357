"""The toolbox of a worker: one for each process, its connections kept for the process's life."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from celery.utils.dispatch import Signal
from pydantic import SecretStr

from transmission.settings import Settings
from workers import run
from workers.pulse import mark_of
from workers.queues import TASKS
from workers.run import ProcessToolbox, run_worker


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What becomes of containers."""
    told: list[str] = []

    @contextmanager
    def container(_settings: Settings) -> Iterator[Any]:
        told.append("opened")
        try:
            yield SimpleNamespace(tools=f"toolbox {told.count('opened')}")
        finally:
            told.append("closed")

    monkeypatch.setattr(run, "container", container)
    return told


def test_the_toolbox_is_made_at_the_first_call_and_kept_open(events: list[str]) -> None:
    tools: Any = ProcessToolbox(Settings())
    assert events == []
    assert [tools(), tools()] == ["toolbox 1", "toolbox 1"]
    assert events == ["opened"]


def test_a_new_child_takes_a_toolbox_of_its_own_and_leaves_its_parents_alone(
    events: list[str],
) -> None:
    tools: Any = ProcessToolbox(Settings())
    tools()
    tools.forget(sender=None, signal=None)
    assert tools() == "toolbox 2"
    assert events == ["opened", "opened"]


def test_a_worker_consumes_every_queue_with_as_many_processes_as_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[list[str]] = []
    monkeypatch.setattr("celery.Celery.worker_main", lambda _app, argv: told.append(argv))
    forks = Signal()
    monkeypatch.setattr(run, "worker_process_init", forks)
    settings = Settings(
        database_url=SecretStr("postgresql://nowhere.invalid/"),
        broker_url=SecretStr("memory://"),
        worker_processes=3,
        home=tmp_path,
    )
    run_worker(settings, "prefork")
    (argv,) = told
    assert argv[0] == "worker"
    assert {"--pool=prefork", "--concurrency=3", f"--queues={','.join(TASKS)}"} <= set(argv)
    assert {"--without-gossip", "--without-mingle"} <= set(argv)
    assert len(forks.receivers) == 1
    assert mark_of(tmp_path).exists()
