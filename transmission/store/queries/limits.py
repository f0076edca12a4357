"""The dates of the current readings of an authority's acts, for reminders and calendars."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select, tuple_

from transmission.domain.collectivite import Collectivite
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import DateKind
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.rappels import Limit
from transmission.domain.legal.reading import ActeState
from transmission.domain.legal.recours import ThirdPartyState
from transmission.store.rows import load_collectivite, nature_of
from transmission.store.tables import acte, collectivite
from transmission.store.tables_legal import legal_date, legal_reading

PAGE = 500

_NAMES = {each.code: each for each in DateName}
_KINDS = {each.code: each for each in DateKind}
_ACTES = {each.code: each for each in ActeState}
_CONTROLS = {each.code: each for each in ControlState}
_THIRDS = {each.code: each for each in ThirdPartyState}


@dataclass(frozen=True, slots=True)
class ReadLimit:
    """A limit, with the number and the instant (aware UTC) of the reading that gave it."""

    limit: Limit
    reading_id: int
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """The dates of an authority in a span of civil days, bounds included."""

    authority_id: int
    first: date
    last: date


def find_authority(connection: Connection, siren: str) -> tuple[int, Collectivite] | None:
    """Number and settings of the authority of a SIREN, None when there is none."""
    found = select(collectivite).where(collectivite.c.siren == siren)
    row = connection.execute(found).one_or_none()
    return None if row is None else (row.id, load_collectivite(row.siren, row.settings))


def limits_state(connection: Connection, span: Span) -> tuple[int, int]:
    """How many dates a span has, and the newest reading that gave one (0 without any).

    A reading that says something new has a higher number: both are what they were only when every
    date is.
    """
    dates = _dates(span).order_by(None).limit(None).subquery()
    counted = select(func.count(), func.coalesce(func.max(dates.c.reading_id), 0))
    count, newest = connection.execute(counted.select_from(dates)).one()
    return count, newest


def limits_between(connection: Connection, span: Span) -> Iterator[ReadLimit]:
    """Every date of a span, by day then by act; read by pages as it is asked for.

    What a newer version of the program named, and this one does not know, is left out.
    """
    wanted = _dates(span)
    page = connection.execute(wanted).all()
    while page:
        yield from (each for row in page if (each := _load(row)) is not None)
        end = page[-1]
        after = tuple_(legal_date.c.day, legal_date.c.acte_id, legal_date.c.name) > tuple_(
            end.day, end.acte_id, end.name
        )
        page = connection.execute(wanted.where(after)).all() if len(page) == PAGE else []


def _dates(span: Span) -> Select[Any]:
    current = and_(legal_reading.c.acte_id == legal_date.c.acte_id, legal_reading.c.current)
    return (
        select(
            *legal_date.c,
            acte.c.numero_interne,
            acte.c.nature,
            acte.c.objet,
            acte.c.date_decision,
            legal_reading.c.states,
            legal_reading.c.id.label("reading_id"),
            legal_reading.c.at,
        )
        .join(acte, acte.c.id == legal_date.c.acte_id)
        .join(legal_reading, current)
        .where(legal_date.c.collectivite_id == span.authority_id)
        .where(legal_date.c.day.between(span.first, span.last))
        .order_by(legal_date.c.day, legal_date.c.acte_id, legal_date.c.name)
        .limit(PAGE)
    )


def _load(row: Row[Any]) -> ReadLimit | None:
    try:
        limit = Limit(
            acte_id=row.acte_id,
            numero=row.numero_interne,
            nature=nature_of(row.nature),
            objet=row.objet,
            date_decision=row.date_decision,
            name=_NAMES[row.name],
            day=row.day,
            kind=_KINDS[row.kind],
            rule=row.rule,
            provisional=row.provisional,
            acte=_ACTES[row.states["acte"]],
            control=_CONTROLS[row.states["controle"]],
            third=_THIRDS[row.states["tiers"]],
        )
    except KeyError:
        return None
    return ReadLimit(limit, row.reading_id, row.at)
