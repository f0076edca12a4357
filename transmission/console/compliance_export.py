"""Open findings as files: a table for spreadsheets, a document for programs."""

import json
from collections.abc import Iterable
from typing import Any

from transmission.console.compliance_page import FindingFilters, FindingView
from transmission.console.spreadsheets import Cell, french_csv

_HEAD = (
    "N°",
    "Gravité",
    "Contrôle",
    "Code du contrôle",
    "Collectivité",
    "SIREN",
    "Acte",
    "Objet",
    "Constat",
    "À faire",
    "Règle",
    "Article",
    "À vérifier",
    "Preuves",
    "Ouvert le",
    "Pris acte le",
    "Pris acte par",
    "Motif",
)


def findings_csv(findings: Iterable[FindingView]) -> str:
    """One row a finding, for a French spreadsheet; instants are in UTC, as ISO texts."""
    return french_csv([_HEAD, *(_row(each) for each in findings)])


def findings_json(filters: FindingFilters, findings: Iterable[FindingView], *, whole: bool) -> str:
    """The same findings; ``whole`` tells whether the list reaches its end."""
    document = {
        "filters": {
            "severity": filters.gravite or None,
            "check": filters.controle or None,
            "siren": filters.collectivite or None,
            "acknowledged": {"oui": True, "non": False}.get(filters.vu),
        },
        "complete": whole,
        "findings": [_finding(each) for each in findings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def file_name(filters: FindingFilters) -> str:
    """A name for either file, without its extension: ``constats-123456782``."""
    return f"constats-{filters.collectivite}" if filters.collectivite else "constats"


def _row(view: FindingView) -> tuple[Cell, ...]:
    line = view.line
    return (
        line.id,
        line.severity.label,
        view.title,
        line.check,
        line.collectivite,
        line.siren,
        line.numero_interne,
        line.objet,
        line.message,
        line.remedy,
        line.rule,
        line.article,
        "à vérifier" if view.is_to_verify else None,
        " ; ".join(f"{label} : {value}" for label, value in line.evidence),
        line.opened_at.isoformat(timespec="seconds"),
        line.acknowledged_at.isoformat(timespec="seconds") if line.acknowledged_at else None,
        line.acknowledged_by,
        line.acknowledged_reason,
    )


def _finding(view: FindingView) -> dict[str, Any]:
    line = view.line
    return {
        "id": line.id,
        "severity": line.severity.code,
        "check": line.check,
        "key": line.key,
        "label": view.title,
        "siren": line.siren,
        "collectivite": line.collectivite,
        "acte_id": line.acte_id,
        "numero_interne": line.numero_interne,
        "objet": line.objet,
        "message": line.message,
        "remedy": line.remedy,
        "rule_id": line.rule,
        "article": line.article,
        "to_verify": view.is_to_verify,
        "evidence": [{"label": label, "value": value} for label, value in line.evidence],
        "opened_at": line.opened_at.isoformat(),
        "acknowledged_at": line.acknowledged_at.isoformat() if line.acknowledged_at else None,
        "acknowledged_by": line.acknowledged_by,
        "acknowledged_reason": line.acknowledged_reason,
    }
