"""Who read which file: rows that are only ever added."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from transmission.ports.file_accesses import Channel, FileAccess, FileReading
from transmission.store.tables import acte, collectivite
from transmission.store.tables_protection import file_access


def accesses_of(connection: Connection, acte_id: int, limit: int) -> Sequence[FileAccess]:
    """The last readings of the files of an act, newest first."""
    statement = select(file_access).where(file_access.c.acte_id == acte_id)
    newest = statement.order_by(file_access.c.id.desc()).limit(limit)
    return [FileAccess(_reading(row), row.at, row.sha256) for row in connection.execute(newest)]


def _reading(row: Any) -> FileReading:
    return FileReading(Channel.of(row.channel), row.reader, row.what, row.acte_id)


class FileAccesses:
    """Part of the unit of work; see ``transmission.ports.file_accesses`` for the promises."""

    _connection: Connection

    def note_access(self, access: FileAccess) -> None:
        reading = access.reading
        owner = (
            select(collectivite.c.id).where(collectivite.c.siren == reading.siren)
            if reading.acte_id is None
            else select(acte.c.collectivite_id).where(acte.c.id == reading.acte_id)
        )
        self._connection.execute(
            insert(file_access).values(
                collectivite_id=owner.scalar_subquery(),
                acte_id=reading.acte_id,
                channel=reading.channel.code,
                reader=reading.reader,
                what=reading.what,
                sha256=access.sha256,
                at=access.at,
            )
        )

    def accesses_of(self, acte_id: int, limit: int) -> Sequence[FileAccess]:
        return accesses_of(self._connection, acte_id, limit)
