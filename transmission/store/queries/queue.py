"""Acts, by what waits or by what ended, found by words or by identifier, a page at a time.

A waiting state is that of an act, of an answer or of a cancellation: each has its line. A final
state is looked at for acts alone, each once, through the latest sending of the act itself.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    any_,
    func,
    literal,
    select,
    tuple_,
)

from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE
from transmission.store.queries.pages import ActeLine, ActePage, Cursor, Wanted
from transmission.store.queries.search import sought, under_number
from transmission.store.queries.standing import (
    IS_ACTE,
    at_tdt,
    in_states,
    is_latest_of_acte,
    owned,
    waiting_of,
)
from transmission.store.rows import nature_of
from transmission.store.tables import acte, collectivite, transmission

STRETCH = 3000
"""Rows of a list that one search goes through, when no index can tell which are the newest."""

ACTES_PAGE = 50


def list_actes(
    connection: Connection, wanted: Wanted, after: Cursor | None = None, limit: int = ACTES_PAGE
) -> ActePage:
    """A page: whatever waits, the longest wait first; otherwise acts, the newest first.

    Words that many acts have are found by going down ``STRETCH`` rows of the list, others by their
    index. When neither tells which are the newest, a page has those of the stretch alone: it may
    be short, or empty, and have a following one.
    """
    listed = _longest_first(wanted, after) if wanted.oldest_first else _newest_first(wanted, after)
    if not wanted.text.strip():
        return _page(connection, listed.statement, wanted, limit)
    found = sought(connection, wanted.text, wanted.siren)
    ids = found.ids
    if ids is None:
        floor = _floor(connection, listed)
        within = () if floor is None or listed.key is None else (listed.key > floor,)
        down = listed.statement.where(*found.down, *within)
        near = _page(connection, down, wanted, limit)
        if floor is None or near.following:
            return near
        ids = found.by_index(connection)
        if ids is None:
            return ActePage(near.lines, Cursor(floor + 1), stopped=True)
    those = acte.c.id == any_(literal(ids, ARRAY(BigInteger)))
    return _page(connection, listed.statement.where(those), wanted, limit)


def sendings(connection: Connection, ids: Collection[int]) -> Mapping[int, ActeLine]:
    """Some sendings with their acts, by number; those that do not exist are left out."""
    statement = _lines(acte.c.id == transmission.c.acte_id)
    found = connection.execute(statement.where(transmission.c.id.in_(list(ids))))
    return {line.transmission_id: line for line in map(_line, found)}


def newest_sendings(connection: Connection, acte_ids: Collection[int]) -> Mapping[int, int]:
    """The sending that counts of some acts, by the number of the act."""
    newest = select(transmission.c.acte_id, func.max(transmission.c.id).label("newest"))
    those = newest.where(IS_ACTE, transmission.c.acte_id.in_(list(acte_ids)))
    rows = connection.execute(those.group_by(transmission.c.acte_id))
    return {row.acte_id: row.newest for row in rows}


def find_actes(connection: Connection, siren: str, numero: str) -> Sequence[int]:
    """Acts adopted or sent under a number, newest first; it may serve in several years."""
    return sorted(connection.execute(under_number(numero, siren)).scalars(), reverse=True)


def _page(connection: Connection, statement: Select[Any], wanted: Wanted, limit: int) -> ActePage:
    rows = connection.execute(statement.limit(limit + 1)).all()
    following = _cursor(rows[limit - 1], wanted) if len(rows) > limit else None
    return ActePage(tuple(map(_line, rows[:limit])), following)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list in its order. For one whose newest come first, the key of its rows, which grows, and
    the conditions that an index has in that order."""

    statement: Select[Any]
    key: ColumnElement[int] | None = None
    indexed: tuple[ColumnElement[bool], ...] = ()


def _longest_first(wanted: Wanted, after: Cursor | None) -> _Listed:
    key = (transmission.c.state_since, transmission.c.id)
    statement = (
        _lines(acte.c.id == transmission.c.acte_id)
        .where(
            in_states(wanted.states),
            *waiting_of(wanted.siren),
            *at_tdt(transmission, wanted.tdt),
        )
        .order_by(*key)
    )
    if after is not None and after.since is not None:
        statement = statement.where(tuple_(*key) > (after.since, after.id))
    return _Listed(statement)


def _newest_first(wanted: Wanted, after: Cursor | None) -> _Listed:
    if set(wanted.states) == set(State):
        key = acte.c.id
        indexed = (*owned(acte, wanted.siren), *at_tdt(acte, wanted.tdt))
        statement = _lines(transmission.c.id == _latest_of(acte.c.id))
    else:
        key = transmission.c.id
        whose = (*owned(transmission, wanted.siren), *at_tdt(transmission, wanted.tdt))
        indexed = (in_states(wanted.states), IS_ACTE, *whose)
        # The newest of all wait: a plan that goes down every sending must not go through them.
        newest = select(func.max(transmission.c.id)).where(*indexed).correlate(None)
        statement = _lines(acte.c.id == transmission.c.acte_id).where(
            is_latest_of_acte(), key <= newest.scalar_subquery()
        )
    if after is not None:
        indexed = (*indexed, key < after.id)
    return _Listed(statement.where(*indexed).order_by(key.desc()), key, indexed)


def _lines(of_acte: ColumnElement[bool]) -> Select[Any]:
    columns = (
        transmission,
        acte.c.numero_interne,
        acte.c.objet,
        acte.c.nature,
        collectivite.c.siren,
        collectivite.c.settings["nom"].astext.label("nom"),
        collectivite.c.settings["time_zone"].astext.label("time_zone"),
    )
    tables = acte.join(transmission, of_acte)
    return select(*columns).select_from(
        tables.join(collectivite, acte.c.collectivite_id == collectivite.c.id)
    )


def _floor(connection: Connection, listed: _Listed) -> int | None:
    """The key down to which to look, itself left out; None when the list ends before."""
    if listed.key is None:
        return None
    stretch = select(listed.key).where(*listed.indexed).order_by(listed.key.desc())
    rows = stretch.limit(STRETCH + 1).subquery()
    looked = select(func.count(), func.min(rows.c.id)).select_from(rows)
    count, last = connection.execute(looked).one()
    return int(last) if count > STRETCH else None


def _latest_of(acte_id: ColumnElement[int]) -> ScalarSelect[int]:
    sent = transmission.alias("sent")
    latest = select(func.max(sent.c.id)).where(sent.c.acte_id == acte_id, sent.c.message == ACTE)
    return latest.scalar_subquery()


def _cursor(row: Row[Any], wanted: Wanted) -> Cursor:
    if wanted.oldest_first:
        return Cursor(row.id, row.state_since)
    return Cursor(row.acte_id if set(wanted.states) == set(State) else row.id)


def _line(row: Row[Any]) -> ActeLine:
    return ActeLine(
        transmission_id=row.id,
        message=row.message,
        acte_id=row.acte_id,
        numero_interne=row.numero_interne,
        objet=row.objet,
        nature=nature_of(row.nature),
        siren=row.siren,
        collectivite=row.nom,
        time_zone=row.time_zone,
        id_acte=row.id_acte,
        state=State.of(row.state),
        state_since=row.state_since,
        next_attempt_at=row.next_attempt_at,
        waiting_for=row.waiting_for,
        date_reception=row.date_reception,
    )
