"""Acts that need not be transmitted: what the préfet may still do (legal clock DF-6, DF-7)."""

from dataclasses import dataclass
from datetime import date

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.defere import defere_months
from transmission.domain.legal.settings import PRUDENT, LegalSettings


@dataclass(frozen=True, slots=True)
class Exposure:
    """``ask_until`` is the préfet's last day to ask for the act; ``last_day`` that of a déféré.

    ``last_day`` is None without a timely request, or while the act is not communicated.
    """

    ask_until: date
    admissible: bool
    last_day: date | None


def exposure(
    executory: date,
    asked: date | None,
    communicated: date | None,
    calendrier: Calendrier,
    settings: LegalSettings = PRUDENT,
) -> Exposure:
    """A déféré needs a request within two months of the executory day, and counts from the answer.

    ``asked`` is the day on which the request was sent, ``communicated`` the one on which the préfet
    had the act. Source: CGCT L. 2131-3, L. 3131-4, L. 4141-4; DF-6, TR-5.
    """
    until = defere_months(executory, calendrier, settings)
    admissible = asked is not None and asked <= until
    last = (
        defere_months(communicated, calendrier, settings) if admissible and communicated else None
    )
    return Exposure(until, admissible, last)


def provoked(asked: date, calendrier: Calendrier, settings: LegalSettings = PRUDENT) -> date:
    """Last day of the déféré of such an act that an injured person asked for.

    The person asks within two months of the executory day (``Exposure.ask_until``). Source: CGCT
    L. 2131-8, L. 3132-3, L. 4142-3; DF-7.
    """
    return defere_months(asked, calendrier, settings)
