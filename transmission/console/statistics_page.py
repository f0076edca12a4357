"""The page of the delays from adoption to receipt: what its address asks for, what it shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import Connection

from transmission.clock import civil_day
from transmission.console.queue_page import NAMES_SHOWN
from transmission.console.statistics_figures import Figures
from transmission.domain.delays import Period, PeriodError
from transmission.store.queries.counts import authority_names
from transmission.store.queries.delays import owner_name, reception_delays, usual_delays

_TIME_ZONE = "Europe/Paris"
"""Where it is today when all authorities are looked at together."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the page says, as it was typed."""

    collectivite: str = ""
    depuis: str = ""
    jusqu_a: str = ""

    def url(self, path: str) -> str:
        """The address of the same figures in another form."""
        named = {
            "collectivite": self.collectivite,
            "depuis": self.depuis,
            "jusqu_a": self.jusqu_a,
        }
        query = urlencode({name: value for name, value in named.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class StatisticsPage:
    """Everything the page shows; without figures, ``problem`` tells why."""

    asked: Asked
    names: Sequence[tuple[str, str]]
    everywhere: bool = True
    """Whether all authorities may be looked at together."""
    figures: Figures | None = None
    problem: str = ""

    @property
    def chooses_names(self) -> bool:
        """Whether authorities are few enough to be chosen in a list."""
        return len(self.names) <= NAMES_SHOWN

    @property
    def shown(self) -> Asked:
        """What the form says: the months in force where none was typed."""
        if self.figures is None:
            return self.asked
        period = self.figures.delays.period
        return Asked(self.asked.collectivite, f"{period.first:%Y-%m}", f"{period.last:%Y-%m}")


def read_statistics(
    connection: Connection, asked: Asked, now: datetime, readable: Collection[str] | None = None
) -> StatisticsPage:
    """The figures that an address asks for, for whoever may read of some authorities, or of all.

    ``now`` is an aware UTC instant.
    """
    names, everywhere = authority_names(connection, NAMES_SHOWN + 1, readable), readable is None
    owner = owner_name(connection, asked.collectivite) if asked.collectivite else None
    if asked.collectivite and owner is None:
        problem = (
            f"Aucune collectivité n'est enregistrée sous le SIREN « {asked.collectivite} ». "
            "Vérifiez-le, ou effacez-le pour voir toutes les collectivités."
        )
        return StatisticsPage(asked, names, everywhere, problem=problem)
    today = civil_day(now, owner.time_zone if owner else _TIME_ZONE)
    try:
        period = Period.read(asked.depuis, asked.jusqu_a, today)
    except PeriodError as error:
        return StatisticsPage(asked, names, everywhere, problem=str(error))
    delays = reception_delays(connection, period, asked.collectivite or None)
    usual = {} if owner else usual_delays(connection)
    return StatisticsPage(asked, names, everywhere, Figures(owner, delays, usual))
