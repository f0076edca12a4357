"""The outbox: bells to ring once their transaction is committed, and periodic runs.

The relay is the only reader. A crash between publication and commit rings twice, which every
task takes as once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.store.tables import outbox, periodic_run


def relay_batch(engine: Engine, publish: Callable[[str, int], None], limit: int = 500) -> int:
    """Publish up to ``limit`` bells, oldest first; how many were published.

    Rows are locked, published, deleted, in that order and one transaction: if ``publish``
    raises, every row stays. Two relays share the rows without seeing the same one.
    """
    oldest = (
        select(outbox.c.id)
        .order_by(outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    with engine.begin() as connection:
        bells = connection.execute(
            delete(outbox).where(outbox.c.id.in_(oldest)).returning(outbox)
        ).all()
        for bell in sorted(bells, key=lambda row: row.id):
            publish(bell.task, bell.subject)
    return len(bells)


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
            period = int(now.timestamp()) // seconds
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
