"""The signatures found in deposited PDFs, in the register."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select

from transmission.domain.legal.checks_fichier import InvalidlySigned
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACTE
from transmission.domain.pdf_signatures import (
    ReadSignatures,
    SignatureAnswer,
    dump_signatures,
    load_signatures,
)
from transmission.store.tables import acte, transmission
from transmission.store.tables_signed_pdf import signed_piece


class SignedPdfs:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def keep_signatures(self, transmission_id: int, read: Sequence[ReadSignatures]) -> None:
        about = signed_piece.c.transmission_id == transmission_id
        self._connection.execute(delete(signed_piece).where(about))
        if read:
            rows = [
                {
                    "transmission_id": transmission_id,
                    "ordre": each.ordre,
                    "sha256": each.sha256,
                    "read_at": each.read_at,
                    "answer": (each.found.answer or SignatureAnswer.UNKNOWN).code,
                    "found": dump_signatures(each.found),
                }
                for each in read
            ]
            self._connection.execute(insert(signed_piece), rows)

    def signatures_read(
        self, transmission_ids: Sequence[int]
    ) -> Mapping[int, tuple[ReadSignatures, ...]]:
        return signatures_of(self._connection, transmission_ids)

    def invalid_signatures(self, authority_id: int) -> Sequence[InvalidlySigned]:
        return [
            InvalidlySigned(
                acte_id=row.acte_id,
                collectivite_id=authority_id,
                numero=row.numero_interne,
                ordre=row.ordre,
                sha256=row.sha256,
                reasons=load_signatures(row.found).reasons,
            )
            for row in self._connection.execute(_invalid(authority_id))
        ]


_OVER = (State.REJECTED.code, State.CANCELLED.code)


def _invalid(authority_id: int) -> Select[Any]:
    later = transmission.alias("later")
    is_last = ~(
        select(later.c.id)
        .where(
            later.c.acte_id == transmission.c.acte_id,
            later.c.message == ACTE,
            later.c.id > transmission.c.id,
        )
        .exists()
    )
    return (
        select(signed_piece, acte.c.id.label("acte_id"), acte.c.numero_interne)
        .join(transmission, transmission.c.id == signed_piece.c.transmission_id)
        .join(acte, acte.c.id == transmission.c.acte_id)
        .where(
            transmission.c.collectivite_id == authority_id,
            transmission.c.message == ACTE,
            transmission.c.state.not_in(_OVER),
            signed_piece.c.answer == SignatureAnswer.INVALID.code,
            is_last,
        )
        .order_by(acte.c.id, signed_piece.c.ordre)
    )


def signatures_of(
    connection: Connection, transmission_ids: Iterable[int]
) -> dict[int, tuple[ReadSignatures, ...]]:
    """What was found, by transmission, in the order of the pieces."""
    statement = (
        select(signed_piece)
        .where(signed_piece.c.transmission_id.in_(transmission_ids))
        .order_by(signed_piece.c.transmission_id, signed_piece.c.ordre)
    )
    found: dict[int, tuple[ReadSignatures, ...]] = {}
    for row in connection.execute(statement):
        found[row.transmission_id] = (*found.get(row.transmission_id, ()), _load(row))
    return found


def _load(row: Row[tuple[object, ...]]) -> ReadSignatures:
    return ReadSignatures(row.ordre, row.sha256, row.read_at, load_signatures(row.found))
