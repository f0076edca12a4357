"""Urbanism: plans, permits and their third parties (legal clock §8)."""

from dataclasses import dataclass
from datetime import date, timedelta

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.defere import URBAN_REFORM
from transmission.domain.legal.evenements import LegalEvent
from transmission.domain.legal.periods import add_months, franc_days, franc_months, plain_days
from transmission.domain.legal.recours import third_party_last_day


def demolition_from(executory: date) -> date:
    """From when a demolition permit may be executed: 15 days after both formalities.

    Source: C. urb. L. 424-9; UR-1.
    """
    return plain_days(executory, 15)


def felling_from(acquired: date) -> date:
    """From when declared trees may be felled: one month after acquisition (L. 424-9; UR-1)."""
    return add_months(acquired, 1)


def tacit_permit_start(acquired: date, file_received: date | None) -> date | None:
    """Start of the déféré period of a tacit authorisation; None while the file is missing.

    It counts from the complete file alone, unlike an express act (DF-2). Source: C. urb. L. 424-8;
    CE 17 December 2014 n° 373681; UR-2.
    """
    return None if file_received is None else max(acquired, file_received)


@dataclass(frozen=True, slots=True)
class PermitAppeals:
    """``gracieux`` is the last day of a recours gracieux where it has a period of its own."""

    gracieux: date | None
    last_day: date


def permit_appeals(
    decided: date, posted: date, events: tuple[LegalEvent, ...], calendrier: Calendrier
) -> PermitAppeals:
    """Appeals against a permit, from the first day of a continuous posting of two months.

    For a decision taken from 28 November 2025 a recours gracieux has one month, and no longer
    extends the period. Source: C. urb. R. 600-2, L. 600-12-2; UR-3, UR-4.
    """
    if decided < URBAN_REFORM:
        return PermitAppeals(None, third_party_last_day(posted, events, calendrier))
    last = third_party_last_day(posted, (), calendrier)
    return PermitAppeals(franc_months(posted, 1, calendrier), last)


def appeal_notification_limit(filed: date, calendrier: Calendrier) -> date:
    """Last day to notify an appeal, the préfet's too, to the author and to the holder.

    Fifteen days, franc. Source: C. urb. R. 600-1; UR-3.
    """
    return franc_days(filed, 15, calendrier)


def barred_after(completed: date, calendrier: Calendrier) -> date:
    """Last day of an action without valid posting: six months from the end of the works.

    Counted franc, as periods before the administrative courts are (CALC-2). Source: C. urb.
    R. 600-3; UR-3.
    """
    return franc_months(completed, 6, calendrier)


def plan_executory(
    received: date | None, on_gpu: date | None, *, covered: bool, plus_one: bool = True
) -> date | None:
    """When a PLU has force: at once under an approved SCoT, else a month after its transmission.

    None while a formality is missing. Never carried. When the préfet required changes within the
    month, the days are those of the changes, and ``covered`` is true. Source: C. urb. L. 153-23 to
    L. 153-26; UR-5, C-16.
    """
    if received is None or on_gpu is None:
        return None
    return max(received if covered else _months_over(received, 1, plus_one=plus_one), on_gpu)


def scot_executory(
    received: date | None, on_gpu: date | None, *, plus_one: bool = True
) -> date | None:
    """When a SCoT has force: two months after its transmission (C. urb. L. 143-24; UR-5, C-16)."""
    if received is None or on_gpu is None:
        return None
    return max(_months_over(received, 2, plus_one=plus_one), on_gpu)


def _months_over(day: date, months: int, *, plus_one: bool) -> date:
    return add_months(day, months) + timedelta(days=1 if plus_one else 0)
