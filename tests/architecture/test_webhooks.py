"""The page on webhooks says what programs receive, and its code verifies a real call."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI

from tests.support.bench import bench as open_bench
from tests.support.programs import programs
from tests.support.web_server import web_server
from transmission.api.webhook_shown import WEBHOOKS
from transmission.api.webhooks import route_webhooks
from transmission.domain.cloud_events import (
    PREFIX,
    ActeNamed,
    EventType,
    JournalLine,
    Speaker,
    numbered,
)
from transmission.domain.lifecycle import State
from transmission.outbound.webhook import USUAL
from transmission.services.deliver import RETRIES
from transmission.services.tell import CALLERS, DISABLED_AFTER, SHARE
from transmission.settings import Settings
from transmission.store.unit_of_work import open_engine

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")


def _rows() -> list[list[str]]:
    lines = re.findall(r"(?m)^\| (.*) \|$", PAGE)
    return [[cell.strip("` ") for cell in line.split(" | ")] for line in lines]


def test_every_type_of_events_is_in_the_table_and_no_other() -> None:
    told = [row[0] for row in _rows() if f"{PREFIX}{row[0]}" in {each.code for each in EventType}]
    assert told == [each.code.removeprefix(PREFIX) for each in EventType]
    dotted = [row[0] for row in _rows() if re.fullmatch(r"[a-z]+\.[a-z_]+", row[0])]
    assert set(dotted) <= set(told)


def test_the_example_is_an_event_that_the_program_makes() -> None:
    block = re.search(r"(?m)(?:^ {4}[{} \"].*\n)+", PAGE[PAGE.index("## What comes") :])
    assert block is not None
    shown = json.loads(block.group())
    data = shown["data"]
    named = data["acte"]
    line = JournalLine(
        id=4711,
        at=datetime.fromisoformat(shown["time"]).astimezone(UTC),
        event="ar_received",
        details={"date_reception": "2026-03-09", "differences": 0},
        acte=ActeNamed(
            id=named["id"],
            numero_interne=named["numero_interne"],
            date_decision=date.fromisoformat(named["date_decision"]),
            nature=named["nature"],
        ),
        source=State.SUBMITTED,
        target=State.ACKNOWLEDGED,
        transmission_id=data["envoi"]["id"],
        message="1-1",
        id_acte=data["envoi"]["id_acte"],
    )
    made = numbered(Speaker("123456782", "https://actes.example.org").event(line), 42)
    assert made == shown


def _verifier() -> Any:
    code = re.search(r"(?s)```python\n(.*?)```", PAGE)
    assert code is not None
    space: dict[str, Any] = {}
    exec(code.group(1), space)
    return space["verified"]


@pytest.fixture
def delivered(database_url: str, tmp_path: Path) -> Iterator[tuple[Any, str, float]]:
    """A call as it really came, its secret, and the instant of the clock."""
    engine = open_engine(database_url)
    bench = open_bench(engine, Settings.model_construct(documents_dir=tmp_path / "documents"))
    with web_server(None) as web:
        served = programs(bench, tmp_path, web)
        program = served.add()
        bench.acte()
        served.run()
        (asked,) = program.asked
        yield asked, program.secret, bench.clock.now().timestamp()
    engine.dispose()


def test_the_code_of_the_page_takes_a_real_call(delivered: Any) -> None:
    asked, secret, now = delivered
    assert _verifier()(asked.headers, asked.body, secret, lambda: now) == asked.body


@pytest.mark.parametrize("wrong", ["body", "secret", "old", "signature"])
def test_the_code_of_the_page_refuses_anything_else(delivered: Any, wrong: str) -> None:
    asked, secret, now = delivered
    body = asked.body + b" " if wrong == "body" else asked.body
    headers = dict(asked.headers)
    if wrong == "signature":
        headers["webhook-signature"] = "v1,"
    if wrong == "secret":
        secret = f"whsec_{'A' * 43}="
    late = 301 if wrong == "old" else 0
    with pytest.raises(ValueError, match="not from the service"):
        _verifier()(headers, body, secret, lambda: now + late)


def test_the_code_fits_in_ten_lines() -> None:
    code = re.search(r"(?s)```python\n.*?\"\"\"\n(.*?)```", PAGE)
    assert code is not None
    assert len(code.group(1).splitlines()) <= 10


def test_the_bounds_are_those_of_the_program() -> None:
    assert f"after {USUAL.whole:.0f} seconds the call is cut" in PAGE
    assert DISABLED_AFTER.days == 5
    assert "After five days" in PAGE
    assert SHARE.seconds == 5
    assert "for five seconds at most" in PAGE
    assert CALLERS == 8
    assert "eight are called at once" in PAGE
    assert [each.total_seconds() / 60 for each in RETRIES] == [1, 5, 30, 120, 360, 720, 1440, 1440]


def test_every_request_of_the_page_exists() -> None:
    app, nothing = FastAPI(), cast("Any", None)
    route_webhooks(app, nothing, nothing)
    paths = app.openapi()["paths"]
    known = {(verb.upper(), re.sub(r"{\w+}", "{}", path)) for path in paths for verb in paths[path]}
    told = [row[0].split(" ") for row in _rows() if WEBHOOKS in row[0]]
    assert {(verb, re.sub(r"{\w+}", "{}", path)) for verb, path in told} == known
