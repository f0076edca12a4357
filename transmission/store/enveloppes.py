"""Numbers of the envelopes of an authority, day by day."""

from datetime import date

from sqlalchemy import Connection, bindparam
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.store.statements import Statement
from transmission.store.tables import enveloppe_counter

_NEXT = Statement(
    upsert(enveloppe_counter)
    .values(collectivite_id=bindparam("authority"), day=bindparam("of_day"), last=1)
    .on_conflict_do_update(
        index_elements=["collectivite_id", "day"], set_={"last": enveloppe_counter.c.last + 1}
    )
    .returning(enveloppe_counter.c.last)
)


class Enveloppes:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def next_enveloppe_number(self, authority_id: int, day: date) -> int:
        row = _NEXT.one(self._connection, {"authority": authority_id, "of_day": day})
        return int(row.last)
