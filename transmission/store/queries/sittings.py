"""The lists of sittings that were imported, and which of them count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from transmission.store.queries.standing import owned
from transmission.store.tables import collectivite
from transmission.store.tables_legal import seance, seance_acte


@dataclass(frozen=True, slots=True, kw_only=True)
class SittingLine:
    """A list as it was imported; ``counts`` unless a newer one replaced it. ``at`` is aware UTC."""

    id: int
    date_seance: date
    nom_fichier: str
    sha256: str
    at: datetime
    author: str
    actes: int
    counts: bool
    collectivite: str
    time_zone: str


def list_sittings(
    connection: Connection, siren: str | None = None, limit: int = 100
) -> Sequence[SittingLine]:
    """The lists of the newest sittings, of one authority or of all; of one date, the newest first.

    At most ``limit``.
    """
    named = select(func.count()).where(seance_acte.c.seance_id == seance.c.id).scalar_subquery()
    statement = (
        select(
            seance.c.id,
            seance.c.date_seance,
            seance.c.nom_fichier,
            seance.c.sha256,
            seance.c.at,
            seance.c.author,
            named.label("actes"),
            (~is_replaced(seance)).label("counts"),
            collectivite.c.settings["nom"].astext.label("collectivite"),
            collectivite.c.settings["time_zone"].astext.label("time_zone"),
        )
        .join(collectivite, collectivite.c.id == seance.c.collectivite_id)
        .where(*owned(seance, siren))
        .order_by(seance.c.date_seance.desc(), seance.c.id.desc())
        .limit(limit)
    )
    return [SittingLine(**row._mapping) for row in connection.execute(statement)]


def is_replaced(one: Any) -> ColumnElement[bool]:
    """Whether a newer list of the same date was imported."""
    newer = seance.alias("newer")
    return (
        select(newer.c.id)
        .where(
            newer.c.collectivite_id == one.c.collectivite_id,
            newer.c.date_seance == one.c.date_seance,
            newer.c.id > one.c.id,
        )
        .exists()
    )
