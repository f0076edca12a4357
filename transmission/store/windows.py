"""Bytes already sent in each hour of the transmission windows."""

from datetime import datetime

from sqlalchemy import Connection, update
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.store.tables import window_slot


class Windows:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def spend(self, collectivite_id: int, slot: datetime, size: int, limit: int) -> bool:
        self._connection.execute(
            upsert(window_slot)
            .values(collectivite_id=collectivite_id, starts_at=slot, spent=0)
            .on_conflict_do_nothing()
        )
        spent = self._connection.execute(
            update(window_slot)
            .where(
                window_slot.c.collectivite_id == collectivite_id,
                window_slot.c.starts_at == slot,
                window_slot.c.spent + size < limit,
            )
            .values(spent=window_slot.c.spent + size)
        )
        return spent.rowcount == 1

    def give_back(self, collectivite_id: int, slot: datetime, size: int) -> None:
        self._connection.execute(
            update(window_slot)
            .where(
                window_slot.c.collectivite_id == collectivite_id, window_slot.c.starts_at == slot
            )
            .values(spent=window_slot.c.spent - size)
        )
