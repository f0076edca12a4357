"""What the processes say of themselves, and what they never do."""

import io
import json
import logging
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
    said = sys.stderr.getvalue()  # type: ignore[union-attr]
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


def test_what_libraries_say_is_written_like_our_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    logs.configure()
    said = logging.getLogger("library.of.others")
    said.info("not worth a line")
    try:
        fails("secret")
    except RuntimeError:
        said.warning("it %s", "broke", exc_info=True)
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"]) == ("it broke", "warning")
    assert told["logger"] == "library.of.others"
    assert "in fails" in told["exception"]


@pytest.mark.parametrize("stream", [io.StringIO, _Terminal])
def test_an_address_that_lets_in_is_told_without_what_lets_in(
    stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream())
    logs.configure()
    for kind in ("premiere", "directe"):
        link = f"secret-{kind}"
        structlog.get_logger().error("register away", path=f"/connexion/{kind}/{link}?suite=/")
        assert link not in sys.stderr.getvalue()  # type: ignore[union-attr]
        assert f"/connexion/{kind}/…" in sys.stderr.getvalue()  # type: ignore[union-attr]
