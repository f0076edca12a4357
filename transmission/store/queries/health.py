"""How the service is: what waits and since when, and when each kind of work was last finished.

Every instant is aware UTC; ages are the reader's to compute. The cost follows what waits, never
what the register holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, func, select

from transmission.domain.legal.findings import Severity
from transmission.domain.lifecycle import State
from transmission.domain.transmission import RetourStatus
from transmission.store.queries.standing import LIVING, in_states
from transmission.store.tables import (
    circuit,
    heartbeat,
    outbox,
    retour,
    transmission,
)
from transmission.store.tables_audits import audit_difference, audit_round
from transmission.store.tables_legal import finding
from transmission.store.tables_time_stamps import time_stamp

FINDINGS_COUNTED = 100_000
"""Open findings beyond which no more are counted: a scan of them takes some tens of ms."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When work of a name was last finished; ``detail`` says what it was."""

    name: str
    at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many things wait, and since when the oldest one does; None when nothing waits."""

    count: int
    oldest_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailingTdt:
    """A TdT whose last calls all failed, for whichever authority."""

    address: str
    failures: int
    since: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Health:
    """One look at everything that may be stuck.

    ``waiting`` has every state that is not an end, ``tried`` counts the sendings whose last try
    failed, ``unread`` are the retours kept and not read yet, ``findings`` the open ones that nobody
    acknowledged, of which ``FINDINGS_COUNTED`` are counted at most, ``unstamped`` the
    time stamps asked for and not yet obtained, ``differing`` what the audit found that is no more
    what it was, ``reread_at`` the end of its last whole round.
    """

    waiting: dict[State, Waiting]
    tried: int
    bells: Waiting
    unread: Waiting
    quarantined: Waiting
    failing: tuple[FailingTdt, ...]
    heartbeats: dict[str, Heartbeat]
    findings: dict[Severity, int] = field(default_factory=dict)
    unstamped: Waiting = Waiting(0)
    differing: Waiting = Waiting(0)
    reread_at: datetime | None = None


def read_health(connection: Connection) -> Health:
    """Everything at once, in one transaction of the caller's."""
    waiting, tried = _sendings(connection)
    return Health(
        waiting=waiting,
        tried=tried,
        bells=_waiting(connection, outbox, outbox.c.rung_at),
        unread=_retours(connection, RetourStatus.STORED),
        quarantined=_retours(connection, RetourStatus.QUARANTINED),
        failing=_failing(connection),
        heartbeats={beat.name: beat for beat in _heartbeats(connection)},
        findings=_findings(connection),
        unstamped=_waiting(
            connection, time_stamp, time_stamp.c.asked_at, time_stamp.c.next_attempt_at.is_not(None)
        ),
        differing=_waiting(
            connection,
            audit_difference,
            audit_difference.c.first_seen_at,
            audit_difference.c.closed_at.is_(None),
        ),
        reread_at=connection.execute(select(func.max(audit_round.c.finished_at))).scalar(),
    )


def _sendings(connection: Connection) -> tuple[dict[State, Waiting], int]:
    rows = connection.execute(
        select(
            transmission.c.state,
            func.count().label("count"),
            func.min(transmission.c.state_since).label("oldest"),
            func.count().filter(transmission.c.failures > 0).label("tried"),
        )
        .where(in_states(LIVING))
        .group_by(transmission.c.state)
    ).all()
    found = {row.state: Waiting(row[1], row.oldest) for row in rows}
    waiting = {state: found.get(state.code, Waiting(0)) for state in LIVING}
    return waiting, sum(row.tried for row in rows)


def _retours(connection: Connection, status: RetourStatus) -> Waiting:
    return _waiting(connection, retour, retour.c.received_at, retour.c.status == status.code)


def _waiting(
    connection: Connection,
    table: Table,
    since: ColumnElement[datetime],
    *which: ColumnElement[bool],
) -> Waiting:
    statement = select(func.count(), func.min(since)).select_from(table).where(*which)
    count, oldest = connection.execute(statement).one()
    return Waiting(count, oldest)


def _failing(connection: Connection) -> tuple[FailingTdt, ...]:
    statement = select(circuit).where(circuit.c.failures > 0).order_by(circuit.c.tdt)
    return tuple(
        FailingTdt(row.tdt, row.failures, row.since, row.reason)
        for row in connection.execute(statement)
    )


def _findings(connection: Connection) -> dict[Severity, int]:
    some = (
        select(finding.c.severity)
        .where(finding.c.closed_at.is_(None), finding.c.acknowledged_at.is_(None))
        .limit(FINDINGS_COUNTED)
        .subquery()
    )
    rows = connection.execute(
        select(some.c.severity, func.count().label("found")).group_by(some.c.severity)
    )
    return dict.fromkeys(Severity, 0) | {Severity.of(row.severity): row.found for row in rows}


def _heartbeats(connection: Connection) -> Sequence[Heartbeat]:
    rows = connection.execute(select(heartbeat).order_by(heartbeat.c.name))
    return [Heartbeat(row.name, row.at, row.detail) for row in rows]
