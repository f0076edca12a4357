"""What the pages of actions say: their own words, their own buttons, never a command."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from transmission.console.actions.done import said
from transmission.console.actions.page_words import for_pages, problem_for_pages
from transmission.console.actions.sheet import Typed, reason_of
from transmission.domain.errors import Problem

ROOT = Path(__file__).parents[3] / "transmission"
KEPT = ("ar", "authority", "doctor", "send", "sitting", "explain", "status", "timestamps")
"""Commands that no button of the actions replaces."""


def sentences(*patterns: str) -> Iterator[str]:
    """Every text of the sources that names a command."""
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_what_checks_advise_is_said_with_the_buttons_of_the_pages() -> None:
    commands = set()
    for text in sentences("domain/legal/checks_*.py", "domain/legal/entered.py"):
        commands |= set(re.findall(r"« transmission ([a-z-]+)", for_pages(text)))
    assert commands <= set(KEPT)


def test_a_button_takes_the_place_of_its_command() -> None:
    told = "Lisez-le (« transmission check »). « transmission status NUMERO » dit où il en est."
    assert for_pages(told) == "Lisez-le (« En prendre acte »). La page de l'acte dit où il en est."
    assert (
        for_pages("Voyez (« transmission explain D7 --si x »), puis rien.") == "Voyez, puis rien."
    )
    assert for_pages("« transmission doctor »") == "« transmission doctor »"


def problems_of(path: Path) -> Iterator[Problem]:
    """The problems that a service tells whose texts do not depend on anything."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
            parts = [
                part.value if isinstance(part, ast.Constant) else ast.unparse(part)
                for part in node.args
            ]
            if len(parts) == 4:
                yield Problem(*map(str, parts))


@pytest.mark.parametrize(
    "service",
    ["publish", "unpublish", "stamp", "certify", "record_event", "reply", "resend", "attach"],
)
def test_no_remedy_names_an_option_of_the_command_line(service: str) -> None:
    found = list(problems_of(ROOT / "services" / f"{service}.py"))
    assert found
    for problem in found:
        # A field named by a variable: one of those that it stands for.
        shown = problem_for_pages(
            replace(problem, field={"name": "recu"}.get(problem.field, problem.field))
        )
        assert not re.search(r"(^|[ :])--[a-z{]", shown.remedy), problem
        assert "« transmission" not in shown.remedy or "authority" in shown.remedy, problem


def test_the_address_carries_no_sentence() -> None:
    assert said("relance").startswith("C'est fait")
    assert said("<b>Votre compte est clos</b>") == ""


@pytest.mark.parametrize(
    ("text", "kept", "rules"),
    [
        ("  vu  avec\nle  service ", "vu avec le service", []),
        ("x" * 500, "x" * 500, []),
        ("x" * 501, "x" * 501, ["motif_longueur"]),
        (" \u2028 ", "", ["motif_absent"]),
        ("l\u202eacte", "l\ufffdacte", []),
    ],
)
def test_a_reason_is_one_line_that_can_be_kept(text: str, kept: str, rules: list[str]) -> None:
    reason, problems = reason_of(Typed({"motif": [text]}))
    assert (reason, [problem.rule for problem in problems]) == (kept, rules)
