"""What the legal clock says of an act, for programs: the whole contract of a date (§15.4)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from transmission.console.timeline import SUPPOSED
from transmission.console.whatif import changes
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import LegalDate
from transmission.domain.legal.evenements import LegalEvent
from transmission.domain.legal.noms import LABELS
from transmission.domain.legal.reading import ActeState, Reading
from transmission.domain.legal.recours import ThirdPartyState
from transmission.domain.legal.rules import RULES, Confidence


def reading_json(about: Mapping[str, str], reading: Reading, before: Reading | None = None) -> str:
    """A reading as a JSON document, indented, that ends with a newline.

    ``about`` names the act. With ``before``, the reading supposes events: that without them and
    what differs are given too. Days are ISO civil dates, null when unknown.
    """
    document = {"acte": dict(about), **_reading(reading)}
    if before is not None:
        document |= {
            "before": {"states": _states(before), "dates": _dates(before.dates)},
            "changes": [
                {"label": one.label, "before": one.before, "after": one.after, "gap": one.gap}
                for one in changes(before, reading)
            ],
        }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def date_json(date: LegalDate) -> dict[str, Any]:
    """One date with all that it rests on (legal clock §15.4)."""
    other = date.alternative
    return {
        "name": date.name,
        "label": LABELS.get(date.name, date.titre),
        "date": date.day.isoformat() if date.day else None,
        "kind": date.kind.code,
        "rule_id": date.rule,
        "rule": date.titre,
        "basis": date.basis,
        "confidence_tag": date.confidence.code,
        "confidence": date.confidence.label,
        "to_verify": date.confidence is Confidence.TO_VERIFY,
        "explanation": date.explanation,
        "inputs_used": [{"label": label, "date": day.isoformat()} for label, day in date.inputs],
        "calendar": date.calendrier.value if date.calendrier else None,
        "settings_used": dict(date.settings),
        "provisional": date.provisional,
        "warnings": list(date.warnings),
        "alternative_date": other.day.isoformat() if other else None,
        "alternative_reason": other.why if other else None,
        "awaits": date.awaits,
        "unknown": date.unknown,
    }


def _reading(reading: Reading) -> dict[str, Any]:
    portee = reading.portee
    rule = RULES[portee.rule]
    without_effect = dict(reading.ignored)
    return {
        "today": reading.today.isoformat(),
        "scope": {
            "code": portee.soumission.code,
            "label": portee.soumission.label,
            "must_transmit": portee.must_transmit,
            "reason": portee.raison,
            "rule_id": rule.id,
            "basis": rule.basis,
            "confidence_tag": rule.confidence.code,
            "confidence": rule.confidence.label,
            "to_verify": rule.confidence is Confidence.TO_VERIFY,
            "warnings": list(portee.warnings),
        },
        "states": _states(reading),
        "events": [_event(each, without_effect.get(each)) for each in reading.events],
        "dates": _dates(reading.dates),
        "warnings": list(reading.warnings),
    }


def _dates(dates: Iterable[LegalDate]) -> list[dict[str, Any]]:
    return [date_json(each) for each in dates]


def _states(reading: Reading) -> dict[str, dict[str, str]]:
    return {
        "acte": _state(reading.acte_state),
        "controle": _state(reading.control_state),
        "tiers": _state(reading.third_state),
    }


def _state(state: ActeState | ControlState | ThirdPartyState) -> dict[str, str]:
    return {"code": state.code, "label": state.label}


def _event(event: LegalEvent, without_effect: str | None) -> dict[str, Any]:
    return {
        "kind": event.kind.code,
        "label": event.kind.label,
        "date_received": event.received.isoformat(),
        "date_sent": event.sent.isoformat(),
        "complete": event.complete,
        "mode": event.mode.code if event.mode else None,
        "remedies": event.remedies,
        "source": event.source,
        "supposed": event.source == SUPPOSED,
        "without_effect": without_effect,
    }
