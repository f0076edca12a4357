"""Until when an authority must transmit, and what it must do by a date (legal clock §4).

These are its own duties: they are never carried later, and the day to show is the cautious one.
"""

from dataclasses import dataclass
from datetime import date

from transmission.domain.collectivite import Calendrier
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.budgetaire import VoteLimit
from transmission.domain.legal.periods import due_safe, plain_days
from transmission.domain.legal.settings import LegalSettings

_RULES = {NatureActe.INDIVIDUEL: "DT-1", NatureActe.CONTRAT: "DT-2"}
_USUAL_DAYS = 15


@dataclass(frozen=True, slots=True)
class Due:
    """A duty of the authority: ``day`` as the text counts it, ``safe`` the day to show (C-14)."""

    rule: str
    day: date
    safe: date

    def is_late(self, done: date | None, today: date) -> bool:
        """Whether it was done late or, if not done, is late on ``today``: late is not void."""
        return (done or today) > self.day


def own_duty(rule: str, day: date, calendrier: Calendrier, settings: LegalSettings) -> Due:
    """A duty that ends on ``day``, with the day to show for it (CALC-7, C-14)."""
    return Due(rule, day, due_safe(day, calendrier, settings.roll_own_obligations))


def transmission_limit(nature: NatureActe, signed: date) -> date | None:
    """Last day on which an act may be transmitted, None where the law sets none (DT-6).

    Fifteen days from the signature, for individual decisions and contracts. Source: CGCT L. 2131-1,
    L. 1411-9, L. 2131-13, L. 3131-6, L. 4141-6; DT-1 and DT-2, CALC-4.
    """
    return plain_days(signed, _USUAL_DAYS) if nature in _RULES else None


def transmission_due(
    nature: NatureActe, signed: date, calendrier: Calendrier, settings: LegalSettings
) -> Due | None:
    """The same, with its rule and the day to show; None where the law sets none (DT-1, DT-2, DT-6).

    Any other act is to be transmitted without delay: it has no force before.
    """
    limit = transmission_limit(nature, signed)
    return None if limit is None else own_duty(_RULES[nature], limit, calendrier, settings)


def notification_report_due(notified: date, calendrier: Calendrier, settings: LegalSettings) -> Due:
    """Until when the préfet is told the day on which a contract was notified (L. 1411-9; DT-2)."""
    return own_duty("DT-2", plain_days(notified, _USUAL_DAYS), calendrier, settings)


def budget_due(limit: VoteLimit, calendrier: Calendrier, settings: LegalSettings) -> Due:
    """Until when the budget is transmitted: 15 days after the limit of its vote, not the vote.

    Source: CGCT L. 1612-8; DT-3.
    """
    return own_duty("DT-3", plain_days(limit.last, _USUAL_DAYS), calendrier, settings)


def accounts_vote_due(year: int, calendrier: Calendrier, settings: LegalSettings) -> Due:
    """Until when the accounts of ``year`` are voted, elections or not (L. 1612-12; DT-4)."""
    return own_duty("DT-4", date(year + 1, 6, 30), calendrier, settings)


def accounts_due(year: int, calendrier: Calendrier, settings: LegalSettings) -> Due:
    """Until when the accounts of ``year`` are transmitted (CGCT L. 1612-13; DT-4)."""
    voted = date(year + 1, 6, 30)
    return own_duty("DT-4", plain_days(voted, _USUAL_DAYS), calendrier, settings)


@dataclass(frozen=True, slots=True)
class YearEnd:
    """What ends a year: the ``vote`` of the last changes, its ``transmission``, the payments."""

    vote: Due
    transmission: Due
    payments: date


def year_end(year: int, calendrier: Calendrier, settings: LegalSettings) -> YearEnd:
    """Changes within 21 days of the end of ``year``, transmitted within 5 days of that limit.

    Source: CGCT L. 1612-11; DT-5.
    """
    vote = plain_days(date(year, 12, 31), 21)
    return YearEnd(
        own_duty("DT-5", vote, calendrier, settings),
        own_duty("DT-5", plain_days(vote, 5), calendrier, settings),
        date(year + 1, 1, 31),
    )
