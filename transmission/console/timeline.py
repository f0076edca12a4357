"""The legal story of an act as people read it: what happened, what runs, what comes, and why.

The command line says the same words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from transmission.console.legal_words import calendar_label, setting_label
from transmission.console.words import day as written
from transmission.console.words import plural
from transmission.domain.legal.dates import DateKind, LegalDate
from transmission.domain.legal.evenements import SUPPOSED, EventKind, LegalEvent, in_order
from transmission.domain.legal.noms import LABELS, DateName
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.rules import RULES, Confidence

_LIMITS = (DateName.DEFERE, DateName.DEMANDE_ACTE)
_NO_SOURCE = "dossier de l'acte"
_DEPARTURES = {EventKind.ACCUSE_RECEPTION: "envoi le", EventKind.DEFERE: "dépôt le"}


class Standing(Enum):
    """Where a date is, seen from a day: code for styles, label shown."""

    RUNNING = ("en-cours", "En cours")
    COMING = ("a-venir", "À venir")
    PAST = ("passe", "Passé")
    MET = ("fait", "Fait")
    UNKNOWN = ("inconnu", "Inconnue")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Told:
    """A date of the clock with its words, on the day that it is read."""

    legal: LegalDate
    today: date

    @property
    def label(self) -> str:
        """Its name."""
        return LABELS.get(self.legal.name, self.legal.titre)

    @property
    def day(self) -> date | None:
        """Its day, None when it is unknown."""
        return self.legal.day

    @property
    def standing(self) -> Standing:
        """A limit runs until its day included; a status comes until its day, then stands.

        A duty that awaits nothing more is met, known limit or not.
        """
        if self.legal.kind is DateKind.DUE and self.legal.awaits is None:
            return Standing.MET
        if self.day is None:
            return Standing.UNKNOWN
        if self.legal.kind is DateKind.STATUS:
            return Standing.COMING if self.day > self.today else Standing.PAST
        return Standing.RUNNING if self.day >= self.today else Standing.PAST

    @property
    def when(self) -> str:
        """How far the day is: ``encore 12 jours``, ``aujourd'hui``, ``depuis 3 jours``."""
        if self.standing is Standing.MET:
            return "fait"
        if self.day is None:
            return "date inconnue"
        away = (self.day - self.today).days
        if away == 0:
            return "aujourd'hui" if self._is_status else "dernier jour aujourd'hui"
        length = plural(abs(away), "jour", "jours")
        if away > 0:
            return f"dans {length}" if self._is_status else f"encore {length}"
        return f"depuis {length}" if self._is_status else f"passé depuis {length}"

    @property
    def is_to_verify(self) -> bool:
        """Whether no source was found for the rule: never shown as certain."""
        return self.legal.confidence is Confidence.TO_VERIFY

    @property
    def marks(self) -> tuple[str, ...]:
        """The words without which the day would mislead, in a few letters."""
        provisional = self.legal.provisional and self.day is not None
        return (*(("provisoire",) * provisional), *(("à vérifier",) * self.is_to_verify))

    @property
    def finality(self) -> str:
        """Whether the day may still move by what is awaited; empty when it is unknown."""
        if self.day is None:
            return ""
        if self.legal.provisional and self.legal.awaits:
            return "Date provisoire : elle change si ce qui est attendu arrive."
        if self.legal.provisional:
            return "Date provisoire : elle peut changer quand le doute sera levé."
        return "Date définitive, tant que rien d'autre n'est versé au dossier."

    @property
    def reason(self) -> str:
        """Why this day, or why none."""
        if self.legal.unknown is not None:
            return f"Inconnue, car {_ended(self.legal.unknown)}"
        return _ended(self.legal.explanation)

    @property
    def source(self) -> str:
        """Rule, articles and how well they were read."""
        read = self.legal.confidence.label
        return f"Règle {self.legal.rule}, {read}. {_ended(self.legal.basis)}"

    @property
    def alternative(self) -> str:
        """The other day of a contested point, with its why; empty without one."""
        other = self.legal.alternative
        return "" if other is None else f"{written(other.day)}, {_ended(other.why)}"

    @property
    def inputs(self) -> tuple[tuple[str, date], ...]:
        """What it was counted from: labels and days."""
        return self.legal.inputs

    @property
    def settings(self) -> tuple[str, ...]:
        """The contested points that it depends on, with the reading chosen."""
        return tuple(setting_label(name, value) for name, value in self.legal.settings)

    @property
    def calendar(self) -> str:
        """Whose public holidays counted; empty when none did."""
        return calendar_label(self.legal.calendrier) if self.legal.calendrier else ""

    @property
    def _is_status(self) -> bool:
        return self.legal.kind is DateKind.STATUS


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the story, with its number there; ``without_effect`` says why, or is empty."""

    number: int
    day: date
    label: str
    source: str
    details: tuple[str, ...] = ()
    without_effect: str = ""
    is_supposed: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """What to show of a reading."""

    reading: Reading

    @property
    def states(self) -> tuple[tuple[str, str, str], ...]:
        """The act, its control, the appeals: what each is called, its label, its code."""
        read = self.reading
        return (
            ("Acte", read.acte_state.label, read.acte_state.code),
            ("Contrôle de légalité", read.control_state.label, read.control_state.code),
            ("Recours des tiers", read.third_state.label, read.third_state.code),
        )

    @property
    def scope(self) -> str:
        """Whether the act must be transmitted, and why."""
        portee = self.reading.portee
        return f"{portee.soumission.label}. {_ended(portee.raison)}"

    @property
    def scope_source(self) -> str:
        """The rule that says so, how well it was read, and its articles."""
        rule = RULES[self.reading.portee.rule]
        return f"Règle {rule.id}, {rule.confidence.label}. {_ended(rule.basis)}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to look at before trusting the dates."""
        return tuple(dict.fromkeys((*self.reading.portee.warnings, *self.reading.warnings)))

    @property
    def dates(self) -> tuple[Told, ...]:
        """Every date, in the order of the reading: by day, unknown ones last."""
        return tuple(Told(each, self.reading.today) for each in self.reading.dates)

    def standing(self, *wanted: Standing) -> tuple[Told, ...]:
        """The dates that stand somewhere, in order."""
        return tuple(each for each in self.dates if each.standing in wanted)

    @property
    def ahead(self) -> tuple[Told, ...]:
        """Limits that run and dates that come, the nearest first."""
        return self.standing(Standing.RUNNING, Standing.COMING)

    @property
    def past(self) -> tuple[Told, ...]:
        """Limits that are over, duties that are met and dates that have come, the oldest first."""
        return self.standing(Standing.PAST, Standing.MET)

    @property
    def unknown(self) -> tuple[Told, ...]:
        """Dates that cannot be given yet."""
        return self.standing(Standing.UNKNOWN)

    @property
    def limit(self) -> Told | None:
        """Until when the préfet may act, known or not; None for an act outside of his control."""
        told = {each.legal.name: each for each in self.dates}
        limits = [told[name.code] for name in _LIMITS if name.code in told]
        return next((each for each in limits if each.day), None) or next(iter(limits), None)

    @property
    def events(self) -> tuple[Happened, ...]:
        """The decision and all that followed, numbered from 1."""
        decided = self.reading.acte.date_decision
        first = Happened(1, decided, "Décision", "date portée sur l'acte")
        without_effect = dict(self.reading.ignored)
        followed = (
            _happened(number, event, without_effect)
            for number, event in enumerate(in_order(self.reading.events), start=2)
        )
        return (first, *followed)


def _happened(number: int, event: LegalEvent, without_effect: Mapping[LegalEvent, str]) -> Happened:
    why = without_effect.get(event, "")
    return Happened(
        number=number,
        day=event.received,
        label=event.kind.label,
        source=event.source or _NO_SOURCE,
        details=_details(event),
        without_effect=f"Sans effet : {_ended(why)}" if why else "",
        is_supposed=event.source == SUPPOSED,
    )


def _details(event: LegalEvent) -> tuple[str, ...]:
    found = []
    if event.sent != event.received:
        found.append(f"{_DEPARTURES.get(event.kind, 'départ le')} {written(event.sent)}")
    if not event.complete:
        found.append("en partie seulement")
    if event.mode is not None:
        found.append(event.mode.label.lower())
    if event.remedies is not None:
        found.append(f"voies de recours {'' if event.remedies else 'non '}mentionnées")
    return tuple(found)


def _ended(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
