"""The deadlines of a dossier rest on the day of receipt that its AR gives."""

from typing import Any

from transmission.audit.chain import ContractError
from transmission.audit.dossier_case import Case
from transmission.audit.dossier_fields import read_json

DEADLINES = "echeances.json"
_RECEIPT = "Réception en préfecture"


def check_deadlines(case: Case) -> None:
    """Every date that is counted from the receipt is counted from that day."""
    if not case.contents.of_role("deadlines"):
        return
    raw = case.witness.read(DEADLINES)
    try:
        told = read_json(raw) if raw is not None else {"dates": []}
        dates = told["dates"]
        used = {(each["name"], day) for each in dates for day in _days_of_receipt(each)}
    except (ContractError, KeyError, TypeError, AttributeError):
        case.findings.fault(DEADLINES, "ce n'est pas une lecture des échéances.")
        return
    reception = case.contents.reception
    expected = reception.date_reception.isoformat() if reception else None
    for name, day in sorted(used, key=str):
        if day != expected:
            said = f"« {name} » est compté d'une réception le {day}, au lieu du {expected}."
            case.findings.fault(DEADLINES, said)


def _days_of_receipt(date: dict[str, Any]) -> list[str]:
    return [str(each["date"]) for each in date["inputs_used"] if each["label"] == _RECEIPT]
