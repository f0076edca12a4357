"""A task decodes one identifier, runs one service with the toolbox of its process, and is over."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import ANY

import pytest

from workers import policy, tasks
from workers.app import make_app
from workers.pulse import Pulse
from workers.queues import probe_of
from workers.tasks import SERVICES, register


@pytest.mark.parametrize("name", SERVICES)
def test_a_task_hands_its_service_and_its_one_subject_to_the_policy(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    handed: list[Any] = []
    monkeypatch.setattr(policy, "run", lambda *what: handed.append(what))
    toolboxes: Iterator[Any] = iter(["first", "second"])
    app = make_app("memory://")
    register(app, lambda: next(toolboxes), Pulse())
    app.tasks[name](41)
    app.tasks[name](42)
    assert handed == [
        ("first", ANY, name, SERVICES[name], 41),
        ("second", ANY, name, SERVICES[name], 42),
    ]
    assert handed[0][1] is handed[1][1]
    app.close()


@pytest.mark.parametrize("name", SERVICES)
def test_a_probe_tells_that_its_queue_is_served_and_calls_no_service(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(policy, "finished", lambda *what: told.append(what))
    app = make_app("memory://")
    register(app, lambda: "toolbox", Pulse())  # type: ignore[arg-type,return-value]
    app.tasks[probe_of(name)](0)
    assert told == [("toolbox", ANY, name, "probe")]
    app.close()


def test_the_services_are_those_of_their_names() -> None:
    assert {name: service.__name__ for name, service in tasks.SERVICES.items()} == {
        "send": "send",
        "reconcile": "reconcile",
        "collect": "collect",
        "inbox": "inbox",
        "apply": "apply_retour",
        "classify": "classify",
        "assess": "assess",
        "review": "check_lists",
        "deliver": "deliver",
        "watch": "watch_publications",
        "announce": "announce",
        "tell": "tell",
        "inform": "tell_people",
        "chain": "link_journal",
        "anchor": "anchor_journal",
        "timestamp": "obtain",
        "audit": "carry_on",
    }
