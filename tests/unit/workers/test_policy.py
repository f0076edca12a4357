"""A task that fails is logged and counted on its row; it is never retried by the broker."""

from typing import Any

import pytest
import structlog

from workers import policy
from workers.queues import TASKS

ABOUT_A_TRANSMISSION = ("reconcile",)
TOOLS: Any = object()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The failures recorded."""
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr(policy, "record_failure", lambda *what: told.append(what))
    return told


class ToldPulse:
    """What a process says that it finished."""

    def __init__(self) -> None:
        self.beats: list[tuple[Any, ...]] = []

    def beat(self, *what: Any) -> None:
        self.beats.append(what)


@pytest.fixture
def pulse() -> Any:
    return ToldPulse()


def _failing(_tools: Any, subject: int) -> None:
    raise ZeroDivisionError(f"about {subject}")


def test_a_task_that_succeeds_runs_its_service_once_and_counts_nothing(
    counted: list[tuple[Any, ...]], pulse: Any
) -> None:
    called: list[tuple[Any, int]] = []
    policy.run(TOOLS, pulse, "send", lambda tools, subject: called.append((tools, subject)), 7)
    assert called == [(TOOLS, 7)]
    assert counted == []
    assert pulse.beats == [(TOOLS, "queue:send", "work")]


def test_a_probe_that_came_through_is_told_of_its_queue(pulse: Any) -> None:
    policy.finished(TOOLS, pulse, "collect", "probe")
    assert pulse.beats == [(TOOLS, "queue:collect", "probe")]


@pytest.mark.parametrize("task", ABOUT_A_TRANSMISSION)
def test_a_fault_about_a_transmission_is_counted_on_it_with_its_kind_and_text(
    counted: list[tuple[Any, ...]], pulse: Any, task: str
) -> None:
    with structlog.testing.capture_logs() as logs:
        policy.run(TOOLS, pulse, task, _failing, 7)
    assert counted == [(TOOLS, 7, task, "ZeroDivisionError : about 7")]
    (entry,) = logs
    assert (entry["event"], entry["task"], entry["subject"]) == ("task failed", task, 7)
    assert entry["exc_info"]
    assert pulse.beats == []


@pytest.mark.parametrize("task", sorted(set(TASKS) - set(ABOUT_A_TRANSMISSION)))
def test_a_fault_about_anything_else_is_logged_and_counted_on_no_transmission(
    counted: list[tuple[Any, ...]], pulse: Any, task: str
) -> None:
    with structlog.testing.capture_logs() as logs:
        policy.run(TOOLS, pulse, task, _failing, 7)
    assert len(logs) == 1
    assert counted == []
    assert pulse.beats == []


def test_the_end_of_the_process_is_no_fault_of_a_task(
    counted: list[tuple[Any, ...]], pulse: Any
) -> None:
    def stopped(_tools: Any, _subject: int) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        policy.run(TOOLS, pulse, "send", stopped, 7)
    assert counted == []
    assert pulse.beats == []
