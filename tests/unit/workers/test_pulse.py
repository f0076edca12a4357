"""Heartbeats: seldom, and never at the cost of the work that they tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from workers.pulse import Pulse, mark_of

START = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)


class Tools:
    """A register that may be away, and a clock."""

    def __init__(self) -> None:
        self.clock = self
        self.at = START
        self.away = False
        self.told: list[Any] = []

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    @contextmanager
    def register(self) -> Iterator["Tools"]:
        if self.away:
            raise OperationalError("INSERT", None, OSError("away"))
        yield self

    def beat(self, *what: Any) -> None:
        self.told.append(what)

    def commit(self) -> None:
        self.told.append("committed")


@pytest.fixture
def tools() -> Any:
    return Tools()


def test_finished_work_is_told_with_its_instant_and_committed(tools: Any) -> None:
    Pulse().beat(tools, "queue:send", "work")
    assert tools.told == [("queue:send", START, "work"), "committed"]


def test_a_name_is_told_at_most_once_in_five_seconds_and_does_not_silence_another(
    tools: Any,
) -> None:
    pulse = Pulse()
    for _ in range(3):
        pulse.beat(tools, "queue:send")
        pulse.beat(tools, "queue:collect")
        tools.advance(2)
    assert [each[0] for each in tools.told if each != "committed"] == [
        "queue:send",
        "queue:collect",
    ]
    pulse.beat(tools, "queue:send")
    assert tools.told[-2] == ("queue:send", START + timedelta(seconds=6), "")


def test_a_clock_set_back_does_not_hold_the_heart(tools: Any) -> None:
    pulse = Pulse()
    pulse.beat(tools, "relay")
    tools.advance(-3600)
    pulse.beat(tools, "relay")
    assert tools.told[-2] == ("relay", START - timedelta(hours=1), "")


def test_a_register_that_is_away_takes_nothing_from_the_work(tools: Any) -> None:
    tools.away, pulse = True, Pulse()
    with structlog.testing.capture_logs() as logs:
        pulse.beat(tools, "relay")
    assert [entry["event"] for entry in logs] == ["no heartbeat"]
    tools.away = False
    tools.advance(5)
    pulse.beat(tools, "relay")
    assert tools.told[-1] == "committed"


def test_finished_work_leaves_a_mark_here_even_while_the_register_is_away(
    tools: Any, tmp_path: Path
) -> None:
    mark = mark_of(tmp_path)
    tools.away = True
    Pulse(mark).beat(tools, "queue:send")
    assert mark.exists()


def test_a_place_that_cannot_be_marked_takes_nothing_from_the_work(
    tools: Any, tmp_path: Path
) -> None:
    (tmp_path / "pulse").touch()
    Pulse(mark_of(tmp_path)).beat(tools, "queue:send")
    assert tools.told[-1] == "committed"
