"""Signs of finished work, by name."""

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.store.tables import heartbeat


class Heartbeats:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def beat(self, name: str, at: datetime, detail: str = "") -> None:
        # The last one wins, even an earlier instant: a clock set back must not hide a silence.
        self._connection.execute(
            upsert(heartbeat)
            .values(name=name, at=at, detail=detail)
            .on_conflict_do_update(index_elements=["name"], set_={"at": at, "detail": detail})
        )
