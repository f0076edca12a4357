"""Words of the explanations: civil dates and periods, as French administrative documents write."""

from collections.abc import Iterable
from datetime import date

from transmission.domain.french_dates import long_date

_DAYS_OFF = {5: "un samedi", 6: "un dimanche"}


def until(last: date, end: date) -> str:
    """Last day of a period, and why it is not ``end``, on which the period would else end."""
    text = f"jusqu'au {long_date(last)} inclus"
    return text if last == end else f"{text}, {day_off(end)}"


def day_off(day: date) -> str:
    """Why a day does not count as the end of a period: a weekend, or else a public holiday."""
    return f"le {long_date(day)} étant {_DAYS_OFF.get(day.weekday(), 'un jour férié')}"


def in_days(number: int) -> str:
    """A number of days, in figures."""
    return f"{number} jour" if number < 2 else f"{number} jours"


def sentences(parts: Iterable[str]) -> str:
    """What there is to say, in one paragraph: nothing of an empty part."""
    return " ".join(part for part in parts if part)
