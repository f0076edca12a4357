"""Health of each TdT."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.ports import Circuit
from transmission.store.statements import Reading
from transmission.store.tables import circuit

_ONE = Reading(select(circuit).where(circuit.c.tdt == bindparam("wanted")))


class Circuits:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def circuit(self, tdt: str) -> Circuit | None:
        row = _ONE.first(self._connection, {"wanted": tdt})
        return None if row is None else _loaded(row)

    def lock_circuit(self, tdt: str, now: datetime) -> Circuit:
        fresh = upsert(circuit).values(tdt=tdt, **asdict(Circuit(0, 0, now)))
        self._connection.execute(fresh.on_conflict_do_nothing())
        statement = select(circuit).where(circuit.c.tdt == tdt).with_for_update()
        return _loaded(self._connection.execute(statement).one())

    def set_circuit(self, tdt: str, known: Circuit) -> None:
        values = asdict(known)
        self._connection.execute(
            upsert(circuit)
            .values(tdt=tdt, **values)
            .on_conflict_do_update(index_elements=["tdt"], set_=values)
        )


def _loaded(row: Row[tuple[object, ...]]) -> Circuit:
    return Circuit(row.failures, row.successes, row.since, row.open_until, row.reason)
