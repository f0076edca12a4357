"""Letters of the préfecture with what was sent about them, and those that wait for an answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from transmission.domain.lifecycle import State
from transmission.domain.messages import RECEIPTS
from transmission.domain.transmission import (
    KeptCourrier,
    KeptPiece,
    Piece,
    StoredFile,
    Transmission,
)
from transmission.store.courriers import is_unsettled, letters, load_courrier, wants_answer
from transmission.store.queries.standing import owned
from transmission.store.rows import load_piece
from transmission.store.tables import (
    acte,
    answer_piece,
    collectivite,
    courrier,
    retour,
    retour_piece,
    transmission,
)

_OVER = (State.REJECTED, State.CANCELLED)
_RECEIPTS = frozenset(RECEIPTS.values())


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a letter, with its files in the order given."""

    sent: Transmission
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """A letter with its documents, the receipt sent for it, and its answers, newest first.

    ``nom_fichier`` is the name under which its message came.
    """

    letter: KeptCourrier
    nom_fichier: str | None
    documents: tuple[KeptPiece, ...]
    receipt: Transmission | None
    answers: tuple[Answer, ...]

    @property
    def answer(self) -> Transmission | None:
        """The answer that counts: the newest that was neither refused nor withdrawn."""
        given = (answer.sent for answer in self.answers)
        return next((sent for sent in given if sent.state not in _OVER), None)


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter in a list, with its act. ``texte`` is what it asks or says."""

    courrier_id: int
    message: str
    date_courrier: date
    texte: str
    received_at: datetime
    acte_id: int
    numero_interne: str
    objet: str
    collectivite: str
    time_zone: str


def threads_of_acte(
    connection: Connection, acte_id: int, sent: Sequence[Transmission]
) -> tuple[Thread, ...]:
    """The letters about an act, newest first. ``sent`` is all that was sent about it, newest
    first."""
    statement = letters().add_columns(retour.c.nom_fichier).where(courrier.c.acte_id == acte_id)
    rows = connection.execute(statement.order_by(courrier.c.id.desc())).all()
    documents = _documents(connection, [row.retour_id for row in rows])
    pieces = answer_pieces(connection, acte_id)
    about: defaultdict[int | None, list[Transmission]] = defaultdict(list)
    for each in sent:
        about[each.courrier_id].append(each)
    return tuple(
        Thread(
            load_courrier(row),
            row.nom_fichier,
            documents.get(row.retour_id, ()),
            next((each for each in about[row.id] if each.message in _RECEIPTS), None),
            tuple(
                Answer(each, pieces.get(each.id, ()))
                for each in about[row.id]
                if each.message not in _RECEIPTS
            ),
        )
        for row in rows
    )


def open_letters(
    connection: Connection,
    siren: str | None,
    limit: int,
    *,
    newest_first: bool = False,
    after: int = 0,
) -> Sequence[LetterLine]:
    """Letters that may be answered and were not, of one authority or of all; oldest first.

    Those about a cancelled act wait for nothing. Only those of a number above ``after``.
    """
    statement = (
        _listed()
        .where(courrier.c.id > after)
        .where(is_unsettled(), *owned(courrier, siren), wants_answer())
    )
    order = courrier.c.id.desc() if newest_first else courrier.c.id
    rows = connection.execute(statement.order_by(order).limit(limit))
    return [
        LetterLine(
            courrier_id=row.id,
            message=row.message,
            date_courrier=row.date_courrier,
            texte=row.texte,
            received_at=row.received_at,
            acte_id=row.acte_id,
            numero_interne=row.numero_interne,
            objet=row.objet,
            collectivite=row.nom,
            time_zone=row.time_zone,
        )
        for row in rows
    ]


def acte_of_letter(connection: Connection, collectivite_id: int, courrier_id: int) -> int | None:
    """The act that a letter is about; None when the authority has no such letter."""
    found: int | None = connection.execute(
        select(courrier.c.acte_id).where(
            courrier.c.id == courrier_id, courrier.c.collectivite_id == collectivite_id
        )
    ).scalar_one_or_none()
    return found


def answer_pieces(connection: Connection, acte_id: int) -> Mapping[int, tuple[Piece, ...]]:
    """The files of every answer about an act, by transmission."""
    statement = (
        select(answer_piece)
        .join(transmission, answer_piece.c.transmission_id == transmission.c.id)
        .where(transmission.c.acte_id == acte_id)
        .order_by(answer_piece.c.transmission_id, answer_piece.c.ordre)
    )
    found: defaultdict[int, list[Piece]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row.transmission_id].append(load_piece(row))
    return {sent: tuple(pieces) for sent, pieces in found.items()}


def _documents(
    connection: Connection, retours: Iterable[int]
) -> Mapping[int, tuple[KeptPiece, ...]]:
    statement = (
        select(retour_piece)
        .where(retour_piece.c.retour_id.in_(list(retours)))
        .order_by(retour_piece.c.retour_id, retour_piece.c.ordre)
    )
    found: defaultdict[int, list[KeptPiece]] = defaultdict(list)
    for row in connection.execute(statement):
        kept = KeptPiece(row.nom_fichier, StoredFile(row.sha256, row.size))
        found[row.retour_id].append(kept)
    return {retour_id: tuple(pieces) for retour_id, pieces in found.items()}


def _listed() -> Select[Any]:
    owned = courrier.join(acte, courrier.c.acte_id == acte.c.id).join(
        collectivite, courrier.c.collectivite_id == collectivite.c.id
    )
    return select(
        courrier,
        acte.c.numero_interne,
        acte.c.objet,
        collectivite.c.settings["nom"].astext.label("nom"),
        collectivite.c.settings["time_zone"].astext.label("time_zone"),
    ).select_from(owned)
