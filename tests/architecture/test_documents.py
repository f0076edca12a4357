"""The documents say what the program is: settings, words, commands, links; and nothing else."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, fields
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest

from transmission.cli.collectivites import described
from transmission.cli.main import COMMANDS, cli
from transmission.domain.collectivite import (
    Collectivite,
    LegalOptions,
    Mailbox,
    Referent,
    SigningKey,
    TdtAccount,
    TransmissionWindow,
)
from transmission.domain.legal.options import dump_options
from transmission.domain.signing_keys import key_flaws
from transmission.domain.windows import window_problems
from transmission.killpoints import POINTS
from transmission.mocktdt.main import main as mock_tdt
from transmission.ports import Situation
from transmission.settings import PREFIX, Settings
from transmission.store import unit_of_work  # noqa: F401 - it knows every table
from transmission.store.tables import metadata
from transmission.tdt.registry import ConnectorRegistry
from transmission.tdt.s2low.errors import STATUTS
from workers.queues import TIME_LIMIT

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
MODULES = ["builtins", "datetime", "transmission.ports"] + [
    f"transmission.domain.{name}"
    for name in ("acte", "collectivite", "identifiers", "legal.dates", "lifecycle", "outcomes")
]
MODULES += [
    f"transmission.domain.{name}"
    for name in (
        "access",
        "accounts",
        "courriers",
        "desks",
        "enveloppes",
        "messages",
        "notifications",
        "people",
        "retours",
        "transmission",
        "uploads",
        "wishes",
    )
]
MODULES += ["transmission.domain.chain", "transmission.ports.chain"]
MODULES += ["transmission.ports.calls"]


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _rows(page: str) -> Iterator[list[str]]:
    """The cells of every line of every table."""
    for line in re.findall(r"(?m)^\| (.*) \|$", page):
        yield [cell.strip() for cell in line.split(" | ")]


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@cache
def _tracked() -> dict[str, str]:
    """Text of every file that git knows, by path; what is no text is left out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    texts = {}
    for name in listed.stdout.decode().rstrip("\0").split("\0"):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"\0"
        if b"\0" not in content:
            # Some messages of the ministry are in ISO-8859-1.
            texts[name] = content.decode("utf-8", "replace")
    return texts


# --- settings ---


def _written(default: Any) -> str:
    """A default as the tables write it: what one would put in the environment."""
    if default is None:
        return "–"
    return f"`{json.dumps(default) if isinstance(default, tuple) else default}`"


def _documented(page: str) -> dict[str, str]:
    """Default of every setting that a page has in a table."""
    rows = (row for row in _rows(_page(page)) if row[0].startswith(f"`{PREFIX}"))
    return {row[0].strip("`"): row[1] for row in rows}


SETTINGS = {
    f"{PREFIX}{name.upper()}": _written(field.default)
    for name, field in Settings.model_fields.items()
}


def test_every_setting_is_documented_with_its_default_and_no_other_is() -> None:
    assert _documented("operating.md") == SETTINGS


def test_the_settings_of_the_submission_cycle_have_the_defaults_of_the_program() -> None:
    assert _documented("submission-cycle.md").items() <= SETTINGS.items()
    assert len(_documented("submission-cycle.md")) > 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_setting_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(rf"{PREFIX}[A-Z0-9_]+", page.read_text(encoding="utf-8"))
    assert set(named) <= SETTINGS.keys()


def test_the_question_is_asked_when_the_worker_can_no_longer_be_sending() -> None:
    settings = Settings.model_construct()
    assert settings.submission_max + settings.settle_delay > TIME_LIMIT
    assert f"killed after {TIME_LIMIT} s" in _page("submission-cycle.md")


def _examples() -> list[str]:
    return re.findall(r"(?s)```toml\n(.*?)```", _page("operating.md"))


def _described(text: str, folder: Path) -> Collectivite:
    path = folder / "saint-exemple.toml"
    path.write_text(text, encoding="utf-8")
    return described(path, {})


def _shown(example: str) -> set[str]:
    return set(re.findall(r"(?m)^\[*(?:tdt\.)?(\w+)", example))


def test_the_example_of_an_authority_is_accepted_and_shows_every_field(tmp_path: Path) -> None:
    example, _, _ = _examples()
    it = _described(example, tmp_path)
    kinds = (Collectivite, TdtAccount, Referent, SigningKey)
    parts = (it, it.tdt, it.referent)
    assert not any(flaw for key in it.all_signing_keys for flaw in key_flaws(key))
    held = [asdict(key) for key in it.all_signing_keys]
    assert all(any(key[field.name] for key in held) for field in fields(SigningKey))
    absent = [f.name for part in parts for f in fields(part) if getattr(part, f.name) is None]
    assert absent == ["mailbox"]
    names = {field.name for kind in kinds for field in fields(kind)}
    assert _shown(example) == names - {"mailbox", "windows", "droit"}


def test_the_example_of_the_legal_clock_is_accepted_and_shows_every_option(tmp_path: Path) -> None:
    example, legal, _ = _examples()
    droit = _described(example + legal, tmp_path).droit
    unchanged = [
        each.name
        for each in fields(LegalOptions)
        if getattr(droit, each.name) == getattr(LegalOptions(), each.name)
    ]
    assert unchanged == ["profile", "rappels_jours"]
    assert _keys(dump_options(droit)) <= set(re.findall(r"\w+", legal))


def _keys(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_keys, value))
    if not isinstance(value, dict):
        return set()
    return set(value).union(*map(_keys, value.values()))


def test_the_example_without_an_operator_is_accepted_in_the_place_of_the_other(
    tmp_path: Path,
) -> None:
    whole, _, direct = _examples()
    text = re.sub(r"(?ms)^\[tdt\].*?(?=^\[referent\])", lambda _: direct, whole)
    it = _described(text, tmp_path)
    assert not ConnectorRegistry().capabilities(it.tdt).has_status
    assert window_problems(it.tdt.windows) == []
    kinds = (Mailbox, TransmissionWindow)
    assert {field.name for kind in kinds for field in fields(kind)} <= _shown(direct)
    assert {"mailbox", "windows"} <= _shown(direct) - _shown(whole)


# --- commands ---

COMMAND = re.compile(
    r"(?m)^ {4}(?:docker compose .*\bworker )?(?:\.venv/bin/)?(transmission|mock-tdt) (.*)$"
)


def _command_lines() -> list[tuple[str, str, str]]:
    texts = ((page.name, re.sub(r"\\\n\s*", "", page.read_text("utf-8"))) for page in PAGES)
    return [(name, *found) for name, text in texts for found in COMMAND.findall(text)]


@pytest.mark.parametrize(("page", "program", "line"), _command_lines())
def test_a_command_that_a_page_shows_is_understood(
    page: str, program: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The files that the pages name do not exist here.
    monkeypatch.setattr(click.Path, "convert", lambda _self, value, *_: value)
    words = shlex.split(line, comments=True)
    command: click.Command = mock_tdt if program == "mock-tdt" else cli
    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"{page}: {name}"
        command = found
    assert command.make_context(program, words) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_sub_command_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"`transmission ([a-z][a-z-]*)", page.read_text(encoding="utf-8"))
    assert set(named) <= COMMANDS.keys()


def test_the_pages_show_commands() -> None:
    assert len(_command_lines()) > 10


# --- words ---


def _glossary() -> list[list[str]]:
    """Rows of both tables as (on the wire, type, column)."""
    rows = [row for row in _rows(_page("glossary.md")) if row[0] not in ("notion", "word", "---")]
    return [row[1:4] if len(row) == 5 else ["", *row[2:4]] for row in rows if len(row) > 3]


def test_every_type_of_the_glossary_exists() -> None:
    modules = [import_module(name) for name in MODULES]
    named = [name for _, types, _ in _glossary() for name in _quoted(types)]
    assert [n for n in named if not any(hasattr(module, n) for module in modules)] == []
    assert len(named) > 20


def test_every_column_of_the_glossary_exists() -> None:
    known = {column.name for table in metadata.sorted_tables for column in table.columns}
    named = {name for _, _, columns in _glossary() for name in _quoted(columns)}
    assert named <= known | metadata.tables.keys()
    assert len(named) > 20


def test_every_word_of_the_wire_in_the_glossary_is_in_the_schema() -> None:
    schema = (ROOT / "schemas" / "actes" / "v1_1" / "actesv1_1.xsd").read_text(encoding="utf-8")
    known = set(re.findall(r'(?:name|ref)="(?:actes:)?(\w+)"', schema))
    named = {name for wire, _, _ in _glossary() for name in _quoted(wire)}
    assert named <= known
    assert len(named) > 15


def test_the_statuses_of_s2low_are_told_as_the_connector_reads_them() -> None:
    told = [
        (int(code), situation)
        for codes, text in (row[:2] for row in _rows(_page("connectors.md")))
        for situation in _quoted(text)[:1]
        if re.match(r"\d", codes) and situation in Situation.__members__
        for code in re.findall(r"\d+", codes)
    ]
    assert sorted(told) == [(code, read.name) for code, (read, _) in sorted(STATUTS.items())]


def test_the_points_where_a_crash_is_told_are_those_of_the_code() -> None:
    programs = ("transmission/", "workers/")
    sources = (text for name, text in _tracked().items() if name.startswith(programs))
    placed = re.findall(r'\breach\("([^"]+)"\)', "".join(sources))
    rows = [row[0] for row in _rows(_page("submission-cycle.md")) if len(row) == 3]
    told = {point for cell in rows for point in _quoted(cell) if re.fullmatch(r"\w+\.\w+", point)}
    assert told == set(POINTS)
    assert sorted(placed) == sorted(POINTS)


# --- decisions and changes ---


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda p: p.stem)
def test_a_decision_says_its_context_itself_and_its_consequences_on_one_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"(?m)^#+ .*$", text)
    assert headings[0].startswith("# ")
    assert headings[1:] == ["## Context", "## Decision", "## Consequences"]
    assert len(text.splitlines()) < 40


def test_the_version_of_the_program_is_in_the_changelog() -> None:
    assert f"\n## {version('transmission')}\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")


# --- links, and what no file says ---


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_exists(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    targets = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in targets if not (page.parent / link).exists()] == []


PICTURE = re.compile(r"!\[[^\]]+\]\(([^)\s]+\.png)\)")
HEAVIEST = 150_000
"""Bytes of a picture: whoever reads a page on a slow line waits for all of them."""


def test_every_picture_is_shown_with_its_words_and_every_one_shown_exists_and_is_light() -> None:
    shown = [
        (page.parent / name).resolve()
        for page in PAGES
        for name in PICTURE.findall(page.read_text(encoding="utf-8"))
    ]
    kept = set((DOCS / "pictures").iterdir())
    assert set(shown) == kept
    assert [path.name for path in kept if path.stat().st_size > HEAVIEST] == []


def test_the_command_of_the_pictures_makes_every_one_of_them() -> None:
    sources = [ROOT / "tests" / "pictures.py", ROOT / "tests" / "support" / "clerk.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    names = [path.stem for path in (DOCS / "pictures").iterdir()]
    assert [name for name in names if f'"{name}"' not in text and f"{name}.png" not in text] == []


# Written so that this file does not match them.
MACHINE = r"(?<![\w.])/(?:work|root|home|Users)/[\w.]"
REGISTRY = r"(?i)(?:pypi|npmjs|docker|debian|pythonhosted|ghcr|quay)[.](?:org|com|io|net)\b"
AUTHORSHIP = r"(?i)\b(?:cl[a]ude|anthr[o]pic|open[a]i|chat[g]pt|c[o]pilot|language mod[e]l|"
AUTHORSHIP += r"a[i]-generated|co-auth[o]red-by|sub-?ag[e]nt|sh[a]red/(?:design|reference))\b"


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY, AUTHORSHIP], ids=["paths", "hosts", "us"])
def test_no_file_names_a_machine_a_registry_or_its_makers(pattern: str) -> None:
    found = {name: re.findall(pattern, text) for name, text in _tracked().items()}
    assert {name: words for name, words in found.items() if words} == {}
    assert len(found) > 100
