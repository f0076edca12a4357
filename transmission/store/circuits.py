"""Health of each TdT, and bells of lanes being answered."""

from dataclasses import asdict

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.ports import Circuit
from transmission.store.tables import circuit, rung


class Circuits:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def circuit(self, tdt: str) -> Circuit | None:
        row = self._connection.execute(select(circuit).where(circuit.c.tdt == tdt)).one_or_none()
        if row is None:
            return None
        return Circuit(row.failures, row.successes, row.since, row.open_until, row.reason)

    def set_circuit(self, tdt: str, known: Circuit) -> None:
        values = asdict(known)
        self._connection.execute(
            upsert(circuit)
            .values(tdt=tdt, **values)
            .on_conflict_do_update(index_elements=["tdt"], set_=values)
        )

    def answer(self, task: str, subject: int) -> None:
        self._connection.execute(delete(rung).where(rung.c.task == task, rung.c.subject == subject))
