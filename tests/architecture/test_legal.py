"""The legal clock says the same in its rules, in its functions and on its page, both ways."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from enum import Enum
from functools import cache
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from typing import Any

import pytest

from transmission.domain.legal.rules import RULES
from transmission.domain.legal.settings import PRUDENT, STRICT, LegalSettings

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "transmission" / "domain" / "legal"
PAGE = (ROOT / "docs" / "legal.md").read_text(encoding="utf-8")
CONTESTED = {f"C-{number}" for number in range(1, 20)}
WITHOUT_FUNCTION = {"RT-3"}
"""Rules that ask for a person's judgment and compute nothing."""

_CITED = re.compile(r"\b([A-Z]{2,4})-(\d+)(?:\s+to\s+\1-(\d+))?")


@cache
def _rows(columns: int) -> list[list[str]]:
    """Rows of the page's tables that have that many columns, without their heads."""
    lines = (line for line in PAGE.splitlines() if re.match(r"\| [A-Z]+-\d+ \|", line))
    rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return [row for row in rows if len(row) == columns]


def _rule_rows() -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in _rows(5)}


def _setting_rows() -> dict[str, list[str]]:
    return {_code(row[2]): row for row in _rows(6) if row[2] != "—"}


def _code(cell: str) -> str:
    return cell.strip("`")


def _functions(cell: str) -> list[str]:
    return re.findall(r"`([a-z_]+\.[A-Za-z_]+)`", cell)


def _cited(text: str) -> set[str]:
    """Rules that a text cites, ranges included."""
    return {
        f"{chapter}-{number}"
        for chapter, first, last in _CITED.findall(text)
        for number in range(int(first), int(last or first) + 1)
    }


def _named(name: str) -> Any:
    module, _, function = name.partition(".")
    return getattr(import_module(f"transmission.domain.legal.{module}"), function)


def _docstrings() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                yield path.stem, ast.get_docstring(node) or ""


def test_every_rule_is_on_the_page_once_and_nothing_else() -> None:
    assert Counter(row[0] for row in _rows(5)) == Counter(list(RULES))


@pytest.mark.parametrize("name", RULES)
def test_a_rule_reads_the_same_on_the_page(name: str) -> None:
    titre, _, basis, read = _rule_rows()[name]
    rule = RULES[name]
    assert (titre, basis, read) == (rule.titre, rule.basis, rule.confidence.code)


@pytest.mark.parametrize("name", [name for name in RULES if name not in WITHOUT_FUNCTION])
def test_a_rule_has_a_function_that_cites_it(name: str) -> None:
    functions = _functions(_rule_rows()[name][1])
    assert functions
    for function in functions:
        found = _named(function)
        assert found.__module__ == f"transmission.domain.legal.{function.partition('.')[0]}"
        assert name in _cited(getdoc(found) or ""), f"{function} does not cite {name}"


@pytest.mark.parametrize("name", sorted(WITHOUT_FUNCTION))
def test_a_rule_without_a_function_says_so(name: str) -> None:
    assert _rule_rows()[name][1] == "—"
    assert f"**{name}**" in PAGE


def test_a_function_that_cites_a_rule_is_on_the_page() -> None:
    listed = {name for row in _rows(5) for name in _functions(row[2])}
    modules = {name.partition(".")[0] for name in listed}
    citing = {f"{module}.{name}" for module in modules for name in _functions_citing(module)}
    assert not citing - listed


def _functions_citing(module: str) -> Iterator[str]:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if _cited(ast.get_docstring(node) or ""):
            yield node.name


def test_no_docstring_cites_a_rule_that_is_not_there() -> None:
    unknown = {
        (module, name) for module, text in _docstrings() for name in _cited(text) - set(RULES)
    }
    assert not unknown


def test_no_docstring_cites_a_contested_point_that_is_not_there() -> None:
    cited = {name for _, text in _docstrings() for name in re.findall(r"\bC-\d+", text)}
    assert cited <= CONTESTED


def test_every_contested_point_is_on_the_page_once() -> None:
    points = Counter(row[0] for row in _rows(6))
    assert {name for name in points if name.startswith("C-")} == CONTESTED
    assert set(points.values()) == {1}


def test_every_setting_is_on_the_page_with_its_two_values() -> None:
    assert set(_setting_rows()) == {field.name for field in fields(LegalSettings)}
    for name, row in _setting_rows().items():
        assert row[3] == _text(getattr(PRUDENT, name)), name
        assert row[4] == _text(getattr(STRICT, name)), name


def test_a_point_without_setting_names_the_function_that_gives_both_days() -> None:
    without = [row for row in _rows(6) if row[2] == "—"]
    assert {row[0] for row in without} == {"C-11", "C-13", "C-15"}
    for row in without:
        for function in _functions(row[5]):
            assert callable(_named(function))


def _text(value: bool | Enum) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)
