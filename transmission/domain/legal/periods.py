"""How periods are counted: in months or in days, franc or not, carried to a working day or not.

Everything is on civil dates, in the time zone of the authority; hours never matter here.
Source: CPC art. 641 and 642, as the administrative courts apply them; CALC-1 to CALC-7.
"""

from calendar import monthrange
from datetime import date, timedelta
from enum import Enum

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.calendars import is_working_day

_DAY = timedelta(days=1)


class MonthEnd(Enum):
    """How a délai franc in months ends (contested: C-2)."""

    CLIP_THEN_PLUS_ONE = "clip_then_plus_one"
    DAY_AFTER = "day_after"
    NO_PLUS_ONE = "no_plus_one"


class Carry(Enum):
    """Where a duty of the authority goes that ends on a day off (C-14)."""

    BACKWARD = "backward"
    NONE = "none"
    FORWARD = "forward"


def add_months(day: date, months: int) -> date:
    """Same day-number ``months`` later, or the last day of that month (CPC art. 641; CALC-1)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def plain_days(day: date, days: int) -> date:
    """Last day of a period in days that is not franc (CPC art. 641; CALC-4)."""
    return day + timedelta(days=days)


def roll(day: date, calendrier: Calendrier) -> date:
    """First working day from ``day`` on (CPC art. 642; CALC-6)."""
    while not is_working_day(day, calendrier):
        day += _DAY
    return day


def franc_months(
    day: date,
    months: int,
    calendrier: Calendrier,
    month_end: MonthEnd = MonthEnd.CLIP_THEN_PLUS_ONE,
) -> date:
    """Last useful day of a *délai franc* in months: neither its first nor its last day counts.

    Source: CE 5 June 2009 n° 312682, CE 5 October 2018 n° 409579; CALC-2 then CALC-6.
    """
    return roll(franc_end(day, months, month_end), calendrier)


def franc_end(day: date, months: int, month_end: MonthEnd = MonthEnd.CLIP_THEN_PLUS_ONE) -> date:
    """The same before it is carried to a working day (CALC-2, C-2)."""
    match month_end:
        case MonthEnd.CLIP_THEN_PLUS_ONE:
            return add_months(day, months) + _DAY
        case MonthEnd.DAY_AFTER:
            return add_months(day + _DAY, months)
        case MonthEnd.NO_PLUS_ONE:
            return add_months(day, months)


def franc_days(day: date, days: int, calendrier: Calendrier) -> date:
    """Last useful day of a *délai franc* in days (CE 15 December 2023 n° 472836; CALC-3)."""
    return roll(day + timedelta(days=days + 1), calendrier)


def tacit_date(received: date, months: int = 2) -> date:
    """Birth of an implicit decision: never franc, never carried, even on a Sunday.

    Source: CJA R. 421-2; CE 5 June 2009 n° 312682; CALC-5.
    """
    return add_months(received, months)


def due_safe(due: date, calendrier: Calendrier, carry: Carry = Carry.BACKWARD) -> date:
    """The day to show for a duty of the authority that ends on ``due`` (CALC-7).

    Nothing was found that gives an authority the next working day: prudence shows the one before.
    """
    step = {Carry.BACKWARD: -_DAY, Carry.FORWARD: _DAY, Carry.NONE: timedelta()}[carry]
    while step and not is_working_day(due, calendrier):
        due += step
    return due
