"""A check shows its texts, marks those that were not found, and cites its own rules alone."""

from datetime import date

import pytest

from transmission.domain.legal.check import Check, article_of, dated
from transmission.domain.legal.findings import Severity
from transmission.domain.legal.rules import RULES

LEGAL = Check("a", "A", Severity.GRAVE, "Tout.", "Voyez l'acte NUMERO.", ("EX-1", "DT-2"))
TECHNICAL = Check("b", "B", Severity.INFO, "Rien.", "Attendez.", source="Protocole")


def test_a_finding_has_the_usual_rule_and_severity_of_its_check() -> None:
    found = LEGAL.found("acte:1", "Acte 1.", (), numero="2026_001", acte_id=1)
    assert (found.rule, found.article) == ("EX-1", RULES["EX-1"].basis)
    assert (found.check, found.severity, found.acte_id) == ("a", Severity.GRAVE, 1)
    assert found.remedy == "Voyez l'acte 2026_001."


def test_a_finding_may_have_another_rule_severity_and_remedy() -> None:
    found = LEGAL.found(
        "acte:1", "Acte 1.", (), rule="DT-2", severity=Severity.INFO, remedy="Rien à faire."
    )
    assert (found.rule, found.severity, found.remedy) == ("DT-2", Severity.INFO, "Rien à faire.")


def test_a_text_that_was_not_found_is_shown_as_to_be_verified() -> None:
    assert article_of("DT-2") == f"{RULES['DT-2'].basis} (à vérifier)"
    assert LEGAL.article == f"{RULES['EX-1'].basis} ; {RULES['DT-2'].basis} (à vérifier)"


def test_a_rule_that_the_check_does_not_list_is_refused() -> None:
    with pytest.raises(ValueError, match="DF-1"):
        LEGAL.found("acte:1", "Acte 1.", (), rule="DF-1")


def test_a_technical_check_shows_its_source_or_the_rule_of_the_finding() -> None:
    found = TECHNICAL.found("x", "X.", ())
    assert (found.rule, found.article, TECHNICAL.article) == (None, "Protocole", "Protocole")
    assert TECHNICAL.found("x", "X.", (), rule="EX-1").article == RULES["EX-1"].basis


def test_days_that_are_not_known_are_no_evidence() -> None:
    pairs = dated(("Reçu le", date(2026, 3, 1)), ("Publié le", None))
    assert pairs == (("Reçu le", "1er mars 2026"),)
