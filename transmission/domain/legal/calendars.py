"""Public holidays of the French calendars, computed from the law itself.

Sources: C. travail L. 3133-1 (national), L. 3134-13 (Alsace-Moselle), L. 3422-2 (overseas);
legal clock HO-1 to HO-5.
"""

from datetime import date, timedelta
from functools import lru_cache

from transmission.domain.collectivite import Calendrier

_OVERSEAS: dict[Calendrier, tuple[tuple[int, int], ...]] = {
    Calendrier.MAYOTTE: ((4, 27),),
    Calendrier.MARTINIQUE: ((5, 22),),
    Calendrier.GUADELOUPE: ((5, 27),),
    Calendrier.GUYANE: ((6, 10),),
    Calendrier.REUNION: ((12, 20),),
    Calendrier.SAINT_BARTHELEMY: ((10, 9),),
    # The code says 27 May, practice 28 May: both are taken as non-working (HO-3).
    Calendrier.SAINT_MARTIN: ((5, 27), (5, 28)),
}
_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)
_ALSACE_MOSELLE = (Calendrier.ALSACE_MOSELLE, Calendrier.ALSACE_MOSELLE_TEMPLE)


def easter(year: int) -> date:
    """Easter Sunday of a Gregorian year (anonymous Gregorian computus)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


@lru_cache(maxsize=1024)
def holidays(calendrier: Calendrier, year: int) -> frozenset[date]:
    """Public holidays of a calendar in a year: the law's own list, and no package's.

    Source: C. travail L. 3133-1 (HO-1), L. 3134-13 (HO-2), L. 3422-2 (HO-3). Packages add customary
    days that are in no code (HO-5).
    """
    sunday = easter(year)
    days = {date(year, month, day) for month, day in _FIXED}
    days |= {sunday + timedelta(days=offset) for offset in _AFTER_EASTER}
    days |= {date(year, month, day) for month, day in _OVERSEAS.get(calendrier, ())}
    if calendrier in _ALSACE_MOSELLE:
        days.add(date(year, 12, 26))
    if calendrier is Calendrier.ALSACE_MOSELLE_TEMPLE:
        days.add(sunday - timedelta(days=2))
    return frozenset(days)


def is_working_day(day: date, calendrier: Calendrier) -> bool:
    """Whether a day is neither a Saturday, nor a Sunday, nor a public holiday (CALC-6).

    A pont, a fair or a closing day of the préfecture is a working day (HO-4).
    """
    return day.weekday() < 5 and day not in holidays(calendrier, day.year)
