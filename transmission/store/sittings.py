"""The lists of sittings, in the register: each import is kept, the newest of a date counts."""

from datetime import date

from sqlalchemy import Connection, insert, select

from transmission.domain.errors import NotFoundError
from transmission.domain.transmission import StoredFile
from transmission.ports.sittings import KeptSitting, NewSitting
from transmission.store.tables import collectivite
from transmission.store.tables_legal import seance, seance_acte


class Sittings:
    """Part of the unit of work; see ``transmission.ports.sittings`` for the promises."""

    _connection: Connection

    def hold_sitting(self, collectivite_id: int, date_seance: date) -> KeptSitting | None:
        owner = select(collectivite.c.id).where(collectivite.c.id == collectivite_id)
        if self._connection.execute(owner.with_for_update(key_share=True)).one_or_none() is None:
            raise NotFoundError(f"Aucune collectivité n° {collectivite_id} n'est enregistrée.")
        found = select(seance).where(
            seance.c.collectivite_id == collectivite_id, seance.c.date_seance == date_seance
        )
        row = self._connection.execute(found.order_by(seance.c.id.desc()).limit(1)).one_or_none()
        if row is None:
            return None
        return KeptSitting(
            id=row.id,
            nom_fichier=row.nom_fichier,
            file=StoredFile(row.sha256, row.size),
            at=row.at,
            author=row.author,
        )

    def add_sitting(self, new: NewSitting) -> int:
        adding = insert(seance).values(
            collectivite_id=new.collectivite_id,
            date_seance=new.date_seance,
            nom_fichier=new.nom_fichier,
            sha256=new.file.sha256,
            size=new.file.size,
            at=new.at,
            author=new.author,
        )
        number = int(self._connection.execute(adding.returning(seance.c.id)).one().id)
        rows = [
            {
                "seance_id": number,
                "collectivite_id": new.collectivite_id,
                "date_seance": new.date_seance,
                "numero_interne": acte.numero,
                "nature": acte.nature and acte.nature.code,
                "objet": acte.objet,
            }
            for acte in new.actes
        ]
        if rows:
            self._connection.execute(insert(seance_acte), rows)
        return number
