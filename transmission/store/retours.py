"""Retours in the register: kept once, read later, attached to one act or put in quarantine."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.retours import EchoDifference
from transmission.domain.transmission import RetourStatus, StoredFile, StoredRetour
from transmission.store.tables import retour, transmission


class Retours:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def add_retour(
        self,
        authority_id: int,
        transmission_id: int | None,
        file: StoredFile,
        source: str,
        at: datetime,
    ) -> int | None:
        statement = (
            upsert(retour)
            .values(
                collectivite_id=authority_id,
                transmission_id=transmission_id,
                sha256=file.sha256,
                size=file.size,
                source=source,
                received_at=at,
                status=RetourStatus.STORED.code,
            )
            .on_conflict_do_nothing(index_elements=["collectivite_id", "source", "sha256"])
            .returning(retour.c.id)
        )
        found: int | None = self._connection.execute(statement).scalar_one_or_none()
        return found

    def accuse_reception(self, transmission_id: int) -> StoredFile | None:
        row = self._connection.execute(
            select(retour.c.sha256, retour.c.size)
            .join(transmission, transmission.c.retour_id == retour.c.id)
            .where(transmission.c.id == transmission_id, transmission.c.date_reception.is_not(None))
        ).one_or_none()
        return None if row is None else StoredFile(row.sha256, row.size)

    def lock_retour(self, retour_id: int) -> StoredRetour | None:
        row = self._connection.execute(
            select(retour).where(retour.c.id == retour_id).with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        return StoredRetour(
            row.id,
            row.collectivite_id,
            row.transmission_id,
            StoredFile(row.sha256, row.size),
            RetourStatus.of(row.status),
        )

    def unread_retours(self, before: datetime, limit: int) -> list[int]:
        statement = (
            select(retour.c.id)
            .where(retour.c.status == RetourStatus.STORED.code, retour.c.received_at < before)
            .order_by(retour.c.id)
            .limit(limit)
        )
        return list(self._connection.execute(statement).scalars())

    def settle_retour(
        self,
        retour_id: int,
        status: RetourStatus,
        kind: str,
        *,
        transmission_id: int | None = None,
        date_reception: date | None = None,
        reason: str | None = None,
        notes: Iterable[str] = (),
        differences: Iterable[EchoDifference] = (),
    ) -> None:
        self._connection.execute(
            update(retour)
            .where(retour.c.id == retour_id)
            .values(
                status=status.code,
                kind=kind,
                transmission_id=transmission_id,
                date_reception=date_reception,
                reason=reason,
                notes=list(notes),
                differences=[asdict(difference) for difference in differences],
            )
        )
