"""Retours in the register: kept once, read later, attached to one act or put in quarantine."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.retours import EchoDifference
from transmission.domain.transmission import (
    SERVICE,
    Author,
    KeptPiece,
    RetourStatus,
    StoredFile,
    StoredRetour,
)
from transmission.ports import Arrived
from transmission.store.tables import journal, retour, retour_piece, transmission


class Retours:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def add_retour(self, arrived: Arrived) -> int | None:
        statement = (
            upsert(retour)
            .values(
                collectivite_id=arrived.collectivite_id,
                acte_id=_acte_of(arrived.transmission_id),
                transmission_id=arrived.transmission_id,
                sha256=arrived.file.sha256,
                size=arrived.file.size,
                source=arrived.source,
                received_at=arrived.at,
                status=RetourStatus.STORED.code,
                container=arrived.container,
                parent_id=arrived.parent_id,
                nom_fichier=arrived.nom_fichier,
                reference=arrived.reference,
            )
            .on_conflict_do_nothing(index_elements=["collectivite_id", "source", "sha256"])
            .returning(retour.c.id)
        )
        added: int | None = self._connection.execute(statement).scalar_one_or_none()
        if added is not None:
            details = {"retour": added, "source": arrived.source, "sha256": arrived.file.sha256}
            self._append_about_none(
                arrived.collectivite_id, "retour_received", SERVICE, arrived.at, details
            )
        if added is not None and arrived.pieces:
            self._connection.execute(
                insert(retour_piece),
                [
                    {"retour_id": added, "ordre": rank, "nom_fichier": item.nom_fichier}
                    | asdict(item.file)
                    for rank, item in enumerate(arrived.pieces, start=1)
                ],
            )
        return added

    def note_retour(self, noted: StoredRetour, what: str, author: Author, at: datetime) -> None:
        self._append_about_none(noted.collectivite_id, what, author, at, {"retour": noted.id})

    def _append_about_none(
        self, authority_id: int, event: str, author: Author, at: datetime, details: dict[str, Any]
    ) -> None:
        self._connection.execute(
            insert(journal).values(
                collectivite_id=authority_id,
                at=at,
                event=event,
                author=author.name,
                reason=author.reason,
                details=details,
            )
        )

    def pieces_of_retour(self, retour_id: int) -> tuple[KeptPiece, ...]:
        rows = self._connection.execute(
            select(retour_piece)
            .where(retour_piece.c.retour_id == retour_id)
            .order_by(retour_piece.c.ordre)
        )
        return tuple(KeptPiece(row.nom_fichier, StoredFile(row.sha256, row.size)) for row in rows)

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
            row.container,
            row.nom_fichier,
            row.reference,
            row.received_at,
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
        acte_id: int | None = None,
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
                acte_id=_acte_of(transmission_id) if acte_id is None else acte_id,
                transmission_id=transmission_id,
                date_reception=date_reception,
                reason=reason,
                notes=list(notes),
                differences=[asdict(difference) for difference in differences],
            )
        )


def _acte_of(transmission_id: int | None) -> ScalarSelect[int] | None:
    if transmission_id is None:
        return None
    return (
        select(transmission.c.acte_id).where(transmission.c.id == transmission_id).scalar_subquery()
    )
