"""Which authorities have a limit that comes, for the panel of the next limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from transmission.domain.legal.noms import DateName
from transmission.domain.legal.rappels import is_recalled
from transmission.store.tables import collectivite
from transmission.store.tables_legal import legal_date

_NAMES = [name.code for name in DateName if is_recalled(name)]


@dataclass(frozen=True, slots=True)
class OwnerAhead:
    """An authority with the day of its nearest limit."""

    id: int
    siren: str
    nom: str
    time_zone: str
    nearest: date


def authorities_ahead(
    connection: Connection, first: date, last: date, limit: int, siren: str | None = None
) -> Sequence[OwnerAhead]:
    """At most ``limit`` authorities with a limit in a span of civil days, the nearest first.

    With ``siren``, that one alone. One probe of an index for each authority.
    """
    nearest = (
        select(func.min(legal_date.c.day))
        .where(
            legal_date.c.collectivite_id == collectivite.c.id,
            legal_date.c.name.in_(_NAMES),
            legal_date.c.day.between(first, last),
        )
        .correlate(collectivite)
        .lateral("nearest")
    )
    day = nearest.c[0]
    statement = (
        select(
            collectivite.c.id,
            collectivite.c.siren,
            collectivite.c.settings["nom"].astext,
            collectivite.c.settings["time_zone"].astext,
            day,
        )
        .where(day.is_not(None))
        .order_by(day, collectivite.c.id)
        .limit(limit)
    )
    if siren is not None:
        statement = statement.where(collectivite.c.siren == siren)
    return [OwnerAhead(*row) for row in connection.execute(statement)]
