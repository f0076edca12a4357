"""Transfers to the public archives, and contents that leave, in the register."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.lifecycle import State
from transmission.domain.retention import Ground
from transmission.domain.transmission import Author, StoredFile
from transmission.ports.archiving import (
    ActeToTransfer,
    Disposal,
    NewDisposal,
    Transfer,
    TransferredActe,
)
from transmission.store.tables import (
    acte,
    answer_piece,
    collectivite,
    piece,
    retour,
    retour_piece,
    transmission,
)
from transmission.store.tables_archiving import (
    archive_transfer,
    archive_transfer_acte,
    disposal,
    disposed_content,
)
from transmission.store.tables_legal import published_copy

_HELD = (
    exists()
    .where(
        archive_transfer_acte.c.acte_id == acte.c.id,
        archive_transfer_acte.c.transfer_id == archive_transfer.c.id,
        archive_transfer.c.accepted.is_not(False),
    )
    .correlate(acte)
)


class Archiving:
    """Part of the unit of work; see ``transmission.ports.archiving`` for the promises."""

    _connection: Connection

    def actes_to_transfer(
        self, authority_id: int, until: date, *, again: bool, limit: int
    ) -> Sequence[ActeToTransfer]:
        wanted = (
            select(
                acte.c.id,
                transmission.c.id_acte,
                acte.c.objet,
                acte.c.nature,
                acte.c.date_decision,
                transmission.c.date_reception,
            )
            .join(transmission, transmission.c.acte_id == acte.c.id)
            .where(
                acte.c.collectivite_id == authority_id,
                transmission.c.message == "1-1",
                transmission.c.state == State.ACKNOWLEDGED.code,
                transmission.c.date_reception <= until,
                ~exists().where(disposal.c.acte_id == acte.c.id),
            )
            .order_by(acte.c.id)
            .limit(limit)
        )
        if not again:
            wanted = wanted.where(~_HELD)
        return [ActeToTransfer(*row) for row in self._connection.execute(wanted)]

    def open_transfer(self, authority_id: int, author: Author, at: datetime) -> Transfer:
        # Of the authority, and of nobody else: it is told to the outside.
        rank = (
            select(func.count() + 1)
            .where(archive_transfer.c.collectivite_id == authority_id)
            .scalar_subquery()
        )
        name = func.concat(_siren(authority_id), "-", func.to_char(at, "YYYYMMDD"), "-", rank)
        opened = insert(archive_transfer).values(
            collectivite_id=authority_id, identifier=name, at=at, author=author.name
        )
        row = self._connection.execute(opened.returning(archive_transfer.c.identifier)).one()
        return self.transfer(authority_id, row.identifier)

    def close_transfer(
        self, transfer_id: int, package: StoredFile, actes: Iterable[TransferredActe]
    ) -> None:
        rows = [
            {
                "transfer_id": transfer_id,
                "acte_id": each.acte_id,
                "name": each.name,
                "sha512": each.sha512,
                "size": each.size,
            }
            for each in actes
        ]
        if rows:
            self._connection.execute(insert(archive_transfer_acte), rows)
        self._connection.execute(
            update(archive_transfer)
            .where(archive_transfer.c.id == transfer_id)
            .values(package_sha256=package.sha256, package_size=package.size)
        )

    def transfers(self, authority_id: int) -> Sequence[Transfer]:
        mine = _transfers().where(archive_transfer.c.collectivite_id == authority_id)
        rows = self._connection.execute(mine.order_by(archive_transfer.c.id.desc()))
        return [_transfer(row) for row in rows]

    def transfer(self, authority_id: int, identifier: str) -> Transfer:
        wanted = _transfers().where(
            archive_transfer.c.collectivite_id == authority_id,
            archive_transfer.c.identifier == identifier,
        )
        row = self._connection.execute(wanted).one_or_none()
        if row is None:
            raise NotFoundError(f"Aucun versement ne porte le numéro « {identifier} ».")
        return _transfer(row)

    def answer_transfer(
        self,
        transfer_id: int,
        reply: StoredFile,
        code: str,
        author: Author,
        at: datetime,
        *,
        accepted: bool,
    ) -> bool:
        answered = (
            update(archive_transfer)
            .where(archive_transfer.c.id == transfer_id, archive_transfer.c.answered_at.is_(None))
            .values(
                answered_at=at,
                answered_by=author.name,
                reply_sha256=reply.sha256,
                reply_size=reply.size,
                reply_code=code,
                accepted=accepted,
            )
        )
        return bool(self._connection.execute(answered).rowcount)

    def accepted_transfer(self, acte_id: int) -> Transfer | None:
        wanted = (
            _transfers()
            .join(archive_transfer_acte)
            .where(archive_transfer_acte.c.acte_id == acte_id, archive_transfer.c.accepted)
            .order_by(archive_transfer.c.id.desc())
            .limit(1)
        )
        row = self._connection.execute(wanted).one_or_none()
        return None if row is None else _transfer(row)

    def published_contents(self, acte_id: int) -> tuple[StoredFile, ...]:
        ours = (
            select(published_copy.c.sha256, published_copy.c.size)
            .where(published_copy.c.acte_id == acte_id, published_copy.c.nom_fichier.is_not(None))
            .order_by(published_copy.c.id)
        )
        rows = self._connection.execute(ours)
        return tuple(StoredFile(row.sha256, row.size) for row in rows if row.sha256)

    def disposal_of(self, acte_id: int) -> Disposal | None:
        row = self._connection.execute(
            select(disposal).where(disposal.c.acte_id == acte_id)
        ).one_or_none()
        if row is None:
            return None
        certificate = StoredFile(row.certificate_sha256, row.certificate_size)
        return Disposal(row.id, row.at, row.author, Ground.of(row.ground), certificate)

    def add_disposal(self, new: NewDisposal, author: Author, at: datetime) -> int:
        added = (
            upsert(disposal)
            .values(
                collectivite_id=new.collectivite_id,
                acte_id=new.acte_id,
                at=at,
                author=author.name,
                reason=new.reason,
                ground=new.ground.code,
                transfer_id=new.transfer_id,
                visa_sha256=new.visa.sha256 if new.visa else None,
                visa_size=new.visa.size if new.visa else None,
                certificate_sha256=new.certificate.sha256,
                certificate_size=new.certificate.size,
            )
            .on_conflict_do_nothing()
            .returning(disposal.c.id)
        )
        made = self._connection.execute(added).scalar_one_or_none()
        if made is None:
            raise ConflictError("L'élimination des fichiers de cet acte a déjà été décidée.")
        rows = [
            {"disposal_id": made, "sha256": each.sha256, "size": each.size, "due_at": new.due_at}
            for each in new.contents
        ]
        if rows:
            self._connection.execute(insert(disposed_content), rows)
        return int(made)

    def contents_due(self, at: datetime, limit: int) -> Sequence[StoredFile]:
        due = (
            select(disposed_content.c.sha256, disposed_content.c.size)
            .where(
                disposed_content.c.state.in_(("waiting", "removing")),
                disposed_content.c.due_at <= at,
            )
            .distinct()
            .limit(limit)
        )
        return [StoredFile(row.sha256, row.size) for row in self._connection.execute(due)]

    def begin_removal(self, file: StoredFile) -> bool:
        relied = self._connection.execute(select(or_(*_relying(file)))).scalar_one()
        state = "kept" if relied else "removing"
        moved = (
            update(disposed_content)
            .where(
                disposed_content.c.sha256 == file.sha256,
                disposed_content.c.state.in_(("waiting", "removing")),
            )
            .values(state=state)
        )
        touched = self._connection.execute(moved).rowcount
        return bool(touched) and not relied

    def end_removal(self, file: StoredFile, at: datetime) -> None:
        self._connection.execute(
            update(disposed_content)
            .where(
                disposed_content.c.sha256 == file.sha256,
                disposed_content.c.state == "removing",
            )
            .values(state="removed", removed_at=at)
        )


def _siren(authority_id: int) -> ColumnElement[str]:
    return select(collectivite.c.siren).where(collectivite.c.id == authority_id).scalar_subquery()


def _transfers() -> Select[Any]:
    held = (
        select(func.count())
        .where(archive_transfer_acte.c.transfer_id == archive_transfer.c.id)
        .correlate(archive_transfer)
        .scalar_subquery()
    )
    return select(archive_transfer, held.label("actes")).select_from(archive_transfer)


def _transfer(row: Any) -> Transfer:
    written = row.package_sha256 is not None
    return Transfer(
        id=row.id,
        collectivite_id=row.collectivite_id,
        identifier=row.identifier,
        at=row.at,
        author=row.author,
        actes=row.actes,
        package=StoredFile(row.package_sha256, row.package_size) if written else None,
        answered_at=row.answered_at,
        reply_code=row.reply_code,
        accepted=row.accepted,
    )


def _relying(file: StoredFile) -> list[ColumnElement[bool]]:
    """What else may be made of the same bytes, of acts whose files stay."""

    def stays(acte_id: ColumnElement[int]) -> ColumnElement[bool]:
        return ~exists().where(disposal.c.acte_id == acte_id)

    return [
        exists().where(piece.c.sha256 == file.sha256, stays(piece.c.acte_id)),
        exists().where(
            answer_piece.c.sha256 == file.sha256,
            answer_piece.c.transmission_id == transmission.c.id,
            stays(transmission.c.acte_id),
        ),
        exists().where(published_copy.c.sha256 == file.sha256, stays(published_copy.c.acte_id)),
        exists().where(retour_piece.c.sha256 == file.sha256),
        exists().where(retour.c.sha256 == file.sha256),
    ]
