"""Every rule is there, once, with what people need to weigh it."""

import re
from datetime import date

from transmission.domain.legal.rules import RULES
from transmission.domain.legal.rules_acte import ACTE_RULES
from transmission.domain.legal.rules_controle import CONTROLE_RULES

CHAPTERS = {
    "CALC": 8,
    "TR": 6,
    "EX": 6,
    "DT": 6,
    "DF": 14,
    "TP": 4,
    "BU": 7,
    "UR": 6,
    "PU": 6,
    "EL": 7,
    "WD": 4,
    "HO": 5,
    "RT": 3,
}


def test_every_rule_of_every_chapter_is_there_once() -> None:
    wanted = {
        f"{chapter}-{number}" for chapter, last in CHAPTERS.items() for number in range(1, last + 1)
    }
    assert set(RULES) == wanted
    assert len(ACTE_RULES) + len(CONTROLE_RULES) == len(RULES)
    assert all(rule.id == name for name, rule in RULES.items())


def test_every_title_and_every_basis_is_a_line_for_people() -> None:
    titles = [rule.titre for rule in RULES.values()]
    assert len(set(titles)) == len(titles)
    for rule in RULES.values():
        for text in (rule.titre, rule.basis):
            assert text == text.strip()
            assert not re.search(r"\s{2}|\.$", text), text


def test_the_texts_of_a_known_day_are_in_force_from_that_day() -> None:
    dated = {rule.id: rule.in_force_from for rule in RULES.values() if rule.in_force_from}
    reform = date(2022, 7, 1)
    assert {name for name, day in dated.items() if day == reform} == {
        "EX-1", "EX-2", "PU-1", "PU-2", "PU-3", "PU-4", "PU-5", "PU-6",
    }  # fmt: skip
    assert dated["UR-4"] == date(2025, 11, 28)
    assert dated["UR-5"] == date(2023, 1, 1)
    assert dated["EL-1"] == date(2020, 8, 7)
