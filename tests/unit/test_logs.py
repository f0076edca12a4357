"""What the processes say of themselves, and what they never do."""

import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from transmission import logs


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    logs.configure()


def fails(secret: str) -> Any:
    kept = secret
    raise RuntimeError(f"panne de {len(kept)} lettres")


@pytest.mark.parametrize("stream", [io.StringIO, _Terminal])
def test_a_fault_is_told_with_its_place_and_without_the_values_around_it(
    stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream())
    logs.configure()
    secret = "mot-de-passe-du-coffre"
    try:
        fails(secret)
    except RuntimeError:
        structlog.get_logger().exception("failed", acte=12)
    said = sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert "panne de 22 lettres" in said
    assert "in fails" in said
    assert secret not in said


def test_a_program_reads_one_line_of_json_for_each_event(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    structlog.get_logger().warning("a first", acte=12)
    structlog.get_logger().error("a second", reason="à l'heure\nsuivante")
    printed = capsys.readouterr()
    first, second = (json.loads(line) for line in printed.err.splitlines())
    assert (first["event"], first["level"], first["acte"]) == ("a first", "warning", 12)
    assert second["reason"] == "à l'heure\nsuivante"
    assert first["timestamp"].endswith("Z")
    # What a command prints for a program is not mixed with what it says of itself.
    assert printed.out == ""
