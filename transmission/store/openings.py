"""What is sent about an act after it: new transmissions, their files, what they speak of."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from transmission.domain.errors import ConflictError
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE
from transmission.domain.transmission import Author, Piece, Transmission
from transmission.ports import Bearings, Opening
from transmission.store.rows import dump_piece, load_piece, load_transmission
from transmission.store.tables import answer_piece, courrier, journal, piece, transmission


class Openings:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def open_transmission(
        self, opening: Opening, author: Author, at: datetime, next_attempt_at: datetime
    ) -> Transmission:
        try:
            with self._connection.begin_nested():
                opened = self._insert(opening, at, next_attempt_at)
        except IntegrityError as error:
            raise ConflictError(
                f"Un envoi de même sorte est déjà en cours pour {opening.id_acte} ; rien n'est "
                "ajouté."
            ) from error
        self._insert_pieces(opened, opening.pieces)
        self._connection.execute(
            insert(journal).values(
                collectivite_id=opened.collectivite_id,
                acte_id=opened.acte_id,
                transmission_id=opened.id,
                at=at,
                event=State.ACCEPTED.code,
                target=State.ACCEPTED.code,
                author=author.name,
                reason=author.reason,
                details={"message": opened.message, "id_acte": str(opened.id_acte)},
            )
        )
        return opened

    def transmissions_about(
        self, acte_id: int, message: str | None = None
    ) -> Sequence[Transmission]:
        statement = select(transmission).where(transmission.c.acte_id == acte_id)
        if message is not None:
            statement = statement.where(transmission.c.message == message)
        rows = self._connection.execute(statement.order_by(transmission.c.id.desc()))
        return [load_transmission(row) for row in rows]

    def pieces_sent(self, sent: Transmission) -> tuple[Piece, ...]:
        if sent.message == ACTE:
            statement = select(piece).where(piece.c.acte_id == sent.acte_id).order_by(piece.c.ordre)
        else:
            statement = (
                select(answer_piece)
                .where(answer_piece.c.transmission_id == sent.id)
                .order_by(answer_piece.c.ordre)
            )
        return tuple(load_piece(row) for row in self._connection.execute(statement))

    def bearings(self, about: Transmission) -> Bearings:
        sent = [each for each in self.transmissions_about(about.acte_id) if each.reference]
        received = self._connection.execute(
            select(courrier.c.id, courrier.c.reference).where(
                courrier.c.acte_id == about.acte_id, courrier.c.reference.is_not(None)
            )
        )
        letters = {row.id: row.reference for row in received}
        acts = [each.reference for each in sent if each.message == ACTE]
        known = {each.reference for each in sent if each.id != about.id and each.reference}
        letter = letters.get(about.courrier_id) if about.courrier_id else None
        return Bearings(acts[0] if acts else None, letter, frozenset(known | set(letters.values())))

    def _insert(self, opening: Opening, at: datetime, next_attempt_at: datetime) -> Transmission:
        statement = (
            insert(transmission)
            .values(
                acte_id=opening.acte_id,
                collectivite_id=opening.collectivite_id,
                message=opening.message,
                courrier_id=opening.courrier_id,
                date_classification=opening.date_classification,
                fingerprint=opening.fingerprint,
                date_limite=opening.date_limite,
                state=State.ACCEPTED.code,
                state_since=at,
                next_attempt_at=next_attempt_at,
                waiting_for="la préparation de l'enveloppe",
                id_acte=str(opening.id_acte),
            )
            .returning(transmission)
        )
        return load_transmission(self._connection.execute(statement).one())

    def _insert_pieces(self, opened: Transmission, pieces: tuple[Piece, ...]) -> None:
        if not pieces:
            return
        self._connection.execute(
            insert(answer_piece),
            [{"transmission_id": opened.id} | dump_piece(item) for item in pieces],
        )
