"""What the register knows of an act for its dossier de preuve: part of the unit of work."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, and_, exists, or_, select, text

from transmission.domain.errors import NotFoundError
from transmission.domain.transmission import KeptPiece, RetourStatus, StoredFile
from transmission.ports.dossiers import Acceptance, KeptAttempt, KeptRetour
from transmission.store.tables import acte, attempt, retour, retour_piece, transmission

_STILL = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


class Dossiers:
    """Part of the unit of work; see ``transmission.ports.dossiers`` for the promises."""

    _connection: Connection

    def stand_still(self) -> None:
        self._connection.execute(_STILL)

    def acceptance(self, acte_id: int) -> Acceptance:
        row = self._connection.execute(
            select(acte.c.accepted_at, acte.c.accepted_by).where(acte.c.id == acte_id)
        ).one_or_none()
        if row is None:
            raise NotFoundError(f"Aucun acte n° {acte_id} n'est enregistré.")
        return Acceptance(row.accepted_at, row.accepted_by)

    def attempts_about(self, acte_id: int) -> Sequence[KeptAttempt]:
        rows = self._connection.execute(
            select(attempt)
            .join(transmission)
            .where(transmission.c.acte_id == acte_id)
            .order_by(attempt.c.transmission_id, attempt.c.number)
        )
        return [
            KeptAttempt(
                transmission_id=row.transmission_id,
                number=row.number,
                connector=row.connector,
                archive_sha256=row.archive_sha256,
                started_at=row.started_at,
                finished_at=row.finished_at,
                outcome=row.outcome,
                detail=row.detail,
                request=row.request,
                response=row.response_sha256 and StoredFile(row.response_sha256, row.response_size),
            )
            for row in rows
        ]

    def retours_about(self, acte_id: int) -> Sequence[KeptRetour]:
        inside = retour.alias("inside")
        # What a container holds of other acts is none of this one's business.
        holds_others = exists().where(
            inside.c.parent_id == retour.c.id,
            or_(inside.c.acte_id.is_(None), inside.c.acte_id != acte_id),
        )
        # The owner is asked for as well: a row that a hand moved to another's act stays out.
        owner = select(acte.c.collectivite_id).where(acte.c.id == acte_id).scalar_subquery()
        rows = self._connection.execute(
            select(retour)
            .where(
                retour.c.acte_id == acte_id,
                retour.c.collectivite_id == owner,
                ~and_(retour.c.container, holds_others),
            )
            .order_by(retour.c.id)
        ).all()
        pieces = self._pieces_by_retour(acte_id)
        return [
            KeptRetour(
                id=row.id,
                transmission_id=row.transmission_id,
                file=StoredFile(row.sha256, row.size),
                kind=row.kind,
                status=RetourStatus.of(row.status),
                received_at=row.received_at,
                date_reception=row.date_reception,
                nom_fichier=row.nom_fichier,
                container=row.container,
                pieces=tuple(pieces[row.id]),
            )
            for row in rows
        ]

    def decisive_retours(self, acte_id: int) -> Mapping[int, int]:
        rows = self._connection.execute(
            select(transmission.c.id, transmission.c.retour_id).where(
                transmission.c.acte_id == acte_id,
                transmission.c.retour_id.is_not(None),
                transmission.c.date_reception.is_not(None),
            )
        )
        return {row.id: row.retour_id for row in rows}

    def _pieces_by_retour(self, acte_id: int) -> Mapping[int, list[KeptPiece]]:
        found: defaultdict[int, list[KeptPiece]] = defaultdict(list)
        for row in self._connection.execute(
            select(retour_piece)
            .join(retour)
            .where(retour.c.acte_id == acte_id)
            .order_by(retour_piece.c.retour_id, retour_piece.c.ordre)
        ):
            found[row.retour_id].append(
                KeptPiece(row.nom_fichier, StoredFile(row.sha256, row.size))
            )
        return found
