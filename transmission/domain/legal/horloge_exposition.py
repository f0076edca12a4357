"""What the préfet may still do about an act that need not be transmitted (legal clock DF-6, DF-7).

A request for documents is here the request for the act; its receipt by wire, or the documents
received, its communication. Where the préfet had the act before he asked, his period starts when he
asks: the State's is shown longer. From then on requests and letters move it as for any act.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from transmission.domain.legal.controle import Control, ControlState, control_state
from transmission.domain.legal.defere import control_of
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.non_transmissible import exposure, provoked

MOVES = (
    EventKind.DEMANDE_PIECES,
    EventKind.PIECES,
    EventKind.REFUS_PIECES,
    EventKind.LETTRE_OBSERVATIONS,
    EventKind.REPONSE_LETTRE,
    EventKind.RENONCIATION,
)
"""What moves the control of an act that the préfet has, and nothing else."""

_FOLLOWED = (*MOVES, EventKind.DEFERE)
_OVER = (ControlState.EXPIRE, ControlState.EXPIRE_RESERVE)


@dataclass(frozen=True, slots=True)
class Provoked:
    """The timely request of an injured person, and the préfet's last day that it opens (DF-7)."""

    by: LegalEvent
    until: date


@dataclass(frozen=True, slots=True)
class Exposition:
    """``ask_until`` is the préfet's last day to ask; ``asked`` his timely request, ``control`` what
    follows the communication; ``ignored`` the events that change nothing, each with the reason."""

    executory: date
    ask_until: date
    asked: LegalEvent | None = None
    provoked: Provoked | None = None
    control: Control | None = None
    ignored: tuple[tuple[LegalEvent, str], ...] = ()

    @property
    def waits(self) -> bool:
        """Whether the act was asked for in time and is not communicated: nothing ends then."""
        return self.asked is not None and self.control is None

    @property
    def last_day(self) -> date | None:
        """Last day of a déféré: None while nobody asked, and while nothing would end it."""
        followed = self.control.last_day if self.control else None
        if self.waits or (self.control is not None and followed is None):
            return None
        days = (followed, self.provoked.until if self.provoked else None)
        return max((day for day in days if day is not None), default=None)


def exposition_of(dossier: Dossier, executory: date | None) -> Exposition | None:
    """Follow an act that need not be transmitted; None while it has no force.

    Source: CGCT L. 2131-3, L. 2131-8; DF-6, DF-7.
    """
    if executory is None:
        return None
    calendrier, settings = dossier.owner.calendrier, dossier.settings
    until = exposure(executory, None, None, calendrier, settings).ask_until
    timely = (each for each in dossier.of(EventKind.DEMANDE_PIECES) if each.sent <= until)
    asked = next(timely, None)
    start = _communicated(dossier, asked) if asked else None
    control = _followed(dossier, start) if start else None
    return Exposition(
        executory,
        until,
        asked,
        _provoked(dossier, until),
        control,
        tuple(_ignored(dossier, asked, start, control)),
    )


def _provoked(dossier: Dossier, until: date) -> Provoked | None:
    person = dossier.first(EventKind.DEMANDE_AU_PREFET)
    if person is None or person.received > until:
        return None
    last = provoked(person.received, dossier.owner.calendrier, dossier.settings)
    return Provoked(person, last)


def _communicated(dossier: Dossier, asked: LegalEvent) -> date | None:
    """Day from which the préfet has the act that he asked for, None while he has not."""
    days = [event.received for event in dossier.of(EventKind.PIECES) if event.complete]
    if dossier.received is not None:
        days.append(dossier.received)
    after = [day for day in days if day >= asked.received]
    return min(after, default=asked.received if days else None)


def _followed(dossier: Dossier, start: date) -> Control:
    return control_of(
        start,
        _after(dossier, start),
        dossier.owner.calendrier,
        dossier.settings,
        dossier.acte.urban_decision,
        deliberation=dossier.voted,
    )


def _after(dossier: Dossier, start: date) -> list[LegalEvent]:
    """What may move the control of an act communicated on ``start``: what comes after that day,
    and a letter of the very day."""
    return [
        event
        for event in dossier.of(*_FOLLOWED)
        if event.received > start
        or (event.received == start and event.kind is EventKind.LETTRE_OBSERVATIONS)
    ]


def _ignored(
    dossier: Dossier, asked: LegalEvent | None, start: date | None, control: Control | None
) -> Iterator[tuple[LegalEvent, str]]:
    if start is None or control is None:
        for event in dossier.of(*MOVES):
            if event != asked:
                yield event, _WITHOUT
        return
    yield from control.ignored
    after = _after(dossier, start)
    for event in dossier.of(*MOVES):
        if event not in after and event != asked and event.received < start:
            yield event, "antérieure à la communication de l'acte au préfet (DF-6)"


_WITHOUT = "le préfet n'a pas demandé l'acte à temps, ou ne l'a pas (DF-6)"


def exposed_state(exposition: Exposition | None, today: date) -> ControlState:
    """Where the control of such an act stands on ``today`` (legal clock §15.2)."""
    if exposition is None or today < exposition.executory:
        return ControlState.NON_DEMARRE
    if exposition.waits:
        return ControlState.PIECES_DEMANDEES
    asked_by_person = exposition.provoked is not None and today <= exposition.provoked.until
    if exposition.control is not None:
        state = control_state(exposition.control, today)
        return ControlState.EN_COURS if state in _OVER and asked_by_person else state
    open_still = today <= exposition.ask_until or asked_by_person
    return ControlState.EN_COURS if open_still else ControlState.EXPIRE
