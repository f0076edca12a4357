"""Findings as files: the same facts for a spreadsheet and for a program."""

import csv
import json
from datetime import UTC, datetime
from io import StringIO

from transmission.console.compliance_export import file_name, findings_csv, findings_json
from transmission.console.compliance_page import FindingFilters, FindingView
from transmission.domain.legal.findings import Severity
from transmission.store.queries.findings import FindingLine

AT = datetime(2026, 11, 23, 13, 5, 6, 700, tzinfo=UTC)
LINE = FindingLine(
    id=12,
    check="reception_tardive",
    key="acte:1",
    severity=Severity.GRAVE,
    rule="EL-7",
    article="CGCT, art. L. 2131-1",
    message="Reçu ; trop tard.",
    remedy="-1",
    evidence=(("Dû", "2 mai"), ("Reçu", "3 mai")),
    opened_at=AT,
    acknowledged_at=AT,
    acknowledged_by="directrice",
    acknowledged_reason="Panne.",
    closed_at=None,
    closed_reason=None,
    acte_id=1,
    numero_interne="2026_001",
    objet="Tarifs",
    siren="123456782",
    collectivite="Commune de Saint-Exemple",
    time_zone="Europe/Paris",
)


def test_a_row_says_everything_of_a_finding() -> None:
    text = findings_csv([FindingView(LINE)])
    assert text.startswith("\ufeff")
    [row] = csv.DictReader(StringIO(text.removeprefix("\ufeff")), delimiter=";")
    assert row == {
        "N°": "12",
        "Gravité": "Grave",
        "Contrôle": "Acte reçu en préfecture après le délai de transmission",
        "Code du contrôle": "reception_tardive",
        "Collectivité": "Commune de Saint-Exemple",
        "SIREN": "123456782",
        "Acte": "2026_001",
        "Objet": "Tarifs",
        "Constat": "Reçu ; trop tard.",
        "À faire": "'-1",
        "Règle": "EL-7",
        "Article": "CGCT, art. L. 2131-1",
        "À vérifier": "à vérifier",
        "Preuves": "Dû : 2 mai ; Reçu : 3 mai",
        "Ouvert le": "2026-11-23T13:05:06+00:00",
        "Pris acte le": "2026-11-23T13:05:06+00:00",
        "Pris acte par": "directrice",
        "Motif": "Panne.",
    }


def test_the_document_says_everything_of_a_finding_and_of_what_was_asked() -> None:
    filters = FindingFilters(gravite="grave", vu="oui")
    document = json.loads(findings_json(filters, [FindingView(LINE)], whole=False))
    assert document["filters"] == {
        "severity": "grave",
        "check": None,
        "siren": None,
        "acknowledged": True,
    }
    assert document["complete"] is False
    assert document["findings"] == [
        {
            "id": 12,
            "severity": "grave",
            "check": "reception_tardive",
            "key": "acte:1",
            "label": "Acte reçu en préfecture après le délai de transmission",
            "siren": "123456782",
            "collectivite": "Commune de Saint-Exemple",
            "acte_id": 1,
            "numero_interne": "2026_001",
            "objet": "Tarifs",
            "message": "Reçu ; trop tard.",
            "remedy": "-1",
            "rule_id": "EL-7",
            "article": "CGCT, art. L. 2131-1",
            "to_verify": True,
            "evidence": [
                {"label": "Dû", "value": "2 mai"},
                {"label": "Reçu", "value": "3 mai"},
            ],
            "opened_at": AT.isoformat(),
            "acknowledged_at": AT.isoformat(),
            "acknowledged_by": "directrice",
            "acknowledged_reason": "Panne.",
        }
    ]


def test_a_file_bears_the_authority_that_it_is_about() -> None:
    assert file_name(FindingFilters()) == "constats"
    assert file_name(FindingFilters(collectivite="123456782")) == "constats-123456782"
