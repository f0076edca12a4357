"""Files that come in pieces: bytes and how far they came are one commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from transmission.domain.transmission import StoredFile
from transmission.domain.uploads import NewUpload, Upload
from transmission.store.tables_access import token
from transmission.store.tables_uploads import upload, upload_block

_TOLD = (
    upload.c.id,
    upload.c.collectivite_id,
    upload.c.nom,
    upload.c.described,
    upload.c.length,
    upload.c.received,
    upload.c.expires_at,
    upload.c.sha256,
)


class Uploads:
    """Part of the unit of work; see ``transmission.ports.uploads`` for the promises."""

    _connection: Connection

    def uploads_held(self, token_id: int) -> tuple[int, int]:
        holder = select(token.c.id).where(token.c.id == token_id)
        self._connection.execute(holder.with_for_update(key_share=True)).one()
        statement = select(func.count(), func.coalesce(func.sum(upload.c.length), 0)).where(
            upload.c.token_id == token_id, upload.c.sha256.is_(None)
        )
        count, total = self._connection.execute(statement).one()
        return int(count), int(total)

    def add_upload(self, new: NewUpload, at: datetime, expires_at: datetime) -> Upload:
        adding = insert(upload).values(
            collectivite_id=new.collectivite_id,
            token_id=new.token_id,
            nom=new.nom,
            described=new.described,
            length=new.length,
            created_at=at,
            expires_at=expires_at,
        )
        return _load(self._connection.execute(adding.returning(*_TOLD)).one())

    def upload(self, collectivite_id: int, upload_id: int) -> Upload | None:
        row = self._connection.execute(
            select(*_TOLD).where(_is(collectivite_id, upload_id))
        ).one_or_none()
        return None if row is None else _load(row)

    def extend_upload(
        self, upload_id: int, offset: int, block: bytes, now: datetime, expires_at: datetime
    ) -> bool:
        end = offset + len(block)
        moved = (
            update(upload)
            .where(
                upload.c.id == upload_id,
                upload.c.received == offset,
                upload.c.length >= end,
                upload.c.expires_at > now,
            )
            .values(received=end, expires_at=expires_at)
        )
        if not self._connection.execute(moved).rowcount:
            return False
        if block:
            row = {"upload_id": upload_id, "first_byte": offset, "content": block}
            self._connection.execute(insert(upload_block), row)
        return True

    def upload_block(self, upload_id: int, first_byte: int) -> bytes | None:
        statement = select(upload_block.c.content).where(
            upload_block.c.upload_id == upload_id, upload_block.c.first_byte == first_byte
        )
        content: bytes | None = self._connection.execute(statement).scalar_one_or_none()
        return content

    def settle_uploads(
        self, became: Sequence[tuple[int, StoredFile]], expires_at: datetime
    ) -> None:
        # In one order for all: two acts may share their annexes.
        for upload_id, file in sorted(became, key=lambda each: each[0]):
            self._connection.execute(
                update(upload)
                .where(upload.c.id == upload_id)
                .values(sha256=file.sha256, expires_at=expires_at)
            )
            self._connection.execute(
                delete(upload_block).where(upload_block.c.upload_id == upload_id)
            )

    def remove_upload(self, collectivite_id: int, upload_id: int) -> bool:
        removed = delete(upload).where(_is(collectivite_id, upload_id))
        return bool(self._connection.execute(removed).rowcount)

    def remove_expired_uploads(self, now: datetime, most: int) -> int:
        over = (
            select(upload.c.id)
            .where(upload.c.expires_at <= now)
            .order_by(upload.c.expires_at)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        return self._connection.execute(delete(upload).where(upload.c.id.in_(over))).rowcount


def _is(collectivite_id: int, upload_id: int) -> Any:
    return (upload.c.id == upload_id) & (upload.c.collectivite_id == collectivite_id)


def _load(row: Any) -> Upload:
    return Upload(**row._asdict())
