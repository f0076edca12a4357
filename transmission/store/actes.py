"""Acts, their pieces and their idempotency keys in the register."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.identifiers import NatureActe, NumeroInterne
from transmission.domain.legal.deadlines import transmission_limit
from transmission.domain.lifecycle import State
from transmission.domain.transmission import AdoptedActe, Author
from transmission.store.rows import dump_piece, load_acte, load_collectivite, load_piece
from transmission.store.tables import (
    acte,
    collectivite,
    idempotency,
    journal,
    piece,
    transmission,
)


class Actes:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def idempotent_acte(self, authority_id: int, key: str) -> tuple[int, str] | None:
        statement = select(idempotency.c.acte_id, idempotency.c.fingerprint).where(
            idempotency.c.collectivite_id == authority_id, idempotency.c.key == key
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else (row.acte_id, row.fingerprint)

    def acte_by_legal_key(self, wanted: AdoptedActe) -> tuple[int, str] | None:
        statement = select(acte.c.id, acte.c.fingerprint).where(
            acte.c.collectivite_id == wanted.collectivite_id,
            acte.c.nature == wanted.nature.code,
            acte.c.date_decision == wanted.date_decision,
            acte.c.numero_interne == wanted.numero_interne,
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else (row.id, row.fingerprint)

    def add_acte(
        self,
        added: AdoptedActe,
        author: Author,
        at: datetime,
        key: str | None,
        next_attempt_at: datetime,
    ) -> tuple[int, int]:
        try:
            acte_id = self._insert_acte(added, author, at)
            if key is not None:
                self._connection.execute(
                    insert(idempotency).values(
                        collectivite_id=added.collectivite_id,
                        key=key,
                        acte_id=acte_id,
                        fingerprint=added.fingerprint,
                        at=at,
                    )
                )
        except IntegrityError as error:
            raise ConflictError(
                f"L'acte {added.numero_interne} vient d'être remis par un autre appel."
            ) from error
        return acte_id, self._open_transmission(added, acte_id, author, at, next_attempt_at)

    def acte(self, acte_id: int) -> AdoptedActe:
        row = self._connection.execute(select(acte).where(acte.c.id == acte_id)).one_or_none()
        if row is None:
            raise NotFoundError(f"Aucun acte n° {acte_id} n'est enregistré.")
        pieces = self._connection.execute(
            select(piece).where(piece.c.acte_id == acte_id).order_by(piece.c.ordre)
        )
        return load_acte(row, tuple(load_piece(found) for found in pieces))

    def find_acte(
        self, authority_id: int, numero: NumeroInterne, nature: NatureActe | None, day: date | None
    ) -> Sequence[int]:
        sent_as = select(transmission.c.acte_id).where(
            transmission.c.collectivite_id == authority_id,
            func.split_part(transmission.c.id_acte, "-", 4) == numero,
        )
        statement = (
            select(acte.c.id)
            .where(
                acte.c.collectivite_id == authority_id,
                or_(acte.c.numero_interne == numero, acte.c.id.in_(sent_as)),
            )
            .order_by(acte.c.id.desc())
        )
        if nature is not None:
            statement = statement.where(acte.c.nature == nature.code)
        if day is not None:
            statement = statement.where(acte.c.date_decision == day)
        return list(self._connection.execute(statement).scalars())

    def set_publication(
        self, acte_id: int, day: date, address: str | None, author: Author, at: datetime
    ) -> None:
        row = self._connection.execute(
            update(acte)
            .where(acte.c.id == acte_id)
            .values(date_mise_en_ligne=day, adresse_publication=address)
            .returning(acte.c.collectivite_id)
        ).one()
        self._connection.execute(
            insert(journal).values(
                collectivite_id=row.collectivite_id,
                acte_id=acte_id,
                at=at,
                event="published",
                author=author.name,
                reason=author.reason,
                details={"date_mise_en_ligne": day.isoformat(), "adresse": address},
            )
        )

    def publication(self, acte_id: int) -> date | None:
        statement = select(acte.c.date_mise_en_ligne).where(acte.c.id == acte_id)
        day: date | None = self._connection.execute(statement).scalar_one()
        return day

    def _insert_acte(self, added: AdoptedActe, author: Author, at: datetime) -> int:
        row = self._connection.execute(
            insert(acte)
            .values(
                collectivite_id=added.collectivite_id,
                numero_interne=added.numero_interne,
                date_decision=added.date_decision,
                nature=added.nature.code,
                matiere=str(added.matiere),
                objet=added.objet,
                date_classification=added.date_classification,
                document_papier=added.document_papier,
                fingerprint=added.fingerprint,
                accepted_at=at,
                accepted_by=author.name,
            )
            .returning(acte.c.id)
        ).one()
        self._connection.execute(
            insert(piece),
            [{"acte_id": row.id} | dump_piece(item) for item in added.pieces],
        )
        return int(row.id)

    def _open_transmission(
        self,
        added: AdoptedActe,
        acte_id: int,
        author: Author,
        at: datetime,
        next_attempt_at: datetime,
    ) -> int:
        owner = self._connection.execute(
            select(collectivite).where(collectivite.c.id == added.collectivite_id)
        ).one()
        sender = load_collectivite(owner.siren, owner.settings)
        row = self._connection.execute(
            insert(transmission)
            .values(
                acte_id=acte_id,
                collectivite_id=added.collectivite_id,
                state=State.ACCEPTED.code,
                state_since=at,
                next_attempt_at=next_attempt_at,
                waiting_for="la préparation de l'enveloppe",
                id_acte=str(added.id_acte(sender.departement, sender.siren)),
                date_classification=added.date_classification,
                date_limite=transmission_limit(added.nature, added.date_decision),
            )
            .returning(transmission.c.id)
        ).one()
        self._connection.execute(
            insert(journal).values(
                collectivite_id=added.collectivite_id,
                acte_id=acte_id,
                transmission_id=row.id,
                at=at,
                event="accepted",
                target=State.ACCEPTED.code,
                author=author.name,
                reason=author.reason,
                details={"fingerprint": added.fingerprint},
            )
        )
        return int(row.id)
