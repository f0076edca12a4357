"""« Et si… »: events that did not happen, tried on a reading, and what they would move.

The command line and the page of an act read and say the same.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from transmission.console.timeline import Told
from transmission.console.words import day as written
from transmission.console.words import plural
from transmission.domain.errors import TransmissionError
from transmission.domain.legal.dates import LegalDate
from transmission.domain.legal.evenements import SUPPOSED, EventKind, LegalEvent
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import Reading

MOST = 8
"""Events that may be supposed at once."""

KINDS: tuple[tuple[str, tuple[EventKind, ...]], ...] = (
    (
        "La collectivité",
        (
            EventKind.PUBLICATION,
            EventKind.NOTIFICATION,
            EventKind.AFFICHAGE_URGENCE,
            EventKind.PIECES,
            EventKind.REFUS_PIECES,
            EventKind.REPONSE_LETTRE,
            EventKind.REPONSE_ATTENTE,
            EventKind.RETRAIT,
            EventKind.ABROGATION,
        ),
    ),
    (
        "La préfecture",
        (
            EventKind.ACCUSE_RECEPTION,
            EventKind.ANOMALIE,
            EventKind.ANNULATION,
            EventKind.COURRIER_SIMPLE,
            EventKind.DEMANDE_PIECES,
            EventKind.LETTRE_OBSERVATIONS,
            EventKind.RENONCIATION,
            EventKind.DEFERE,
            EventKind.SUSPENSION,
        ),
    ),
    (
        "Un tiers",
        (EventKind.RECOURS_GRACIEUX, EventKind.DEMANDE_AU_PREFET, EventKind.REPONSE_TIERS),
    ),
    (
        "Le juge",
        (EventKind.SUSPENSION_PRONONCEE, EventKind.ORDONNANCE, EventKind.JUGEMENT),
    ),
)
"""What may be supposed, by who does it."""

_KINDS = {kind.code: kind for kind in EventKind}
_EARLIEST, _LATEST = date(1982, 3, 2), date(2199, 12, 31)
_NONE = "sans objet"


class HypothesisError(TransmissionError):
    """A supposed event that means nothing, told to the person who wrote it."""


def supposed(kind: str, received: str, sent: str = "") -> LegalEvent:
    """An event that is only tried.

    ``kind`` is a code of EventKind, ``received`` the ISO day on which it reaches its addressee,
    ``sent`` that of its dispatch, the same day when empty. Raises HypothesisError.
    """
    if not kind:
        raise HypothesisError(f"Choisissez l'événement supposé le {received or sent}.")
    if kind not in _KINDS:
        raise HypothesisError(
            f"« {kind} » n'est pas un événement connu. Choisissez parmi : {', '.join(_KINDS)}."
        )
    label = _KINDS[kind].label
    arrived = _day(label, received)
    left = _day(label, sent) if sent else arrived
    if left > arrived:
        raise HypothesisError(
            f"{label} : parti le {written(left)}, après son arrivée le {written(arrived)}. "
            "Corrigez l'une des deux dates."
        )
    return LegalEvent(_KINDS[kind], arrived, left, source=SUPPOSED)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the form as it was typed; ``problem`` says what to correct, or is empty."""

    kind: str = ""
    received: str = ""
    sent: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that the supposed events would change; ``gap`` says by how much, or is empty."""

    label: str
    before: str
    after: str
    gap: str = ""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The form of an act with what was typed, and the reading that follows from it."""

    before: Reading
    rows: tuple[Row, ...] = ()
    events: tuple[LegalEvent, ...] = ()
    after: Reading | None = None
    kinds: tuple[tuple[str, tuple[EventKind, ...]], ...] = field(default=KINDS, repr=False)

    @property
    def problems(self) -> tuple[str, ...]:
        """What to correct, line by line."""
        return tuple(row.problem for row in self.rows if row.problem)

    @property
    def shown(self) -> tuple[Row, ...]:
        """The lines of the form: those typed, and an empty one while there is room."""
        return (*self.rows, Row())[:MOST]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The events supposed, in words."""
        return tuple(sentence(event) for event in self.events)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What would move, states first; nothing while there is nothing to compare."""
        return () if self.after is None else changes(self.before, self.after)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why an event supposed would change nothing."""
        ignored = () if self.after is None else self.after.ignored
        return tuple(
            f"{event.kind.label}, le {written(event.received)} : {why}."
            for event, why in ignored
            if event.source == SUPPOSED
        )


def tried(
    read: Callable[[Sequence[LegalEvent]], Reading],
    kinds: Sequence[str],
    received: Sequence[str],
    sent: Sequence[str],
) -> WhatIf:
    """What was typed in the form, read.

    ``read`` reads the act with events added to its own; nothing is supposed while a line is to be
    corrected. The three columns go together; a line left empty is left out, those beyond ``MOST``
    too.
    """
    rows, events = [], []
    for kind, arrived, left in _lines(kinds, received, sent):
        problem = ""
        try:
            events.append(supposed(kind, arrived, left))
        except HypothesisError as error:
            problem = str(error)
        rows.append(Row(kind, arrived, left, problem))
    told = events and not any(row.problem for row in rows)
    return WhatIf(read(()), tuple(rows), tuple(events), read(events) if told else None)


def changes(before: Reading, after: Reading) -> tuple[Change, ...]:
    """What differs between two readings of an act: its states, then its dates in their order."""
    states = (
        ("Acte", before.acte_state.label, after.acte_state.label),
        ("Contrôle de légalité", before.control_state.label, after.control_state.label),
        ("Recours des tiers", before.third_state.label, after.third_state.label),
    )
    moved = [Change(*state) for state in states if state[1] != state[2]]
    for name in DateName:
        was, becomes = before.named(name), after.named(name)
        if _shown(was) != _shown(becomes):
            moved.append(Change(name.label, _shown(was), _shown(becomes), _gap(was, becomes)))
    return tuple(moved)


def sentence(event: LegalEvent) -> str:
    """An event and its days: ``Lettre d'observations, le 10 mars 2026 (partie le 9 mars 2026)``."""
    left = f" (départ le {written(event.sent)})" if event.sent != event.received else ""
    return f"{event.kind.label}, le {written(event.received)}{left}"


def _lines(*columns: Sequence[str]) -> Iterable[tuple[str, str, str]]:
    longest = max(map(len, columns))
    filled = ([*column, *[""] * (longest - len(column))] for column in columns)
    lines = zip(*filled, strict=True)
    return [line for line in lines if any(line)][:MOST]


def _day(label: str, text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        said = f"« {text} » n'est pas une date" if text else "donnez sa date"
        raise HypothesisError(f"{label} : {said} (AAAA-MM-JJ).") from None
    if not _EARLIEST <= found <= _LATEST:
        raise HypothesisError(
            f"{label} : {written(found)} est hors des dates prises en compte, qui vont de "
            f"{_EARLIEST.year} à {_LATEST.year}."
        )
    return found


def _shown(date_: LegalDate | None) -> str:
    if date_ is None:
        return _NONE
    told = Told(date_, date_.day or date.min)
    day = "inconnue" if told.day is None else written(told.day)
    return f"{day} ({', '.join(told.marks)})" if told.marks else day


def _gap(was: LegalDate | None, becomes: LegalDate | None) -> str:
    if was is None or becomes is None or was.day is None or becomes.day is None:
        return ""
    days = (becomes.day - was.day).days
    length = plural(abs(days), "jour", "jours")
    if days == 0:
        return ""
    return f"{length} plus tard" if days > 0 else f"{length} plus tôt"
