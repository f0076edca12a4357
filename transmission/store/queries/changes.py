"""What changed for one authority since a place in the journal, so that nothing is ever skipped.

Numbers of the journal are drawn in order, and committed in any: a reader who goes past a number
that commits later would never see it. A number is drawn by a transaction that already holds its
lock on the journal. So, once every transaction that held it when number N was the newest is over,
nothing at or below N can appear any more: N is settled, and nobody reads above what is settled.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, Table, func, select, text

from transmission.domain.lifecycle import State
from transmission.store.tables import acte, journal, transmission

CHANGES_PAGE = 200

_PAUSE = 0.02
_WRITERS = text(
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND relation = CAST(:log AS regclass) AND mode = 'RowExclusiveLock'"
)


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the journal about an act; ``message`` is the code of the sending, if any."""

    id: int
    acte_id: int
    numero_interne: str
    at: datetime
    event: str
    message: str | None
    source: State | None
    target: State | None
    author: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes in order, the place after which the next page begins, whether more is known there."""

    changes: tuple[Change, ...]
    following: int
    has_more: bool


def settled_journal_id(engine: Engine, patience: float) -> int | None:
    """A number of the journal at or below which nothing can appear any more, 0 when it is empty.

    As :func:`settled_id`.
    """
    return settled_id(engine, journal, patience)


def settled_id(engine: Engine, log: Table, patience: float) -> int | None:
    """A number of a log at or below which nothing can appear any more, 0 when it is empty.

    Waits, ``patience`` seconds at most, for whoever is writing; None when somebody still is.
    Each look is a transaction of its own.
    """
    with engine.connect() as connection:
        newest = int(connection.execute(select(func.max(log.c.id))).scalar_one() or 0)
    writers = _writers(engine, log)
    for _ in range(round(patience / _PAUSE)):
        if not writers:
            break
        time.sleep(_PAUSE)
        writers &= _writers(engine, log)
    return None if writers else newest


def changes_since(
    connection: Connection, collectivite_id: int, after: int, settled: int
) -> ChangePage:
    """What happened to the acts of an authority after a number, up to a settled one.

    The connection must have begun after that number was settled. The place is that of a change of
    its own: one that moved with the journal would tell how much the other authorities do.
    """
    found = _changes(connection, collectivite_id, after, settled)
    told = tuple(found[:CHANGES_PAGE])
    return ChangePage(told, told[-1].id if told else after, has_more=len(found) > len(told))


def _writers(engine: Engine, log: Table) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(_WRITERS, {"log": log.name}).scalars())


def _changes(
    connection: Connection, collectivite_id: int, after: int, last: int
) -> Sequence[Change]:
    statement = (
        select(journal, acte.c.numero_interne, transmission.c.message)
        .join(acte, journal.c.acte_id == acte.c.id)
        .outerjoin(transmission, journal.c.transmission_id == transmission.c.id)
        .where(
            journal.c.collectivite_id == collectivite_id,
            acte.c.collectivite_id == collectivite_id,
            journal.c.id > after,
            journal.c.id <= last,
        )
        .order_by(journal.c.id)
        .limit(CHANGES_PAGE + 1)
    )
    return [
        Change(
            id=row.id,
            acte_id=row.acte_id,
            numero_interne=row.numero_interne,
            at=row.at,
            event=row.event,
            message=row.message,
            source=State.of(row.source) if row.source else None,
            target=State.of(row.target) if row.target else None,
            author=row.author,
            reason=row.reason,
        )
        for row in connection.execute(statement)
    ]
