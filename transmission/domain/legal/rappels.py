"""Which limits are to be recalled on a day: those by which somebody still has something to do.

A reminder is about one limit and one of the days before it that an authority asked for. Its key
names both and the day of the limit: it is told once, and again when that day has moved. A service
that was away on the day catches up once, with the days that are truly left; a limit that is past
is no longer recalled, the compliance checks find it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import DateKind
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import ActeState
from transmission.domain.legal.recours import ThirdPartyState
from transmission.domain.legal.rules import RULES, Confidence

USUAL_DAYS = (7, 2)
"""Days before a limit on which it is recalled, unless an authority chose others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One date of the current reading of an act, with what it takes to judge it and to name it.

    ``day`` and ``date_decision`` are civil days; ``rule`` is an id of the rules, ``provisional``
    whether an answer or an event to come may move the day.
    """

    acte_id: int
    numero: str
    nature: NatureActe
    objet: str
    date_decision: date
    name: DateName
    day: date
    kind: DateKind
    rule: str
    provisional: bool
    acte: ActeState
    control: ControlState
    third: ThirdPartyState

    @property
    def to_verify(self) -> bool:
        """Whether no source was found for its rule, which people must be told."""
        rule = RULES.get(self.rule)
        return rule is None or rule.confidence is Confidence.TO_VERIFY

    @property
    def basis(self) -> str:
        """Its rule, and the articles behind it."""
        rule = RULES.get(self.rule)
        return f"{self.rule}, {rule.basis}" if rule else self.rule


@dataclass(frozen=True, slots=True)
class Reminder:
    """A limit to be recalled: ``asked`` is the number of days before it that was reached,
    ``left`` that of the days that are truly left (0 on its day)."""

    limit: Limit
    asked: int
    left: int

    @property
    def key(self) -> str:
        """Names the reminder for ever, whoever it is told to."""
        limit = self.limit
        return f"rappel:{limit.acte_id}:{limit.name.code}:{limit.day.isoformat()}:{self.asked}"


def due_reminders(
    limits: Iterable[Limit], today: date, days: Sequence[int] = USUAL_DAYS
) -> tuple[Reminder, ...]:
    """What is to be recalled on ``today``, a civil day of the authority; duties first, by day.

    A limit is recalled for the nearest of ``days`` that it has reached, so that two of them missed
    are caught up as one. What is only for information is recalled once, the last of ``days``
    before. Without ``days`` nothing is.
    """
    found = [each for limit in limits if (each := _due(limit, today, days)) is not None]
    return tuple(sorted(found, key=_order))


def is_recalled(name: DateName) -> bool:
    """Whether a date of that name is ever recalled."""
    return name in _RECALLED


def is_duty(name: DateName) -> bool:
    """Whether somebody of the authority has something to do by that day."""
    return is_recalled(name) and name not in _FOR_INFORMATION


def is_open(limit: Limit) -> bool:
    """Whether a limit is still one for the authority, its day to come or past.

    Nothing is of an act that is no more, nor what was done: a vote is, of an act that is here.
    """
    if limit.acte in _GONE:
        return False
    match limit.name:
        case DateName.TRANSMISSION:
            return limit.control is ControlState.NON_DEMARRE
        case DateName.REFUS_TACITE_PIECES | DateName.REJET_TACITE_LETTRE:
            # Provisional as long as an answer may still come before the silence means something.
            return limit.provisional
        case DateName.DEFERE:
            return limit.control is not ControlState.DEFERE
    return limit.name is not DateName.VOTE_BUDGET


def _due(limit: Limit, today: date, days: Sequence[int]) -> Reminder | None:
    left = (limit.day - today).days
    wanted = days if is_duty(limit.name) else sorted(days)[:1]
    reached = [each for each in wanted if 0 <= left <= each]
    if not reached or not is_recalled(limit.name) or not is_open(limit) or not _matters(limit):
        return None
    return Reminder(limit, min(reached), left)


def _matters(limit: Limit) -> bool:
    """Whether a limit to come has a reason to be recalled."""
    match limit.name:
        case DateName.RETRAIT:
            asked = limit.third is ThirdPartyState.GRACIEUX_TIERS
            return asked or limit.control in _CONTESTED
        case DateName.DEFERE:
            # Before its day, only a préfet who renounced ends it.
            return limit.control not in (ControlState.EXPIRE, ControlState.EXPIRE_RESERVE)
    return True


def _order(reminder: Reminder) -> tuple[bool, date, int, str, str, int]:
    limit = reminder.limit
    rank = _RECALLED.index(limit.name)
    return not is_duty(limit.name), limit.day, rank, limit.rule, limit.numero, limit.acte_id


_GONE = (ActeState.RETIRE, ActeState.ANNULE_JUGE, ActeState.TRANSMISSION_ANNULEE)
_CONTESTED = (
    ControlState.PIECES_DEMANDEES,
    ControlState.APRES_PIECES,
    ControlState.GRACIEUX_EN_COURS,
    ControlState.APRES_REJET,
    ControlState.DEFERE,
)
_RECALLED = (
    DateName.TRANSMISSION,
    DateName.NOTIFICATION_PREFET,
    DateName.LISTE_DELIBERATIONS,
    DateName.REFUS_TACITE_PIECES,
    DateName.REJET_TACITE_LETTRE,
    DateName.RETRAIT,
    DateName.PUBLICITE_MINIMUM,
    DateName.DEFERE,
)
"""In the order in which people read them: any other day is that of the State, of a judge or of a
third party, and asks for nothing here."""

_FOR_INFORMATION = (DateName.PUBLICITE_MINIMUM, DateName.DEFERE)
