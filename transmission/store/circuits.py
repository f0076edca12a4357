"""Health of each TdT, and bells of lanes being answered."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.ports import Circuit
from transmission.store.tables import circuit, rung


class Circuits:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def circuit(self, tdt: str) -> Circuit | None:
        row = self._connection.execute(select(circuit).where(circuit.c.tdt == tdt)).one_or_none()
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

    def answer(self, task: str, subject: int) -> None:
        # Written before it is deleted: the message may be here before the relay has committed that
        # it rang, and a row which is not yet visible would outlive this answer.
        mine = upsert(rung).values(task=task, subject=subject, at=func.now())
        self._connection.execute(
            mine.on_conflict_do_update(index_elements=["task", "subject"], set_={"at": func.now()})
        )
        self._connection.execute(delete(rung).where(rung.c.task == task, rung.c.subject == subject))


def _loaded(row: Row[tuple[object, ...]]) -> Circuit:
    return Circuit(row.failures, row.successes, row.since, row.open_until, row.reason)
