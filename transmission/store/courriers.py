"""Letters of the préfecture under their acts."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.errors import NotFoundError
from transmission.domain.transmission import KeptCourrier, StoredFile
from transmission.ports import NewCourrier
from transmission.store.tables import courrier, retour


class Courriers:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def add_courrier(self, new: NewCourrier) -> int | None:
        statement = (
            upsert(courrier)
            .values(asdict(new))
            .on_conflict_do_nothing(index_elements=["acte_id", "message", "fingerprint"])
            .returning(courrier.c.id)
        )
        added: int | None = self._connection.execute(statement).scalar_one_or_none()
        return added

    def courrier(self, courrier_id: int) -> KeptCourrier:
        row = self._connection.execute(letters().where(courrier.c.id == courrier_id)).one_or_none()
        if row is None:
            raise NotFoundError(f"Aucun courrier n° {courrier_id} n'est enregistré.")
        return load_courrier(row)

    def courriers_of(self, acte_id: int) -> Sequence[KeptCourrier]:
        rows = self._connection.execute(
            letters().where(courrier.c.acte_id == acte_id).order_by(courrier.c.id)
        )
        return [load_courrier(row) for row in rows]


def letters() -> Select[Any]:
    """Letters, each with the bytes of its message."""
    return select(courrier, retour.c.sha256, retour.c.size).join(
        retour, courrier.c.retour_id == retour.c.id
    )


def load_courrier(row: Row[Any]) -> KeptCourrier:
    """A letter from a row of :func:`letters`."""
    return KeptCourrier(
        id=row.id,
        acte_id=row.acte_id,
        collectivite_id=row.collectivite_id,
        message=row.message,
        date_courrier=row.date_courrier,
        texte=row.texte,
        reference=row.reference,
        received_at=row.received_at,
        retour_id=row.retour_id,
        file=StoredFile(row.sha256, row.size),
    )
