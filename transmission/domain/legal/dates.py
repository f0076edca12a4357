"""A legal date with all that it takes to believe it, or to doubt it (legal clock §15.4)."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal import rules
from transmission.domain.legal.settings import LegalSettings


class DateKind(Enum):
    """What a date is for."""

    LAST_DAY = ("last_day", "Dernier jour")
    DUE = ("due", "À faire avant la fin du")
    STATUS = ("status_date", "Depuis le")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another day that a contested point would give, and why (French)."""

    day: date
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalDate:
    """One date of the clock.

    ``name`` is a stable code, ``rule`` an id of the rules. ``explanation`` says in French why this
    day, from which event; ``inputs`` are the dates it comes from, each with its French label.
    ``settings`` are the names and values of the contested points read; ``awaits`` is what must
    still happen. ``unknown`` says why there is no ``day``, and is None when there is one.
    """

    name: str
    kind: DateKind
    rule: str
    day: date | None
    explanation: str
    inputs: tuple[tuple[str, date], ...] = ()
    calendrier: Calendrier | None = None
    settings: tuple[tuple[str, str], ...] = ()
    provisional: bool = False
    warnings: tuple[str, ...] = ()
    alternative: Alternative | None = None
    awaits: str | None = None
    unknown: str | None = None

    def __post_init__(self) -> None:
        if self.rule not in rules.RULES:
            raise ValueError(f"{self.name}: no rule is called {self.rule}")
        if (self.day is None) == (self.unknown is None):
            raise ValueError(f"{self.name}: a day, or why there is none, and not both")

    @property
    def titre(self) -> str:
        """What the rule is about, in French."""
        return rules.RULES[self.rule].titre

    @property
    def basis(self) -> str:
        """Articles and decisions behind the rule, as shown to people."""
        return rules.RULES[self.rule].basis

    @property
    def confidence(self) -> rules.Confidence:
        """How well the rule was read in its source."""
        return rules.RULES[self.rule].confidence


def unknown(
    name: str,
    kind: DateKind,
    rule: str,
    because: str,
    *,
    inputs: tuple[tuple[str, date], ...] = (),
    awaits: str | None = None,
    warnings: tuple[str, ...] = (),
) -> LegalDate:
    """A date that cannot be given; ``because`` names what is missing (French, no capital)."""
    return LegalDate(
        name=name,
        kind=kind,
        rule=rule,
        day=None,
        explanation=f"Date inconnue : {because}.",
        inputs=inputs,
        warnings=warnings,
        awaits=awaits,
        unknown=because,
    )


def settings_read(settings: LegalSettings, *names: str) -> tuple[tuple[str, str], ...]:
    """Names and values of the contested points that a date has read, as texts."""
    return tuple((name, _as_text(getattr(settings, name))) for name in names)


def _as_text(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return "oui" if value else "non"
