"""What a shell proposes: soon, or not at all."""

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from transmission.cli import completion

Run = Callable[..., SimpleNamespace]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_names_the_program_and_how_it_is_asked(shell: str, run: Run) -> None:
    ended = run("completion", shell)
    assert (ended.code, ended.err) == (0, "")
    assert "_TRANSMISSION_COMPLETE" in ended.out
    assert "transmission" in ended.out


def test_commands_are_proposed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TRANSMISSION_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "transmission sta")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert "plain,status" in run().out.splitlines()


def test_a_register_that_is_late_or_away_proposes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(completion, "PATIENCE", 0.01)

    def late() -> Iterator[str]:
        time.sleep(0.2)
        yield "D1"

    def away() -> Iterator[str]:
        raise OSError
        yield "D1"

    assert completion._soon(late) == []
    assert completion._soon(away) == []
    monkeypatch.setattr(completion, "PATIENCE", 5)
    assert completion._soon(lambda: iter(["D1"])) == ["D1"]
