"""The address of the compliance page, and the words of a finding."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from transmission.console.compliance_page import FindingFilters, FindingView, check_label
from transmission.domain.legal.checks import CHECKS
from transmission.domain.legal.findings import Severity
from transmission.store.queries.findings import FindingCursor, FindingLine, WantedFindings

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)


def line(**changes: Any) -> FindingLine:
    fields: dict[str, Any] = {
        "id": 12,
        "check": "reception_tardive",
        "key": "acte:1",
        "severity": Severity.ATTENTION,
        "rule": "DT-1",
        "article": "CGCT, art. L. 2131-1",
        "message": "Reçu trop tard.",
        "remedy": "Vérifiez.",
        "evidence": (("Dû", "2 mai"),),
        "opened_at": NOW,
        "acknowledged_at": None,
        "acknowledged_by": None,
        "acknowledged_reason": None,
        "closed_at": None,
        "closed_reason": None,
        "acte_id": 1,
        "numero_interne": "2026_001",
        "objet": "Tarifs",
        "siren": "123456782",
        "collectivite": "Commune de Saint-Exemple",
        "time_zone": "Europe/Paris",
    }
    return FindingLine(**{**fields, **changes})


def test_the_filters_say_what_to_ask_of_the_register() -> None:
    filters = FindingFilters("grave", "accuse_futur", "123456782", "non", "0-12")
    assert filters.wanted == WantedFindings(Severity.GRAVE, "accuse_futur", "123456782", seen=False)
    assert filters.cursor == FindingCursor(0, 12)
    assert FindingFilters().wanted == WantedFindings()
    assert FindingFilters().cursor is None


@pytest.mark.parametrize("filters", [FindingFilters(gravite="x"), FindingFilters(vu="peut-être")])
def test_a_filter_that_means_nothing_is_refused(filters: FindingFilters) -> None:
    with pytest.raises(ValueError, match="unknown"):
        _ = filters.wanted


@pytest.mark.parametrize("text", ["", "1", "a-1", "0-", "0-1-2", "0-1234567890123456789", "0-1\n"])
def test_a_place_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        FindingCursor.parse(text)


def test_a_place_is_written_as_it_is_read() -> None:
    assert FindingCursor.parse(str(FindingCursor(2, 345))) == FindingCursor(2, 345)


def test_another_filter_begins_at_the_first_page_and_keeps_the_others() -> None:
    filters = FindingFilters("grave", "a&b", "123456782", "oui", "0-12")
    parts = urlsplit(filters.url(gravite="info"))
    assert parts.path == "/conformite"
    assert parse_qs(parts.query) == {
        "gravite": ["info"],
        "controle": ["a&b"],
        "collectivite": ["123456782"],
        "vu": ["oui"],
    }
    assert filters.url("/conformite.csv", gravite="", controle="", collectivite="", vu="") == (
        "/conformite.csv"
    )
    assert parse_qs(urlsplit(filters.url(apres="1-7")).query)["apres"] == ["1-7"]


def test_a_finding_gives_its_rule_and_the_mark_of_one_without_source() -> None:
    assert FindingView(line()).source == "Règle DT-1. CGCT, art. L. 2131-1"
    assert FindingView(line(rule=None)).source == "CGCT, art. L. 2131-1"
    assert not FindingView(line()).is_to_verify
    assert FindingView(line(rule="EL-7")).is_to_verify
    assert not FindingView(line(rule="INCONNUE-1")).is_to_verify


def test_a_check_is_named_by_its_label_and_an_unknown_one_by_its_code() -> None:
    assert check_label("reception_tardive") == CHECKS["reception_tardive"].titre
    assert check_label("de_demain") == "de_demain"
