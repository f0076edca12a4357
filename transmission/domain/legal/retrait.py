"""Until when an author may withdraw an unlawful act (legal clock §11)."""

from datetime import date
from enum import Enum

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.echeances import Due, own_duty
from transmission.domain.legal.periods import add_months
from transmission.domain.legal.settings import LegalSettings

USUAL, PERMIT = 4, 3
"""Months: CRPA L. 242-1 and L. 243-3 (WD-1, WD-2); C. urb. L. 424-5 (WD-3)."""


class Withdrawn(Enum):
    """What is withdrawn: rule, months."""

    CREATES_RIGHTS = ("WD-1", USUAL)
    REGULATION = ("WD-2", USUAL)
    PERMIT = ("WD-3", PERMIT)

    def __init__(self, rule: str, months: int) -> None:
        self.rule = rule
        self.months = months


def withdrawal_until(decided: date, months: int = USUAL) -> date:
    """Last day, neither franc nor carried: a power of the author is read prudently.

    Four months from the decision (WD-1, WD-2), three for a permit (WD-3).
    """
    return add_months(decided, months)


def withdrawal(
    what: Withdrawn, decided: date, calendrier: Calendrier, settings: LegalSettings
) -> Due:
    """The same, with its rule and the day to show.

    Only an unlawful act, from its signature or its adoption. Later: at the request of the
    beneficiary, for fraud, or for the future alone, which sets no day. Source: CRPA L. 242-1 to
    L. 242-3, L. 243-1 to L. 243-3; C. urb. L. 424-5; WD-1 to WD-3.
    """
    return own_duty(what.rule, withdrawal_until(decided, what.months), calendrier, settings)
