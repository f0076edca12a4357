"""The plain last day of the déféré, explained.

Later kinds of deadlines are added beside this one; each answer says where it comes from.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from transmission.domain.collectivite import Calendrier
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.calendars import is_working_day


@dataclass(frozen=True, slots=True)
class Deadline:
    """A computed civil date and what it rests on (legal clock §15.4).

    ``last_day`` is the last day, included, on which the holder may still act, in the civil
    calendar of the authority.
    """

    last_day: date
    rule: str
    basis: str
    starts_from: date
    calendrier: Calendrier
    explanation: str


def add_months(day: date, months: int) -> date:
    """Same day-number ``months`` later, or the last day of that month (CPC art. 641; CALC-1)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def roll(day: date, calendrier: Calendrier) -> date:
    """First working day from ``day`` on (CPC art. 642; CALC-6)."""
    while not is_working_day(day, calendrier):
        day += timedelta(days=1)
    return day


def franc_months(day: date, months: int, calendrier: Calendrier) -> date:
    """Last useful day of a *délai franc* in months: neither its first nor its last day counts.

    Source: CE 5 June 2009 n° 312682, CE 5 October 2018 n° 409579; CALC-2 then CALC-6.
    """
    return roll(add_months(day, months) + timedelta(days=1), calendrier)


def transmission_limit(nature: NatureActe, date_decision: date) -> date | None:
    """Last day on which an act may be transmitted, None where the law sets none.

    Fifteen days, for individual decisions and contracts, from their signature; the decision's date
    stands for it. Source: CGCT L. 2131-1 and L. 2131-13; rules DT-1 and DT-2, CALC-4.
    """
    if nature not in (NatureActe.INDIVIDUEL, NatureActe.CONTRAT):
        return None
    return date_decision + timedelta(days=15)


def defere_last_day(date_reception: date, calendrier: Calendrier) -> Deadline:
    """Last day on which the préfet may refer the act to the court, with nothing else known.

    Two months from receipt, *délai franc*, carried to a working day. Letters and requests for
    documents may move it. Source: CGCT L. 2131-6, L. 3132-1, L. 4142-1; rule DF-1.
    """
    last_day = franc_months(date_reception, 2, calendrier)
    return Deadline(
        last_day,
        "DF-1",
        "CGCT, art. L. 2131-6 (communes et EPCI), L. 3132-1, L. 4142-1",
        date_reception,
        calendrier,
        f"Reçu en préfecture le {date_reception:%d/%m/%Y} : deux mois francs, portés au jour "
        f"ouvré suivant s'il y a lieu, soit le {last_day:%d/%m/%Y} inclus, sauf demande de "
        "pièces ou lettre d'observations.",
    )
