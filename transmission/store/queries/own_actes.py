"""The acts of one authority for the program that it lets in: nothing of another is ever found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Connection, Row, Select, any_, func, literal, select

from transmission.domain.identifiers import NatureActe
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE
from transmission.domain.transmission import StoredFile
from transmission.store.queries.sieve import Owner, Sift, conditions, few
from transmission.store.rows import nature_of
from transmission.store.tables import acte, collectivite, retour, transmission

OWN_PAGE = 50
OWN_STRETCH = 3000
"""Acts that one page of a filtered list goes through."""

ALL = Sift()

# An act is numbered, then dated, then committed: never a day apart.
_LEEWAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OwnActe:
    """An act with where its latest sending stands."""

    id: int
    numero_interne: str
    date_decision: date
    nature: NatureActe
    matiere: str
    objet: str
    document_papier: bool
    accepted_at: datetime
    accepted_by: str
    id_acte: str
    state: State
    state_since: datetime
    waiting_for: str | None
    date_reception: date | None


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Acts, the newest first, and the number before which the next page begins.

    A filtered page may be short, or empty, and have a following one.
    """

    actes: tuple[OwnActe, ...]
    following: int | None


def is_own(connection: Connection, collectivite_id: int, acte_id: int) -> bool:
    """Whether there is such an act and it is of that authority."""
    statement = select(acte.c.id).where(
        acte.c.id == acte_id, acte.c.collectivite_id == collectivite_id
    )
    return connection.execute(statement).one_or_none() is not None


def authority_zone(connection: Connection, collectivite_id: int) -> str:
    """The time zone of an authority."""
    zone = collectivite.c.settings["time_zone"].astext
    statement = select(zone).where(collectivite.c.id == collectivite_id)
    return str(connection.execute(statement).scalar_one())


def own_acte(connection: Connection, collectivite_id: int, acte_id: int) -> OwnActe | None:
    """One act, None when there is none of that authority."""
    row = connection.execute(_acts(collectivite_id).where(acte.c.id == acte_id)).one_or_none()
    return None if row is None else _line(row)


def own_actes(
    connection: Connection, owner: Owner, sift: Sift = ALL, before: int | None = None
) -> OwnPage:
    """A page of the acts of an authority, the newest first."""
    statement = _acts(owner.id).order_by(acte.c.id.desc()).limit(OWN_PAGE + 1)
    if before is not None:
        statement = statement.where(acte.c.id < before)
    if sift == ALL:
        return _page(connection.execute(statement).all(), None)
    statement = statement.where(*conditions(sift, owner))
    ids = few(connection, sift, owner)
    if ids is not None:
        those = acte.c.id == any_(literal(ids, ARRAY(BigInteger)))
        return _page(connection.execute(statement.where(those)).all(), None)
    if sift.until is not None:
        before = _first_at(connection, owner.id, sift.until + _LEEWAY, before)
    floor, following = _stretch(connection, owner.id, sift.since, before)
    within = (acte.c.id >= floor,) if before is None else (acte.c.id >= floor, acte.c.id < before)
    return _page(connection.execute(statement.where(*within)).all(), following)


def every_own_acte(
    connection: Connection, owner: Owner, sift: Sift, most: int | None = None
) -> Sequence[OwnActe]:
    """The acts of an authority that fit, the newest first, all or the first ones: for what fits
    few."""
    statement = _acts(owner.id).where(*conditions(sift, owner)).order_by(acte.c.id.desc())
    statement = statement.limit(most)
    return [_line(row) for row in connection.execute(statement)]


def accuse_reception(
    connection: Connection, collectivite_id: int, acte_id: int
) -> StoredFile | None:
    """The bytes of the AR of the latest sending of an act of that authority, as received."""
    row = connection.execute(
        select(retour.c.sha256, retour.c.size)
        .select_from(acte)
        .join(transmission, transmission.c.id == _latest())
        .join(retour, transmission.c.retour_id == retour.c.id)
        .where(
            acte.c.id == acte_id,
            acte.c.collectivite_id == collectivite_id,
            transmission.c.date_reception.is_not(None),
        )
    ).one_or_none()
    return None if row is None else StoredFile(row.sha256, row.size)


def _page(rows: Sequence[Row[Any]], following: int | None) -> OwnPage:
    lines = tuple(map(_line, rows[:OWN_PAGE]))
    return OwnPage(lines, lines[-1].id if len(rows) > OWN_PAGE else following)


def _stretch(
    connection: Connection, collectivite_id: int, since: datetime | None, before: int | None
) -> tuple[int, int | None]:
    """The last act of a stretch, itself looked at, and where the next begins, if it may hold any.

    0 for a stretch that goes to the end of the list.
    """
    within = select(acte.c.id, acte.c.accepted_at).where(acte.c.collectivite_id == collectivite_id)
    if before is not None:
        within = within.where(acte.c.id < before)
    rows = within.order_by(acte.c.id.desc()).limit(OWN_STRETCH).subquery()
    looked = select(func.count(), func.min(rows.c.id), func.min(rows.c.accepted_at))
    count, last, oldest = connection.execute(looked.select_from(rows)).one()
    if count < OWN_STRETCH:
        return 0, None
    is_over = since is not None and oldest < since - _LEEWAY
    return int(last), None if is_over else int(last)


def _first_at(
    connection: Connection, collectivite_id: int, at: datetime, before: int | None
) -> int | None:
    """The first number whose act was handed over at an instant or later, or ``before``.

    Numbers and instants grow together: halving the numbers finds it without an index.
    """
    low, high = 0, before
    if high is None:
        high = int(connection.execute(select(func.max(acte.c.id))).scalar_one() or 0) + 1
    ceiling = high
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            select(acte.c.id, acte.c.accepted_at)
            .where(acte.c.collectivite_id == collectivite_id, acte.c.id >= middle)
            .order_by(acte.c.id)
            .limit(1)
        ).one_or_none()
        if row is None or row.id >= ceiling or row.accepted_at >= at:
            high = middle
        else:
            low = row.id + 1
    return low


def _latest() -> Any:
    sent = transmission.alias("sent")
    latest = select(func.max(sent.c.id)).where(sent.c.acte_id == acte.c.id, sent.c.message == ACTE)
    return latest.correlate(acte).scalar_subquery()


def _acts(collectivite_id: int) -> Select[Any]:
    columns: tuple[Any, ...] = (
        acte,
        *(
            transmission.c[name]
            for name in ("id_acte", "state", "state_since", "waiting_for", "date_reception")
        ),
    )
    return (
        select(*columns)
        .select_from(acte.join(transmission, transmission.c.id == _latest()))
        .where(acte.c.collectivite_id == collectivite_id)
    )


def _line(row: Row[Any]) -> OwnActe:
    return OwnActe(
        id=row.id,
        numero_interne=row.numero_interne,
        date_decision=row.date_decision,
        nature=nature_of(row.nature),
        matiere=row.matiere,
        objet=row.objet,
        document_papier=row.document_papier,
        accepted_at=row.accepted_at,
        accepted_by=row.accepted_by,
        id_acte=row.id_acte,
        state=State.of(row.state),
        state_since=row.state_since,
        waiting_for=row.waiting_for,
        date_reception=row.date_reception,
    )
