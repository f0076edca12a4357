"""Documents kept in the register's own database, in blocks: one thing to share and to save."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import psycopg
from sqlalchemy import URL, Connection, Engine, bindparam, create_engine, select
from sqlalchemy.dialects.postgresql import insert

from transmission.domain.transmission import StoredFile
from transmission.store.documents import BLOCK, damaged
from transmission.store.documents_distant import DistantDocumentStore
from transmission.store.tables import document_block

_PLACE: dict[str, Any] = {"sha256": bindparam("digest"), "rank": bindparam("place")}
_PUT = insert(document_block).values(**_PLACE, content=bindparam("block"))
# Nothing is written again unless it was damaged; two who put the same content wait for each other.
_KEEP = _PUT.on_conflict_do_update(
    index_elements=[document_block.c.sha256, document_block.c.rank],
    set_={"content": _PUT.excluded.content},
    where=document_block.c.content != _PUT.excluded.content,
)
_READ = select(document_block.c.content).where(
    *(document_block.c[name] == value for name, value in _PLACE.items())
)

_HOLDS = _READ.with_only_columns(document_block.c.rank)


class _BinaryCursor(psycopg.Cursor[Any]):
    """A cursor that is given bytes as they are, instead of twice as many digits."""

    def __init__(self, connection: psycopg.Connection[Any], **options: Any) -> None:
        super().__init__(connection, **options)
        self.format = psycopg.pq.Format.BINARY


def open_documents_engine(url: URL) -> Engine:
    """Connections of their own: a document is often put while another one holds a transaction,
    and a pool where each waits for a second connection stops for ever."""
    return create_engine(
        url,
        pool_size=2,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={
            "application_name": "transmission documents",
            "cursor_factory": _BinaryCursor,
        },
    )


class DatabaseDocumentStore(DistantDocumentStore):
    """Content-addressed rows of at most ``BLOCK`` bytes, all committed at once."""

    def __init__(self, engine: Engine) -> None:
        """``engine`` as :func:`open_documents_engine` makes it."""
        self._engine = engine
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")

    def holds(self, file: StoredFile) -> bool:
        """Whether something is kept under that digest."""
        with self._reading.connect() as connection:
            place = {"digest": file.sha256, "place": 0}
            return connection.execute(_HOLDS, place).one_or_none() is not None

    def forget(self, file: StoredFile) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                document_block.delete().where(document_block.c.sha256 == file.sha256)
            )

    def _keep(self, file: StoredFile, content: BinaryIO) -> None:
        with self._engine.begin() as connection:
            for rank in range(max(1, -(-file.size // BLOCK))):
                block = content.read(BLOCK)
                connection.execute(_KEEP, {"digest": file.sha256, "place": rank, "block": block})

    def _blocks(self, file: StoredFile) -> Iterator[bytes]:
        given = rank = 0
        with self._reading.connect() as connection:
            while (block := _block(connection, file, rank)) is not None:
                yield block
                given, rank = given + len(block), rank + 1
                if given >= file.size:
                    return
        if rank == 0:
            raise damaged(file, "il est introuvable")


def _block(connection: Connection, file: StoredFile, rank: int) -> bytes | None:
    place = {"digest": file.sha256, "place": rank}
    content: bytes | None = connection.execute(_READ, place).scalar_one_or_none()
    return content
