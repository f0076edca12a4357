"""What waits, by state and age, and acts, found by words or by identifier.

A waiting state is that of an act, of an answer or of a cancellation: each has its line. A final
state is looked at for acts alone, each once, through the latest sending of the act itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    Table,
    and_,
    any_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
)

from transmission.domain.identifiers import NatureActe
from transmission.domain.lifecycle import FINAL, State
from transmission.domain.messages import ACTE
from transmission.store.queries.search import owner_id, sought, under_number
from transmission.store.rows import nature_of
from transmission.store.tables import acte, collectivite, journal, transmission

LIVING = tuple(state for state in State if state not in FINAL)
"""States that wait for something, an operator included."""

COUNT_CEILING = 100
"""Where the counts of final states stop: the exact number of acts of ten years helps nobody."""

STRETCH = 3000
"""Rows of a list that one search goes through, when no index can tell which are the newest."""

ACTES_PAGE = 50

_CURSOR = re.compile(r"(?P<id>[0-9]{1,18})(?:@(?P<since>[0-9T:.+-]{19,35}))?")


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many sendings wait in a state, or how many acts ended in it.

    ``capped`` when there are more than the ceiling. ``oldest_since`` is the instant since which
    the oldest waits, None for a final state.
    """

    state: State
    count: int
    capped: bool = False
    oldest_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list: states, the SIREN of one authority, words or an identifier."""

    states: tuple[State, ...] = LIVING
    siren: str | None = None
    text: str = ""

    @property
    def oldest_first(self) -> bool:
        """Whether all the wanted states wait: then the longest wait comes first."""
        return not FINAL.intersection(self.states)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page, as the key after which the next one begins."""

    id: int
    since: datetime | None = None

    def __str__(self) -> str:
        return f"{self.id}@{self.since.isoformat()}" if self.since else str(self.id)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reverse of ``str``. Raises ValueError."""
        match = _CURSOR.fullmatch(text)
        if not match:
            raise ValueError(f"not a cursor: {text!r}")
        since = datetime.fromisoformat(match["since"]) if match["since"] else None
        if since is not None and since.tzinfo is None:
            raise ValueError(f"not an instant: {text!r}")
        return cls(int(match["id"]), since)


@dataclass(frozen=True, slots=True)
class ActeLine:
    """A sending in a list, with its act; ``message`` is its code, 1-1 for the act itself."""

    transmission_id: int
    message: str
    acte_id: int
    numero_interne: str
    objet: str
    nature: NatureActe
    siren: str
    collectivite: str
    time_zone: str
    id_acte: str
    state: State
    state_since: datetime
    next_attempt_at: datetime | None
    waiting_for: str | None
    date_reception: date | None


@dataclass(frozen=True, slots=True)
class ActePage:
    """Some acts in order, and where the next page begins, if there is one.

    ``stopped`` when the search went down a stretch of the list and not to its end.
    """

    lines: tuple[ActeLine, ...]
    following: Cursor | None
    stopped: bool = False


def state_counts(connection: Connection, siren: str | None = None) -> tuple[StateCount, ...]:
    """Counts of every state in the order of the lifecycle, of one authority or of all.

    Those of the final states stop at ``COUNT_CEILING``.
    """
    statement = (
        select(
            transmission.c.state,
            func.count().label("actes"),
            func.min(transmission.c.state_since).label("oldest"),
        )
        .where(in_states(LIVING), *_waiting_of(siren))
        .group_by(transmission.c.state)
    )
    found = {
        row.state: StateCount(State.of(row.state), row.actes, oldest_since=row.oldest)
        for row in connection.execute(statement)
    }
    return tuple(
        _final_count(connection, state, siren)
        if state in FINAL
        else found.get(state.code, StateCount(state, 0))
        for state in State
    )


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


def find_actes(connection: Connection, siren: str, numero: str) -> Sequence[int]:
    """Acts adopted or sent under a number, newest first; it may serve in several years."""
    return sorted(connection.execute(under_number(numero, siren)).scalars(), reverse=True)


def authority_names(connection: Connection, limit: int) -> Sequence[tuple[str, str]]:
    """SIREN and name of at most ``limit`` authorities, in the order of names."""
    nom = collectivite.c.settings["nom"].astext
    rows = connection.execute(select(collectivite.c.siren, nom).order_by(nom).limit(limit))
    return [(row[0], row[1]) for row in rows]


def newest_journal_id(connection: Connection) -> int:
    """Number of the last thing that happened, 0 when nothing did."""
    return int(connection.execute(select(func.max(journal.c.id))).scalar_one() or 0)


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
        .where(in_states(wanted.states), *_waiting_of(wanted.siren))
        .order_by(*key)
    )
    if after is not None and after.since is not None:
        statement = statement.where(tuple_(*key) > (after.since, after.id))
    return _Listed(statement)


def _newest_first(wanted: Wanted, after: Cursor | None) -> _Listed:
    if set(wanted.states) == set(State):
        key, indexed = acte.c.id, _owned(acte, wanted.siren)
        statement = _lines(transmission.c.id == _latest_of(acte.c.id))
    else:
        key = transmission.c.id
        indexed = (in_states(wanted.states), _IS_ACTE, *_owned(transmission, wanted.siren))
        # The newest of all wait: a plan that goes down every sending must not go through them.
        newest = select(func.max(transmission.c.id)).where(*indexed).correlate(None)
        statement = _lines(acte.c.id == transmission.c.acte_id).where(
            _is_latest_of_acte(), key <= newest.scalar_subquery()
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


def in_states(states: Iterable[State]) -> ColumnElement[bool]:
    """Whether a sending is in one of some states."""
    # Written out, or no plan made once for all values could use an index of some states only.
    codes = [state.code for state in states]
    return transmission.c.state.in_(bindparam(None, codes, expanding=True, literal_execute=True))


def _owned(table: Table, siren: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if siren is None else (table.c.collectivite_id == owner_id(siren),)


def _waiting_of(siren: str | None) -> tuple[ColumnElement[bool], ...]:
    # No index of the authorities: what ended long ago is in those, what waits is read faster.
    return () if siren is None else (transmission.c.collectivite_id + 0 == owner_id(siren),)


def _final_count(connection: Connection, state: State, siren: str | None) -> StateCount:
    if state is State.DELIVERED:
        # The State acknowledges every act: looking for one would walk all the receipts.
        return StateCount(state, 0)
    ended = (in_states([state]), _IS_ACTE, *_owned(transmission, siren), _is_latest_of_acte())
    some = select(transmission.c.id).where(*ended).limit(COUNT_CEILING + 1).subquery()
    found = int(connection.execute(select(func.count()).select_from(some)).scalar_one())
    return StateCount(state, min(found, COUNT_CEILING), capped=found > COUNT_CEILING)


_IS_ACTE = transmission.c.message == literal(ACTE, literal_execute=True)


def _latest_of(acte_id: ColumnElement[int]) -> ScalarSelect[int]:
    sent = transmission.alias("sent")
    latest = select(func.max(sent.c.id)).where(sent.c.acte_id == acte_id, sent.c.message == ACTE)
    return latest.scalar_subquery()


def _is_latest_of_acte() -> ColumnElement[bool]:
    later = transmission.alias("later")
    newer = select(later.c.id).where(
        later.c.acte_id == transmission.c.acte_id,
        later.c.message == ACTE,
        later.c.id > transmission.c.id,
    )
    return and_(_IS_ACTE, ~newer.exists())


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
