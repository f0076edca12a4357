"""A task decodes one identifier, runs one service with the toolbox of its process, and is over."""

from collections.abc import Iterator
from typing import Any

import pytest

from workers import policy, tasks
from workers.app import make_app
from workers.tasks import SERVICES, register


@pytest.mark.parametrize("name", SERVICES)
def test_a_task_hands_its_service_and_its_one_subject_to_the_policy(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    handed: list[Any] = []
    monkeypatch.setattr(policy, "run", lambda *what: handed.append(what))
    toolboxes: Iterator[Any] = iter(["first", "second"])
    app = make_app("memory://")
    register(app, lambda: next(toolboxes))
    app.tasks[name](41)
    app.tasks[name](42)
    assert handed == [
        ("first", name, SERVICES[name], 41),
        ("second", name, SERVICES[name], 42),
    ]
    app.close()


def test_the_services_are_those_of_their_names() -> None:
    assert {name: service.__name__ for name, service in tasks.SERVICES.items()} == {
        "prepare": "prepare",
        "submit": "submit",
        "reconcile": "reconcile",
        "collect": "collect",
        "inbox": "inbox",
        "apply": "apply_retour",
        "classify": "classify",
    }
