"""The page of the compliance checks says what the checks are, both ways."""

import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from transmission.cli.main import COMMANDS
from transmission.domain.legal.check import DEFAULTS, Check, CheckSettings
from transmission.domain.legal.checks import CHECKS
from transmission.domain.legal.findings import Severity
from transmission.domain.legal.rules import RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")
_LABELS = ("Contrôle", "Gravité", "Regarde", "Règle", "Texte", "Que faire")


@cache
def _sections() -> dict[str, list[str]]:
    """What the page says of each check, by its code, field by field."""
    found = {}
    for section in re.split(r"(?m)^#### ", PAGE)[1:]:
        title, _, body = section.partition("\n")
        text = " ".join(re.split(r"(?m)^##", body)[0].split())
        values = re.split(r" ?- \*\*([^*]+)\*\* : ", text)[1:]
        assert tuple(values[::2]) == _LABELS, title
        found[title.strip("`")] = values[1::2]
    return found


def _told(check: Check) -> list[str]:
    rules = ", ".join(check.rules) or "—"
    severity = check.severity.label
    return [check.titre, severity, check.looks_at, rules, check.article, check.remedy]


def test_every_check_is_on_the_page_in_its_order_and_nothing_else() -> None:
    assert list(_sections()) == list(CHECKS)
    assert PAGE.count("\n#### ") == len(CHECKS)


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_reads_the_same_on_the_page(code: str) -> None:
    assert _sections()[code] == _told(CHECKS[code])


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_cites_rules_that_exist_or_its_source(code: str) -> None:
    check = CHECKS[code]
    assert set(check.rules) <= set(RULES)
    assert bool(check.rules) is not bool(check.source)
    assert check.looks_at.endswith(".")
    assert check.remedy.endswith(".")


@pytest.mark.parametrize("code", CHECKS)
def test_what_a_check_asks_for_can_be_done(code: str) -> None:
    commands = set(re.findall(r"« transmission ([a-z-]+)", CHECKS[code].remedy))
    assert commands <= COMMANDS.keys()


def test_every_setting_is_on_the_page_with_its_value() -> None:
    rows = dict(re.findall(r"(?m)^\| `(\w+)` \| (\w+) \|", PAGE))
    assert rows == {
        field.name: str(getattr(DEFAULTS, field.name)) for field in fields(CheckSettings)
    }


def test_a_setting_that_a_check_names_exists() -> None:
    named = {
        name for check in CHECKS.values() for name in re.findall(r"[a-z]+_[a-z_]+", check.looks_at)
    }
    assert named <= {field.name for field in fields(CheckSettings)} | set(CHECKS)


def test_every_severity_is_explained_on_the_page() -> None:
    rows = re.findall(r"(?m)^\| (Grave|Attention|Information) \|", PAGE)
    assert rows == [severity.label for severity in Severity]
