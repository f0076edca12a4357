"""Time stamps that are missing, and those whose instant is odd, for people."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from transmission.ports.time_stamps import KnownTimeStamp
from transmission.store.tables_time_stamps import time_stamp
from transmission.store.time_stamps import load_time_stamp


def missing_time_stamps(connection: Connection, limit: int) -> Sequence[KnownTimeStamp]:
    """Those asked for and not yet obtained, oldest first."""
    missing = select(time_stamp).where(time_stamp.c.next_attempt_at.is_not(None))
    rows = connection.execute(missing.order_by(time_stamp.c.id).limit(limit))
    return [load_time_stamp(row) for row in rows]


def latest_odd(connection: Connection) -> KnownTimeStamp | None:
    """The latest of all those obtained, if its instant is odd."""
    latest = (
        select(time_stamp)
        .where(time_stamp.c.token_sha256.is_not(None))
        .order_by(time_stamp.c.id.desc())
        .limit(1)
    )
    row = connection.execute(latest).one_or_none()
    return None if row is None or row.oddity is None else load_time_stamp(row)
