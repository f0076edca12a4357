"""What waits, by state and age, and acts, found by words or by identifier.

A waiting state is that of an act, of an answer or of a cancellation: each has its line. A final
state is looked at for acts alone, each once, through the latest sending of the act itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select, tuple_

from transmission.domain.identifiers import NatureActe
from transmission.domain.lifecycle import FINAL, State
from transmission.domain.messages import ACTE
from transmission.store.queries.search import matching, under_number
from transmission.store.rows import nature_of
from transmission.store.tables import acte, collectivite, journal, transmission

LIVING = tuple(state for state in State if state not in FINAL)
"""States that wait for something, an operator included."""

COUNT_CEILING = 1000
"""Where the counts of final states stop: the exact number of acts of ten years helps nobody."""

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
    """Some acts in order, and where the next page begins, if there is one."""

    lines: tuple[ActeLine, ...]
    following: Cursor | None


def state_counts(connection: Connection, siren: str | None = None) -> tuple[StateCount, ...]:
    """Counts of every state in the order of the lifecycle, of one authority or of all.

    Those of the final states stop at ``COUNT_CEILING``.
    """
    columns = (
        transmission.c.state,
        func.count().label("actes"),
        func.min(transmission.c.state_since).label("oldest"),
    )
    statement = (
        _owned(select(*columns), siren)
        .where(transmission.c.state.in_(_codes(LIVING)))
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
    """A page: whatever waits, the longest wait first; otherwise acts, the newest first."""
    columns = (
        transmission,
        acte.c.numero_interne,
        acte.c.objet,
        acte.c.nature,
        collectivite.c.siren,
        collectivite.c.settings["nom"].astext.label("nom"),
        collectivite.c.settings["time_zone"].astext.label("time_zone"),
    )
    statement = (
        _owned(select(*columns), wanted.siren)
        .join(acte, transmission.c.acte_id == acte.c.id)
        .where(transmission.c.state.in_(_codes(wanted.states)), *matching(wanted.text))
        .limit(limit + 1)
    )
    rows = connection.execute(_ordered(statement, wanted, after)).all()
    following = _cursor(rows[limit - 1], wanted) if len(rows) > limit else None
    return ActePage(tuple(_line(row) for row in rows[:limit]), following)


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


def _codes(states: Iterable[State]) -> list[str]:
    return [state.code for state in states]


def _owned(statement: Select[Any], siren: str | None) -> Select[Any]:
    # Even without a SIREN the join is what leads to the index on (authority, state).
    owned = statement.select_from(
        collectivite.join(transmission, transmission.c.collectivite_id == collectivite.c.id)
    )
    return owned if siren is None else owned.where(collectivite.c.siren == siren)


def _final_count(connection: Connection, state: State, siren: str | None) -> StateCount:
    if state is State.DELIVERED:
        # The State acknowledges every act: looking for one would walk all the receipts.
        return StateCount(state, 0)
    some = (
        _owned(select(transmission.c.id), siren)
        .where(transmission.c.state == state.code, _is_latest_of_acte())
        .limit(COUNT_CEILING + 1)
        .subquery()
    )
    found = int(connection.execute(select(func.count()).select_from(some)).scalar_one())
    return StateCount(state, min(found, COUNT_CEILING), capped=found > COUNT_CEILING)


def _is_latest_of_acte() -> ColumnElement[bool]:
    later = transmission.alias("later")
    newer = select(later.c.id).where(
        later.c.acte_id == transmission.c.acte_id,
        later.c.message == ACTE,
        later.c.id > transmission.c.id,
    )
    return and_(transmission.c.message == ACTE, ~newer.exists())


def _ordered(statement: Select[Any], wanted: Wanted, after: Cursor | None) -> Select[Any]:
    if not wanted.oldest_first:
        newest_first = statement.where(_is_latest_of_acte()).order_by(transmission.c.id.desc())
        return newest_first if after is None else newest_first.where(transmission.c.id < after.id)
    key = (transmission.c.state_since, transmission.c.id)
    longest_first = statement.order_by(*key)
    if after is None or after.since is None:
        return longest_first
    return longest_first.where(tuple_(*key) > (after.since, after.id))


def _cursor(row: Row[Any], wanted: Wanted) -> Cursor:
    return Cursor(row.id, row.state_since if wanted.oldest_first else None)


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
