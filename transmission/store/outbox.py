"""The outbox: bells to ring once their transaction is committed, and periodic runs.

The relay is the only reader. A crash between publication and commit rings twice, which every
task takes as once.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, Integer, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.store.statements import Statement
from transmission.store.tables import outbox, periodic_run, rung


@dataclass(frozen=True, slots=True)
class Lanes:
    """Tasks of which one message per subject is enough, and since when one is held to be lost."""

    tasks: Container[str]
    now: datetime
    lost_before: datetime


# Apart, where it is run once: as a subquery, it may be run again for each row, and bound nothing.
_TAKEN = (
    select(outbox.c.id)
    .order_by(outbox.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("taken")
)
_OLDEST = Statement(delete(outbox).where(outbox.c.id.in_(select(_TAKEN.c.id))).returning(outbox))
_RUNG = upsert(rung).values({name: bindparam(name) for name in ("task", "subject", "at")})
_TAKE = Statement(
    _RUNG.on_conflict_do_update(
        index_elements=["task", "subject"],
        set_={"at": _RUNG.excluded.at},
        where=rung.c.at <= bindparam("lost_before", type_=rung.c.at.type),
    ).returning(rung.c.task)
)


def relay_batch(
    engine: Engine,
    publish: Callable[[str, int], None],
    lanes: Lanes | None = None,
    limit: int = 500,
) -> int:
    """Publish up to ``limit`` bells, oldest first; how many were taken.

    Rows are locked, published, deleted, in that order and one transaction: if ``publish``
    raises, every row stays. Two relays share the rows without seeing the same one. Bells of one
    task and subject are one message; in ``lanes``, also with one published before that no task has
    answered, unless it is old enough to be lost.
    """
    with engine.begin() as connection:
        bells = _OLDEST.rows(connection, {"most": limit})
        wanted = dict.fromkeys(
            (bell.task, bell.subject) for bell in sorted(bells, key=lambda row: row.id)
        )
        # In one order for all relays: two that take the same lanes never wait for each other.
        silent = {bell for bell in sorted(wanted) if not _takes(connection, lanes, *bell)}
        for task, subject in wanted:
            if (task, subject) not in silent:
                publish(task, subject)
    return len(bells)


def _takes(connection: Connection, lanes: Lanes | None, task: str, subject: int) -> bool:
    if lanes is None or task not in lanes.tasks:
        return True
    # Whoever answers deletes the row before it looks for work: a bell left out here is never one
    # whose work the answer could not see.
    values = {"task": task, "subject": subject, "at": lanes.now, "lost_before": lanes.lost_before}
    return _TAKE.first(connection, values) is not None


def period_of(now: datetime, seconds: int) -> int:
    """Number of the period of that length in which an instant falls."""
    return int(now.timestamp()) // seconds


def claim_periods(
    engine: Engine, periods: Sequence[tuple[str, int]], now: datetime
) -> Sequence[str]:
    """Names of periodic runs whose period has begun, each claimed by exactly one caller.

    ``periods`` gives (name, length in seconds). The key of a run is its period, so two
    schedulers, a restart or a clock set back never run one twice.
    """
    claimed = []
    with engine.begin() as connection:
        for name, seconds in periods:
            period = period_of(now, seconds)
            statement = (
                upsert(periodic_run)
                .values(name=name, period=period, started_at=now)
                .on_conflict_do_update(
                    index_elements=["name"],
                    set_={"period": period, "started_at": now},
                    where=periodic_run.c.period < period,
                )
                .returning(periodic_run.c.name)
            )
            if connection.execute(statement).one_or_none() is not None:
                claimed.append(name)
    return claimed
