"""Waiting ends when nothing more is expected of the service, or when time is up."""

from types import SimpleNamespace
from typing import Any

import pytest

from transmission.cli.waiting import wait_for
from transmission.domain.lifecycle import State


class Register:
    """Gives each act the states of a list, one a look; the last one stays."""

    def __init__(self, **states: list[State]) -> None:
        self.states = {int(name.removeprefix("a")): seen for name, seen in states.items()}

    def __call__(self) -> Any:
        return self

    def __enter__(self) -> "Register":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def current_transmission(self, acte_id: int) -> Any:
        seen = self.states[acte_id]
        return SimpleNamespace(state=seen.pop(0) if len(seen) > 1 else seen[0])


def ended(register: Register, pauses: list[float], **options: Any) -> list[State]:
    tools: Any = SimpleNamespace(register=register)
    outcomes = wait_for(tools, list(register.states), pause=pauses.append, **options)
    return [outcome.state for outcome in outcomes]


@pytest.mark.parametrize("last", [State.ACKNOWLEDGED, State.REJECTED, State.CANCELLED, State.HELD])
def test_waiting_ends_where_the_machine_has_nothing_more_to_do(last: State) -> None:
    pauses: list[float] = []
    register = Register(a1=[State.ACCEPTED, State.IN_DOUBT, State.SUBMITTED, last])
    assert ended(register, pauses) == [last]
    assert len(pauses) == 3


def test_waiting_ends_with_the_last_of_several_acts() -> None:
    pauses: list[float] = []
    slow = [State.ACCEPTED, State.SUBMITTED, State.ACKNOWLEDGED]
    register = Register(a1=[State.REJECTED], a2=slow)
    assert ended(register, pauses) == [State.REJECTED, State.ACKNOWLEDGED]
    assert len(pauses) == 2


def test_waiting_gives_up_when_told_to() -> None:
    assert ended(Register(a1=[State.SUBMITTED]), [], limit=0) == [State.SUBMITTED]


def test_nothing_is_shown_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    ended(Register(a1=[State.SUBMITTED, State.ACKNOWLEDGED]), [])
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar_with_the_state(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    ended(Register(a1=[State.SUBMITTED, State.ACKNOWLEDGED]), [])
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Accusé de réception reçu" in shown.err
    assert "━" * 24 in shown.err
