"""What the public register shows: what is on line now, of whom, and nothing else.

No row that is not published is ever told of: neither its existence nor its number.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    and_,
    any_,
    func,
    literal,
    select,
    true,
    tuple_,
)

from transmission.domain.identifiers import IdActe, NatureActe
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE
from transmission.domain.transmission import StoredFile
from transmission.store.queries.search import Sought, owner_id, sought
from transmission.store.rows import nature_of
from transmission.store.tables import acte, collectivite, transmission
from transmission.store.tables_legal import published_copy

PAGE = 25
FEED_PAGE = 50
STRETCH = 3000
"""Rows of the list that one search goes through, when too many acts have the words."""

_CURSOR = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\.(?P<id>[0-9]{1,18})")
# A cancellation that is asked for changes nothing before the State acknowledges it.
_RECEIVED = (State.ACKNOWLEDGED.code, State.CANCELLING.code)
_SERVED = (published_copy.c.withdrawn_at.is_(None), published_copy.c.nom_fichier.is_not(None))
_ORDER = (published_copy.c.date_mise_en_ligne, published_copy.c.id)


@dataclass(frozen=True, slots=True)
class Publisher:
    """An authority as the public knows it; ``since`` is when it came to the service."""

    siren: str
    nom: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the list, as the key after which an older page begins."""

    day: date
    id: int

    def __str__(self) -> str:
        return f"{self.day.isoformat()}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reverse of ``str``. Raises ValueError."""
        match = _CURSOR.fullmatch(text)
        if not match:
            raise ValueError(f"not a place: {text!r}")
        return cls(date.fromisoformat(match["day"]), int(match["id"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedActe:
    """An act on line.

    ``id_acte`` and ``date_reception`` are those of its receipt in préfecture, None when no receipt
    stands any more. ``file`` is what is served, ``at`` since when.
    """

    id: int
    publisher: Publisher
    nature: NatureActe
    numero_interne: str
    objet: str
    date_decision: date
    date_mise_en_ligne: date
    date_minimum: date
    date_reception: date | None
    id_acte: IdActe | None
    file: StoredFile
    nom_fichier: str
    at: datetime

    @property
    def place(self) -> Place:
        """Where it is in the list."""
        return Place(self.date_mise_en_ligne, self.id)


@dataclass(frozen=True, slots=True)
class Gone:
    """A publication that was withdrawn; ``successor`` is the one that took its place, if any."""

    successor: int | None


@dataclass(frozen=True, slots=True)
class PublishedPage:
    """Some acts, the last put on line first, and where the next page begins, if there is one.

    ``stopped`` when a search went down a stretch of the list and not to its end.
    """

    actes: tuple[PublishedActe, ...]
    following: Place | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Sifted:
    """What to list of an authority: words or a number, a year of mise en ligne."""

    text: str = ""
    year: int | None = None


def publishers(connection: Connection) -> Sequence[Publisher]:
    """Authorities that have an act on line, by name."""
    on_line = select(published_copy.c.id).where(
        published_copy.c.collectivite_id == collectivite.c.id, *_SERVED
    )
    rows = connection.execute(_publishers().where(on_line.exists()))
    return sorted(map(_publisher, rows), key=lambda each: each.nom)


def publisher(connection: Connection, siren: str) -> Publisher | None:
    """The authority of a SIREN, None when there is none."""
    row = connection.execute(_publishers().where(collectivite.c.siren == siren)).one_or_none()
    return None if row is None else _publisher(row)


def publication_years(connection: Connection, siren: str) -> tuple[int, ...]:
    """Years from the last mise en ligne of an authority to its first."""
    day = published_copy.c.date_mise_en_ligne
    owned = (published_copy.c.collectivite_id == owner_id(siren), *_SERVED)
    # Each by one end of the index: together they would read all of it.
    first, last = (
        connection.execute(select(day).where(*owned).order_by(order).limit(1)).scalar()
        for order in (day, day.desc())
    )
    return () if first is None or last is None else tuple(range(last.year, first.year - 1, -1))


def published_actes(
    connection: Connection,
    siren: str,
    sifted: Sifted = Sifted(),
    after: Place | None = None,
    limit: int = PAGE,
) -> PublishedPage:
    """A page of what an authority has on line, the last put on line first.

    Words that many acts have are found by going down ``STRETCH`` rows, others by their index. When
    neither tells which come first, a page has those of the stretch alone: it may be short, or
    empty, and have a following one.
    """
    listed = _listed(siren, sifted.year, after)
    if not sifted.text.strip():
        return _page(connection, listed, limit)
    found = sought(connection, sifted.text, siren)
    ids = found.ids
    if ids is None:
        stretch = listed.limit(STRETCH).subquery()
        floor = _floor(connection, stretch)
        near = _page(connection, _among(stretch, found), limit)
        if floor is None or near.following:
            return near
        ids = found.by_index(connection)
        if ids is None:
            return PublishedPage(near.actes, floor, stopped=True)
    return _page(connection, listed.where(_is_any(published_copy.c.acte_id, ids)), limit)


def newest_publications(
    connection: Connection, siren: str, before: int | None = None, limit: int = FEED_PAGE
) -> tuple[PublishedActe, ...]:
    """What an authority has on line, the last published first; ``before`` is the number of one."""
    key = published_copy.c.id
    conditions = [published_copy.c.collectivite_id == owner_id(siren), *_SERVED]
    if before is not None:
        conditions.append(key < before)
    statement = _actes().where(*conditions).order_by(key.desc()).limit(limit)
    return tuple(map(_acte, connection.execute(statement)))


def published_acte(connection: Connection, siren: str, copy_id: int) -> PublishedActe | Gone | None:
    """A publication of an authority; None when it never was on this register."""
    known = connection.execute(
        select(published_copy.c.acte_id, published_copy.c.withdrawn_at).where(
            published_copy.c.id == copy_id,
            published_copy.c.collectivite_id == owner_id(siren),
            published_copy.c.nom_fichier.is_not(None),
        )
    ).one_or_none()
    if known is None:
        return None
    if known.withdrawn_at is not None:
        newer = select(published_copy.c.id).where(published_copy.c.acte_id == known.acte_id)
        return Gone(connection.execute(newer.where(*_SERVED)).scalar_one_or_none())
    return _acte(connection.execute(_actes().where(published_copy.c.id == copy_id)).one())


def _publishers() -> Select[Any]:
    settings = collectivite.c.settings
    return select(
        collectivite.c.siren,
        settings["nom"].astext.label("nom"),
        collectivite.c.created_at,
    )


def _actes() -> Select[Any]:
    received = (
        select(transmission.c.id_acte, transmission.c.date_reception)
        .where(
            transmission.c.acte_id == acte.c.id,
            transmission.c.message == ACTE,
            transmission.c.state.in_(_RECEIVED),
        )
        .limit(1)
        .lateral("received")
    )
    tables = published_copy.join(acte, acte.c.id == published_copy.c.acte_id)
    tables = tables.join(collectivite, collectivite.c.id == published_copy.c.collectivite_id)
    return (
        _publishers()
        .add_columns(
            published_copy,
            acte.c.nature,
            acte.c.numero_interne,
            acte.c.objet,
            acte.c.date_decision,
            received.c.id_acte,
            received.c.date_reception,
        )
        .select_from(tables.outerjoin(received, true()))
    )


def _listed(siren: str, year: int | None, after: Place | None) -> Select[Any]:
    """Keys of what is on line, in the order of the list."""
    keys = select(*_ORDER, published_copy.c.acte_id).where(
        published_copy.c.collectivite_id == owner_id(siren), *_SERVED
    )
    if year is not None:
        days = (date(year, 1, 1), date(year, 12, 31))
        keys = keys.where(published_copy.c.date_mise_en_ligne.between(*days))
    if after is not None:
        keys = keys.where(tuple_(*_ORDER) < (after.day, after.id))
    return keys.order_by(*(key.desc() for key in _ORDER))


def _floor(connection: Connection, stretch: Subquery) -> Place | None:
    """The last row of a stretch of the list; None when the list ends before."""
    keys = (stretch.c.date_mise_en_ligne, stretch.c.id)
    looked = select(*keys, func.count().over().label("seen")).order_by(*keys).limit(1)
    row = connection.execute(looked).one_or_none()
    return None if row is None or row.seen < STRETCH else Place(row.date_mise_en_ligne, row.id)


def _among(stretch: Subquery, found: Sought) -> Select[Any]:
    """Keys of a stretch whose act fits, in its order."""
    # Asked of each in turn: joined, the acts that fit would be looked for among all there are.
    fits = select(and_(*found.down)).where(acte.c.id == stretch.c.acte_id).scalar_subquery()
    keys = (stretch.c.date_mise_en_ligne, stretch.c.id)
    return select(stretch).where(fits).order_by(*(key.desc() for key in keys))


def _is_any(column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    return column == any_(literal(ids, ARRAY(BigInteger)))  # type: ignore[no-any-return]


def _page(connection: Connection, keys: Select[Any], limit: int) -> PublishedPage:
    ids = [row.id for row in connection.execute(keys.limit(limit + 1))]
    details = _actes().where(_is_any(published_copy.c.id, ids[:limit]))
    rows = connection.execute(details.order_by(*(key.desc() for key in _ORDER)))
    actes = tuple(map(_acte, rows))
    return PublishedPage(actes, actes[-1].place if len(ids) > limit else None)


def _publisher(row: Row[Any]) -> Publisher:
    return Publisher(row.siren, row.nom, row.created_at)


def _acte(row: Row[Any]) -> PublishedActe:
    return PublishedActe(
        id=row.id,
        publisher=_publisher(row),
        nature=nature_of(row.nature),
        numero_interne=row.numero_interne,
        objet=row.objet,
        date_decision=row.date_decision,
        date_mise_en_ligne=row.date_mise_en_ligne,
        date_minimum=row.date_minimum,
        date_reception=row.date_reception,
        id_acte=None if row.id_acte is None else IdActe.parse(row.id_acte),
        file=StoredFile(row.sha256, row.size),
        nom_fichier=row.nom_fichier,
        at=row.at,
    )
