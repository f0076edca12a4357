"""Acts by state and age, found by words or by identifier."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, tuple_

from transmission.domain.identifiers import NatureActe
from transmission.domain.lifecycle import FINAL, State
from transmission.store.queries.search import matching
from transmission.store.rows import nature_of
from transmission.store.tables import acte, collectivite, journal, transmission

LIVING = tuple(state for state in State if state not in FINAL)
"""States that wait for something, an operator included."""

COUNT_CEILING = 1000
"""Where the counts of final states stop: the exact number of acts of ten years helps nobody."""

ACTES_PAGE = 50

_LINE = (
    "id",
    "acte_id",
    "state",
    "state_since",
    "next_attempt_at",
    "waiting_for",
    "id_acte",
    "date_reception",
)



@dataclass(frozen=True, slots=True)
class StateCount:
    """How many acts are in a state; ``capped`` when there are more than the ceiling.

    ``oldest_since`` is the instant since which the oldest waits, None for a final state.
    """

    state: State
    count: int
    capped: bool
    oldest_since: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which acts to list: states, the SIREN of one authority, words or an identifier."""

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
    since: datetime | None

    def __str__(self) -> str:
        return f"{self.id}@{self.since.isoformat()}" if self.since else str(self.id)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reverse of ``str``. Raises ValueError."""
        rank, _, since = text.partition("@")
        if not re.fullmatch(r"[0-9]{1,18}", rank):
            raise ValueError(f"not a cursor: {text!r}")
        return cls(int(rank), datetime.fromisoformat(since) if since else None)


@dataclass(frozen=True, slots=True)
class ActeLine:
    """An act in a list, seen through its latest transmission."""

    acte_id: int
    transmission_id: int
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
    """Counts of every state in the order of the lifecycle, of one authority or of all."""
    living = {
        row.state: row
        for row in connection.execute(
            _of_authority(
                select(
                    transmission.c.state,
                    func.count().label("count"),
                    func.min(transmission.c.state_since).label("oldest"),
                ),
                siren,
            )
            .where(transmission.c.state.in_(_codes(LIVING)))
            .group_by(transmission.c.state)
        )
    }
    return tuple(
        _final_count(connection, state, siren)
        if state in FINAL
        else StateCount(state, row.count, capped=False, oldest_since=row.oldest)
        if (row := living.get(state.code))
        else StateCount(state, 0, capped=False, oldest_since=None)
        for state in State
    )


def list_actes(
    connection: Connection, wanted: Wanted, after: Cursor | None = None, limit: int = ACTES_PAGE
) -> ActePage:
    """A page of acts: the longest wait first among the waiting, the newest first otherwise."""
    owned = transmission.join(collectivite).join(acte, transmission.c.acte_id == acte.c.id)
    statement = (
        select(
            *(transmission.c[name] for name in _LINE),
            acte.c.numero_interne,
            acte.c.objet,
            acte.c.nature,
            collectivite.c.siren,
            collectivite.c.settings["nom"].astext.label("nom"),
            collectivite.c.settings["time_zone"].astext.label("time_zone"),
        )
        .select_from(owned)
        .where(transmission.c.state.in_(_codes(wanted.states)), *_conditions(wanted))
        .limit(limit + 1)
    )
    rows = connection.execute(_ordered(statement, wanted, after)).all()
    following = _cursor(rows[limit - 1], wanted) if len(rows) > limit else None
    return ActePage(tuple(_line(row) for row in rows[:limit]), following)


def find_actes(connection: Connection, siren: str, numero: str) -> Sequence[int]:
    """Acts of an authority under a number, newest first; a number may serve in several years."""
    return (
        connection.execute(
            select(acte.c.id)
            .join(collectivite)
            .where(collectivite.c.siren == siren, acte.c.numero_interne == numero)
            .order_by(acte.c.id.desc())
        )
        .scalars()
        .all()
    )


def authority_names(connection: Connection, limit: int) -> Sequence[tuple[str, str]]:
    """SIREN and name of authorities, in the order of names."""
    nom = collectivite.c.settings["nom"].astext
    rows = connection.execute(select(collectivite.c.siren, nom).order_by(nom).limit(limit))
    return [(row[0], row[1]) for row in rows]


def newest_journal_id(connection: Connection) -> int:
    """Number of the last thing that happened, 0 when nothing did."""
    return int(connection.execute(select(func.max(journal.c.id))).scalar_one() or 0)


def _codes(states: Iterable[State]) -> list[str]:
    return [state.code for state in states]


def _of_authority(statement: Select[Any], siren: str | None) -> Select[Any]:
    # The join, even without a SIREN, leads to the index on (authority, state).
    joined = statement.select_from(transmission.join(collectivite))
    return joined if siren is None else joined.where(collectivite.c.siren == siren)


def _final_count(connection: Connection, state: State, siren: str | None) -> StateCount:
    some = (
        _of_authority(select(transmission.c.id), siren)
        .where(transmission.c.state == state.code, _is_latest())
        .limit(COUNT_CEILING + 1)
        .subquery()
    )
    found = int(connection.execute(select(func.count()).select_from(some)).scalar_one())
    return StateCount(state, min(found, COUNT_CEILING), found > COUNT_CEILING, None)


def _is_latest() -> ColumnElement[bool]:
    later = transmission.alias("later")
    return ~(
        select(later.c.id)
        .where(later.c.acte_id == transmission.c.acte_id, later.c.id > transmission.c.id)
        .exists()
    )


def _conditions(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    if not wanted.oldest_first:
        yield _is_latest()
    if wanted.siren is not None:
        yield collectivite.c.siren == wanted.siren
    if (named := _named_acte(wanted.text)) is not None:
        siren, day, numero = named
        yield collectivite.c.siren == siren
        yield acte.c.date_decision == day
        yield acte.c.numero_interne == numero
        return
    for word in _plain(wanted.text).split():
        yield _searched().contains(word, autoescape=True)


def _ordered(statement: Select[Any], wanted: Wanted, after: Cursor | None) -> Select[Any]:
    if not wanted.oldest_first:
        newest_first = statement.order_by(transmission.c.id.desc())
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
        acte_id=row.acte_id,
        transmission_id=row.id,
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


