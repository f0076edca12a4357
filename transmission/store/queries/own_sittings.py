"""A sitting for the program of its authority: what its list names, what was decided."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from transmission.domain.identifiers import NatureActe
from transmission.store.queries.own_actes import OwnActe, every_own_acte
from transmission.store.queries.sieve import Owner, Sift
from transmission.store.rows import nature_of
from transmission.store.tables_legal import seance, seance_acte

UNLISTED_MOST = 1000
"""Acts of a day that are shown besides those of its list."""


@dataclass(frozen=True, slots=True)
class OwnSittingLine:
    """An act that the list names, and the newest handed over under that number and decided that
    year, if there is one; or, not ``listed``, one of that day that no list names."""

    numero_interne: str
    nature: NatureActe | None
    objet: str | None
    acte: OwnActe | None
    listed: bool = True


@dataclass(frozen=True, slots=True)
class ImportedList:
    """A list as it was imported last. ``at`` is aware UTC."""

    nom_fichier: str
    at: datetime
    author: str


@dataclass(frozen=True, slots=True)
class OwnSitting:
    """A sitting of a civil day; ``imported`` is None when no list of it was."""

    date_seance: date
    imported: ImportedList | None
    lines: tuple[OwnSittingLine, ...]


def own_sitting(connection: Connection, owner: Owner, day: date) -> OwnSitting | None:
    """The sitting of a civil day, None when no list names that day and nothing was decided then."""
    held = (
        select(seance)
        .where(seance.c.collectivite_id == owner.id, seance.c.date_seance == day)
        .order_by(seance.c.id.desc())
        .limit(1)
    )
    row = connection.execute(held).one_or_none()
    listed = [] if row is None else _listed(connection, owner, day, row.id)
    shown = {line.acte.id for line in listed if line.acte is not None}
    decided = Sift(decided_from=day, decided_to=day)
    unlisted = [
        OwnSittingLine(acte.numero_interne, acte.nature, acte.objet, acte, listed=False)
        for acte in every_own_acte(connection, owner, decided, UNLISTED_MOST)
        if acte.id not in shown
    ]
    if row is None and not unlisted:
        return None
    imported = None if row is None else ImportedList(row.nom_fichier, row.at, row.author)
    return OwnSitting(day, imported, (*listed, *unlisted))


def _listed(
    connection: Connection, owner: Owner, day: date, seance_id: int
) -> list[OwnSittingLine]:
    named = select(seance_acte).where(seance_acte.c.seance_id == seance_id)
    # The newest comes first: it is the one that stays.
    actes = every_own_acte(connection, owner, Sift(sitting=day))
    by_number = {acte.numero_interne: acte for acte in reversed(actes)}
    return [
        OwnSittingLine(
            each.numero_interne,
            None if each.nature is None else nature_of(each.nature),
            each.objet,
            by_number.get(each.numero_interne),
        )
        for each in connection.execute(named.order_by(seance_acte.c.id))
    ]
