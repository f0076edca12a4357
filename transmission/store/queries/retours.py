"""Retours as people look at them: the bytes kept, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from transmission.domain.retours import EchoDifference
from transmission.domain.transmission import RetourStatus, StoredFile
from transmission.store.tables import collectivite, retour, transmission


@dataclass(frozen=True, slots=True)
class RetourLine:
    """A retour, its bytes and what became of it; ``decisive`` when a transmission rests on it.

    ``parent_id`` is the container that it came in, ``nom_fichier`` its name there.
    """

    id: int
    siren: str
    collectivite: str
    time_zone: str
    acte_id: int | None
    parent_id: int | None
    nom_fichier: str | None
    file: StoredFile
    source: str
    received_at: datetime
    status: RetourStatus
    kind: str | None
    date_reception: date | None
    reason: str | None
    notes: tuple[str, ...]
    differences: tuple[EchoDifference, ...]
    decisive: bool


def quarantined_retours(
    connection: Connection, siren: str | None, limit: int
) -> Sequence[RetourLine]:
    """Retours that a person must look at, oldest first, of one authority or of all."""
    statement = _retours().where(retour.c.status == RetourStatus.QUARANTINED.code)
    if siren is not None:
        statement = statement.where(collectivite.c.siren == siren)
    rows = connection.execute(statement.order_by(retour.c.id).limit(limit))
    return [_line(row) for row in rows]


def find_retour(connection: Connection, retour_id: int) -> RetourLine | None:
    """One retour, whatever became of it; None when there is no such retour."""
    row = connection.execute(_retours().where(retour.c.id == retour_id)).one_or_none()
    return None if row is None else _line(row)


def retours_of_acte(connection: Connection, acte_id: int) -> Sequence[RetourLine]:
    """All that came back about an act, newest first."""
    statement = _retours().where(retour.c.acte_id == acte_id)
    return [_line(row) for row in connection.execute(statement.order_by(retour.c.id.desc()))]


def retour_file(connection: Connection, retour_id: int) -> StoredFile | None:
    """The bytes of a retour as received, None when there is no such retour."""
    statement = select(retour.c.sha256, retour.c.size).where(retour.c.id == retour_id)
    row = connection.execute(statement).one_or_none()
    return None if row is None else StoredFile(row.sha256, row.size)


def _retours() -> Select[Any]:
    owned = retour.join(collectivite, retour.c.collectivite_id == collectivite.c.id)
    return select(
        retour,
        collectivite.c.siren,
        collectivite.c.settings["nom"].astext.label("nom"),
        collectivite.c.settings["time_zone"].astext.label("time_zone"),
        transmission.c.retour_id,
    ).select_from(owned.outerjoin(transmission, retour.c.transmission_id == transmission.c.id))


def _line(row: Row[Any]) -> RetourLine:
    return RetourLine(
        id=row.id,
        siren=row.siren,
        collectivite=row.nom,
        time_zone=row.time_zone,
        acte_id=row.acte_id,
        parent_id=row.parent_id,
        nom_fichier=row.nom_fichier,
        file=StoredFile(row.sha256, row.size),
        source=row.source,
        received_at=row.received_at,
        status=RetourStatus.of(row.status),
        kind=row.kind,
        date_reception=row.date_reception,
        reason=row.reason,
        notes=tuple(row.notes),
        differences=tuple(EchoDifference(**found) for found in row.differences),
        decisive=row.retour_id == row.id,
    )
