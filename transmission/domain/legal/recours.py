"""Appeals of third parties and addressees: until when, and what moves that day (legal clock §6)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.evenements import EventKind, LegalEvent, in_order
from transmission.domain.legal.periods import add_months, franc_months, roll, tacit_date
from transmission.domain.legal.settings import PRUDENT, LegalSettings


class ThirdPartyState(Enum):
    """Where an appeal stands: code kept, label shown (legal clock §15.2)."""

    NON_OUVERT = ("non_ouvert", "Non ouvert")
    OUVERT = ("ouvert", "Ouvert")
    GRACIEUX_TIERS = ("gracieux_tiers", "Recours administratif en cours")
    EXPIRE = ("expire", "Expiré")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Appeal:
    """The period of one person.

    ``opening`` is the timely recours gracieux or request to the préfet, rejected by silence on
    ``tacit``; ``ignored`` the events that change nothing, each with the French reason.
    """

    start: date
    last_day: date
    opening: LegalEvent | None = None
    tacit: date | None = None
    answer: LegalEvent | None = None
    ignored: tuple[tuple[LegalEvent, str], ...] = ()

    @property
    def needs_answer(self) -> bool:
        """Whether a recours gracieux has no express answer in time: for a délibération, silence
        may then be no rejection (CJA R. 421-3; C-9)."""
        gracieux = self.opening is not None and self.opening.kind is EventKind.RECOURS_GRACIEUX
        return gracieux and self.answer is None


def appeal_of(
    start: date,
    events: Iterable[LegalEvent],
    calendrier: Calendrier,
    distance: int = 0,
    settings: LegalSettings = PRUDENT,
    *,
    mentioned: bool = True,
) -> Appeal:
    """Follow the appeal of one person through its events.

    ``start`` is the publicity, the notification or, for a contract, the publicity of its conclusion
    (DF-14), and never a posting in urgency (EX-2); of two publicities that suffice, the first.
    ``distance`` is the months added by CJA R. 421-7. A recours gracieux sent in time (CALC-8), or a
    request that the préfet received in time (DF-7), moves the day once, and so does its express
    answer. Without a mention of the remedies (``mentioned``) no day comes before the reasonable
    time. Source: CJA R. 421-1, R. 421-2, R. 421-5; CE Sect. 25 January 1991 n° 80969; TP-1 to TP-4.
    """
    last = franc_months(start, 2 + distance, calendrier, settings.month_end_rule)
    if not mentioned:
        last = max(last, reasonable_time(start, calendrier))
    walk = _Walk(calendrier, settings, 2 + distance, last)
    appeal = Appeal(start, last)
    for event in in_order(events):
        appeal = walk.follow(appeal, event)
    return appeal


def third_party_last_day(
    start: date, events: Iterable[LegalEvent], calendrier: Calendrier, distance: int = 0
) -> date:
    """Last day of the recours pour excès de pouvoir of one person (TP-1 to TP-3)."""
    return appeal_of(start, events, calendrier, distance).last_day


def third_party_state(appeal: Appeal | None, today: date) -> ThirdPartyState:
    """Where an appeal stands on ``today``; without any publicity it is not open (TP-1)."""
    if appeal is None:
        return ThirdPartyState.NON_OUVERT
    if today > appeal.last_day:
        return ThirdPartyState.EXPIRE
    waits = appeal.tacit is not None and appeal.answer is None and today <= appeal.tacit
    return ThirdPartyState.GRACIEUX_TIERS if waits else ThirdPartyState.OUVERT


def reasonable_time(notified: date, calendrier: Calendrier) -> date:
    """Last day when the remedies were not mentioned: a year from the notification, not franc.

    Source: CE Ass. 13 July 2016 n° 387763; CJA R. 421-5; TP-4.
    """
    return roll(add_months(notified, 12), calendrier)


@dataclass(frozen=True, slots=True)
class _Walk:
    calendrier: Calendrier
    settings: LegalSettings
    months: int
    alone: date

    def period(self, day: date) -> date:
        """Two months from a day, which nothing ends before the period that ran alone."""
        last = franc_months(day, self.months, self.calendrier, self.settings.month_end_rule)
        return max(last, self.alone)

    def follow(self, appeal: Appeal, event: LegalEvent) -> Appeal:
        match event.kind:
            case EventKind.RECOURS_GRACIEUX:
                return self._opened(appeal, event, event.sent)
            case EventKind.DEMANDE_AU_PREFET:
                return self._opened(appeal, event, event.received)
            case EventKind.REPONSE_TIERS:
                return self._answered(appeal, event)
        return appeal

    def _opened(self, appeal: Appeal, event: LegalEvent, made_on: date) -> Appeal:
        if appeal.opening is not None:
            return _ignored(appeal, event, "le délai n'est prolongé qu'une fois")
        if made_on > appeal.last_day:
            return _ignored(appeal, event, "faite après le dernier jour du délai")
        tacit = tacit_date(event.received)
        return replace(appeal, opening=event, tacit=tacit, last_day=self.period(tacit))

    def _answered(self, appeal: Appeal, event: LegalEvent) -> Appeal:
        if appeal.opening is None or appeal.answer is not None:
            return _ignored(appeal, event, "aucune demande ne l'attend")
        if event.received > appeal.last_day:
            return _ignored(appeal, event, "notifiée après le dernier jour du délai")
        return replace(appeal, answer=event, last_day=self.period(event.received))


def _ignored(appeal: Appeal, event: LegalEvent, why: str) -> Appeal:
    return replace(appeal, ignored=(*appeal.ignored, (event, why)))
