"""The plain last day of the déféré, explained.

Later kinds of deadlines are added beside this one; each answer says where it comes from.
"""

from dataclasses import dataclass
from datetime import date

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.periods import franc_months


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
