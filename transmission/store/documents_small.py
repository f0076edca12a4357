"""Small documents that the service makes or is told: kept by the transaction that names them.

A message, a seal, an answer, an AR: as files, each would cost more to sync than to make.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, Integer, LargeBinary, Text, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from transmission.domain.transmission import StoredFile
from transmission.ports import DocumentStore, Draft
from transmission.store.documents import described
from transmission.store.documents_database import DatabaseDocumentStore
from transmission.store.statements import Statement
from transmission.store.tables import document_block


def _keeping() -> Statement:
    digests = bindparam("digests", type_=ARRAY(Text))
    contents = bindparam("contents", type_=ARRAY(LargeBinary))
    given = func.unnest(digests, contents).table_valued("sha256", "content").render_derived("given")
    keep = insert(document_block).from_select(
        ["sha256", "rank", "content"], select(given.c.sha256, literal(0, Integer), given.c.content)
    )
    # Nothing is written again unless it was damaged.
    return Statement(
        keep.on_conflict_do_update(
            index_elements=[document_block.c.sha256, document_block.c.rank],
            set_={"content": keep.excluded.content},
            where=document_block.c.content != keep.excluded.content,
        )
    )


_KEEP = _keeping()


class SmallDocuments:
    """Part of the unit of work; see ``transmission.ports.UnitOfWork`` for the promises."""

    _connection: Connection

    def keep(self, *contents: bytes) -> tuple[StoredFile, ...]:
        # In one order for all, and each once: two that keep the same never wait for each other.
        by_digest = dict(sorted((described(each).sha256, each) for each in contents))
        values = {"digests": list(by_digest), "contents": list(by_digest.values())}
        _KEEP.run(self._connection, values)
        return tuple(described(each) for each in contents)


class LayeredDocumentStore:
    """The port ``DocumentStore``: a place, and the register for the small ones that it keeps."""

    def __init__(self, register: DatabaseDocumentStore, place: DocumentStore, small: int) -> None:
        """``small`` is the largest size, in bytes, of what the register may keep."""
        self._register = register
        self._place = place
        self._small = small

    def draft(self) -> AbstractContextManager[Draft]:
        return self._place.draft()

    def put(self, source: BinaryIO) -> StoredFile:
        return self._place.put(source)

    def put_bytes(self, content: bytes) -> StoredFile:
        return self._place.put_bytes(content)

    def open(self, file: StoredFile) -> BinaryIO:
        return self._holder(file).open(file)

    def read(self, file: StoredFile) -> bytes:
        return self._holder(file).read(file)

    def check(self, file: StoredFile) -> None:
        self._holder(file).check(file)

    def path(self, file: StoredFile) -> Path:
        return self._holder(file).path(file)

    def forget(self, file: StoredFile) -> None:
        self._register.forget(file)
        self._place.forget(file)

    def _holder(self, file: StoredFile) -> DocumentStore:
        if file.size <= self._small and self._register.holds(file):
            return self._register
        return self._place
