"""Retours in the register: kept once, read later, attached to one act or put in quarantine."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Text,
    bindparam,
    func,
    insert,
    literal,
    select,
    update,
)
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
from transmission.store.statements import Statement
from transmission.store.tables import journal, retour, retour_piece, transmission


class Retours:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def add_retour(self, arrived: Arrived) -> int | None:
        values = {
            "collectivite_id": arrived.collectivite_id,
            "transmission_id": arrived.transmission_id,
            "sha256": arrived.file.sha256,
            "size": arrived.file.size,
            "source": arrived.source,
            "received_at": arrived.at,
            "status": RetourStatus.STORED.code,
            "container": arrived.container,
            "parent_id": arrived.parent_id,
            "nom_fichier": arrived.nom_fichier,
            "reference": arrived.reference,
            "author": SERVICE.name,
        }
        row = _ADD.first(self._connection, values)
        added: int | None = None if row is None else row.id
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
        row = _LOCKED.first(self._connection, {"wanted": retour_id})
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
        values = {
            "settled": retour_id,
            "set_status": status.code,
            "set_kind": kind,
            "named_acte_id": acte_id,
            "transmission_id": transmission_id,
            "set_date_reception": date_reception,
            "set_reason": reason,
            "set_notes": list(notes),
            "set_differences": [asdict(difference) for difference in differences],
        }
        _SETTLE.run(self._connection, values)


_ABOUT = bindparam("transmission_id", type_=BigInteger)
_ITS_ACTE = select(transmission.c.acte_id).where(transmission.c.id == _ABOUT).scalar_subquery()


def _adding() -> Statement:
    """A retour and its journal row; nothing when the very same one is already kept."""
    own = (
        "collectivite_id", "sha256", "size", "source", "received_at", "status", "container",
        "parent_id", "nom_fichier", "reference",
    )  # fmt: skip
    added = (
        upsert(retour)
        .values(
            {name: bindparam(name, type_=retour.c[name].type) for name in own}
            | {"acte_id": _ITS_ACTE, "transmission_id": _ABOUT}
        )
        .on_conflict_do_nothing(index_elements=["collectivite_id", "source", "sha256"])
        .returning(retour)
        .cte("added")
    )
    told = ("retour", added.c.id), ("source", added.c.source), ("sha256", added.c.sha256)
    written = insert(journal).from_select(
        ["collectivite_id", "at", "event", "author", "details"],
        select(
            added.c.collectivite_id,
            added.c.received_at,
            literal("retour_received"),
            bindparam("author", type_=Text),
            func.jsonb_build_object(*(part for pair in told for part in pair)),
        ),
    )
    return Statement(select(added.c.id).add_cte(written.cte("written")))


def _settling() -> Statement:
    names = ("status", "kind", "date_reception", "reason", "notes", "differences")
    changes = {name: bindparam(f"set_{name}", type_=retour.c[name].type) for name in names}
    named = bindparam("named_acte_id", type_=BigInteger)
    return Statement(
        update(retour)
        .where(retour.c.id == bindparam("settled"))
        .values(changes | {"acte_id": func.coalesce(named, _ITS_ACTE), "transmission_id": _ABOUT})
    )


_ADD = _adding()
_LOCKED = Statement(
    select(retour).where(retour.c.id == bindparam("wanted")).with_for_update(skip_locked=True)
)
_SETTLE = _settling()
