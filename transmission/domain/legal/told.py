"""What the legal clock says of an act, told whole: for programs, and in plain text (§15.4)."""

from collections.abc import Iterable, Iterator
from typing import Any

from transmission.domain.french_dates import long_date
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import LegalDate
from transmission.domain.legal.evenements import SUPPOSED, LegalEvent
from transmission.domain.legal.noms import LABELS
from transmission.domain.legal.reading import ActeState, Reading
from transmission.domain.legal.recours import ThirdPartyState
from transmission.domain.legal.rules import RULES, Confidence


def date_told(date: LegalDate) -> dict[str, Any]:
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


def reading_told(reading: Reading) -> dict[str, Any]:
    """A reading: scope, states, events, dates. Days are ISO civil dates, null when unknown."""
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
        "states": states_told(reading),
        "events": [_event(each, without_effect.get(each)) for each in reading.events],
        "dates": dates_told(reading.dates),
        "warnings": list(reading.warnings),
    }


def dates_told(dates: Iterable[LegalDate]) -> list[dict[str, Any]]:
    """Dates, in the order given."""
    return [date_told(each) for each in dates]


def states_told(reading: Reading) -> dict[str, dict[str, str]]:
    """Where the act, its control and the remedies of others stand."""
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


def reading_text(reading: Reading) -> str:
    """The same for a person: French, one line a fact, dates in their order."""
    return "\n".join(_lines(reading)) + "\n"


def _lines(reading: Reading) -> Iterator[str]:
    yield f"Lu le {long_date(reading.today)}."
    yield f"Acte : {reading.acte_state.label}."
    yield f"Contrôle de légalité : {reading.control_state.label}."
    yield f"Recours des tiers : {reading.third_state.label}."
    yield reading.portee.raison
    yield from (f"Attention : {each}" for each in reading.warnings)
    yield from ("", "DATES")
    for date in reading.dates:
        yield from _date_lines(date)
    yield from ("", "CE QUI EST ARRIVÉ", "")
    without_effect = dict(reading.ignored)
    for event in reading.events:
        yield f"{event.received:%d/%m/%Y}  {event.kind.label} (source : {event.source or 'acte'})"
        if why := without_effect.get(event):
            yield f"            Sans effet : {why}"


def _date_lines(date: LegalDate) -> Iterator[str]:
    head = f"{date.day:%d/%m/%Y}" if date.day else "?"
    provisional = " (provisoire)" if date.provisional else ""
    yield from ("", f"{head:<12}{LABELS.get(date.name, date.titre)}{provisional}")
    for label, said in _reasons(date):
        yield f"            {label}{said}"


def _reasons(date: LegalDate) -> Iterator[tuple[str, str]]:
    yield "", date.explanation
    yield "Règle : ", f"{date.rule}, {date.titre} ; {date.basis} ({date.confidence.label})."
    for label, day in date.inputs:
        yield "Compté de : ", f"{label}, {day:%d/%m/%Y}."
    if date.awaits:
        yield "Attend : ", f"{date.awaits}."
    for warning in date.warnings:
        yield "Attention : ", warning
    if date.alternative:
        yield "Autre lecture : ", f"{date.alternative.day:%d/%m/%Y}, {date.alternative.why}."
