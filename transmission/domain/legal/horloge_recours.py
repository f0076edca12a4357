"""What opens the appeals against an act, and what moves them (legal clock §6, UR-3, UR-4).

What nobody declared is read on the safe side, which is here the later day: a notification of which
nothing says that it told the remedies leaves a year; of several notifications the last counts; an
act of a kind not declared is open until the later of its publication and its notification.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from transmission.domain.french_dates import long_date
from transmission.domain.legal.dates import Alternative
from transmission.domain.legal.defere import URBAN_REFORM
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.horloge_lectures import other_reading
from transmission.domain.legal.recours import Appeal, appeal_of
from transmission.domain.legal.settings import LegalSettings
from transmission.domain.legal.sujets import ActeKind, PublicityMode

_NO_EFFECT = "sans effet sur le délai contre une autorisation d'urbanisme (UR-4)"
_NOT_OPEN = "aucun délai de recours n'est ouvert (TP-1)"
_PERSONS = (EventKind.RECOURS_GRACIEUX, EventKind.DEMANDE_AU_PREFET, EventKind.REPONSE_TIERS)


@dataclass(frozen=True, slots=True)
class Start:
    """The event that opens a period, by which rule; ``possible`` may open it instead."""

    rule: str
    by: LegalEvent | None = None
    possible: LegalEvent | None = None


@dataclass(frozen=True, slots=True)
class Recours:
    """``appeal`` is None while nothing opens it; ``events`` are those that may move it."""

    start: Start
    events: tuple[LegalEvent, ...] = ()
    appeal: Appeal | None = None
    ignored: tuple[tuple[LegalEvent, str], ...] = ()

    @property
    def unmentioned(self) -> bool:
        """Whether the remedies were not told to the addressee, or nobody said that they were."""
        return self.start.by is not None and not _told(self.start.by)


def recours_of(dossier: Dossier) -> Recours:
    """Follow the appeals against an act.

    Source: CJA R. 421-1, R. 421-2, R. 421-5; C. urb. R. 600-2, L. 600-12-2; TP-1 to TP-4, UR-3,
    UR-4, DF-14.
    """
    start, events = _start(dossier), dossier.of(*_PERSONS)
    if start.by is None:
        ignored = tuple((event, _NOT_OPEN) for event in events)
        return Recours(start, tuple(events), None, ignored)
    without: tuple[tuple[LegalEvent, str], ...] = ()
    if _is_of_the_reform(dossier):
        gracieux = [event for event in events if event.kind is EventKind.RECOURS_GRACIEUX]
        without = tuple((event, _NO_EFFECT) for event in gracieux)
        events = [event for event in events if event not in gracieux]
    found = Recours(start, tuple(events))
    appeal = _appeal(dossier, found, start.by, dossier.settings)
    return replace(found, appeal=appeal, ignored=(*without, *appeal.ignored))


def _is_of_the_reform(dossier: Dossier) -> bool:
    decided = dossier.acte.urban_decision
    return decided is not None and decided >= URBAN_REFORM


def _told(start: LegalEvent) -> bool:
    return start.kind is not EventKind.NOTIFICATION or start.remedies is True


def _appeal(
    dossier: Dossier,
    recours: Recours,
    start: LegalEvent,
    settings: LegalSettings,
    *,
    told: bool | None = None,
) -> Appeal:
    return appeal_of(
        start.received,
        recours.events,
        dossier.owner.calendrier,
        settings=settings,
        mentioned=_told(start) if told is None else told,
    )


def _start(dossier: Dossier) -> Start:
    publicity = dossier.publicity
    notified = dossier.of(EventKind.NOTIFICATION)
    if dossier.is_permit:
        return Start("UR-3", next(_posted(dossier), None))
    if publicity.kind is ActeKind.CONTRAT:
        return Start("DF-14", dossier.first(EventKind.PUBLICATION))
    if publicity.kind is ActeKind.INDIVIDUEL:
        return Start("TP-1", *_last_and_first(notified))
    if publicity.kind is None and publicity.published is not None and notified:
        both = sorted((publicity.published, notified[-1]), key=lambda event: event.received)
        return Start("TP-1", both[1], both[0])
    return Start("TP-1", publicity.by, publicity.possible)


def _posted(dossier: Dossier) -> Iterator[LegalEvent]:
    for event in dossier.of(EventKind.PUBLICATION):
        if event.mode is PublicityMode.AFFICHAGE:
            yield event


def _last_and_first(notified: list[LegalEvent]) -> tuple[LegalEvent | None, LegalEvent | None]:
    if not notified:
        return None, None
    return notified[-1], notified[0] if len(notified) > 1 else None


def other_appeal(dossier: Dossier, recours: Recours) -> Alternative | None:
    """Another last day: by what nobody declared first, then by the contested points (§14)."""
    shown = recours.appeal.last_day if recours.appeal else None
    for found, why in _others(dossier, recours):
        if found.last_day != shown:
            return Alternative(found.last_day, why)
    return None


def _others(dossier: Dossier, recours: Recours) -> Iterator[tuple[Appeal, str]]:
    settings, start = dossier.settings, recours.start
    if start.by is not None and recours.unmentioned and start.by.remedies is None:
        yield _appeal(dossier, recours, start.by, settings, told=True), _IF_TOLD
    if start.possible is not None:
        yield _appeal(dossier, recours, start.possible, settings), _if_possible(dossier, start)
    if start.by is not None:
        changed, why = other_reading(settings, "month_end_rule")
        yield _appeal(dossier, recours, start.by, changed), why


def _if_possible(dossier: Dossier, start: Start) -> str:
    if dossier.publicity.kind is ActeKind.INDIVIDUEL and start.possible is not None:
        return f"si seule compte la notification du {long_date(start.possible.received)}"
    return dossier.publicity.if_possible


_IF_TOLD = "si la notification mentionnait les voies et délais de recours"
