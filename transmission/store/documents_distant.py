"""Documents kept on another machine: what is read here is a private copy whose digest was checked.

A copy passes through the folder of temporary files, in memory when it is small, and is gone as
soon as nobody holds it.
"""

import hashlib
import os
import tempfile
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from io import BytesIO
from pathlib import Path, PosixPath
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from transmission.domain.transmission import StoredFile
from transmission.store.documents import BLOCK, STRIDE, HashedDraft, damaged, described


class DistantDocumentStore(ABC):
    """The port ``DocumentStore`` over a place that keeps and gives whole contents."""

    @contextmanager
    def draft(self) -> Iterator[HashedDraft]:
        """A document to be written, gone at the end unless it was kept.

        The digest is the name: it must be known before the first byte leaves.
        """
        with closing(_aside()) as aside:

            def keep(file: StoredFile) -> None:
                aside.seek(0)
                self._keep(file, aside)

            yield HashedDraft(aside, keep)

    def put(self, source: BinaryIO) -> StoredFile:
        """Stream into the store; durable on return. Raises OSError, and the errors of the place."""
        with self.draft() as draft:
            copyfileobj(source, draft, STRIDE)
            return draft.keep()

    def put_bytes(self, content: bytes) -> StoredFile:
        """Same, for a small content held in memory."""
        file = described(content)
        self._keep(file, BytesIO(content))
        return file

    def open(self, file: StoredFile) -> BinaryIO:
        """A private copy, its digest checked. Raises DamagedDocumentError."""
        aside = _aside()
        try:
            self._fetch(file, aside)
            aside.seek(0)
        except BaseException:
            aside.close()
            raise
        return aside

    def read(self, file: StoredFile) -> bytes:
        """Whole content, its digest checked. Raises DamagedDocumentError."""
        content = BytesIO()
        self._fetch(file, content)
        return content.getvalue()

    def check(self, file: StoredFile) -> None:
        """Read a content through and compare its digest. Raises DamagedDocumentError."""
        with Path(os.devnull).open("wb") as nowhere:
            self._fetch(file, nowhere)

    def path(self, file: StoredFile) -> Path:
        """A private copy, its digest checked: there as long as this very object is held.

        Raises DamagedDocumentError.
        """
        with tempfile.NamedTemporaryFile(prefix="document-", delete=False) as target:
            copy = _PrivateCopy(target.name)
            try:
                self._fetch(file, cast(BinaryIO, target))
            except BaseException:
                # Whoever keeps the error would keep the copy with it.
                _forget(target.name)
                raise
        return copy

    @abstractmethod
    def forget(self, file: StoredFile) -> None:
        """Remove a content, if it is there. Raises the errors of the place."""

    @abstractmethod
    def _keep(self, file: StoredFile, content: BinaryIO) -> None:
        """Make a content durable under its digest, whatever was there; at once or not at all."""

    @abstractmethod
    def _blocks(self, file: StoredFile) -> Iterator[bytes]:
        """What is kept under a digest, as it is. Raises DamagedDocumentError when nothing is."""

    def _fetch(self, file: StoredFile, target: BinaryIO) -> None:
        digest, size = hashlib.sha256(), 0
        blocks = self._blocks(file)
        try:
            for block in blocks:
                size += len(block)
                if size > file.size:
                    break
                digest.update(block)
                target.write(block)
        finally:
            # What lends its connection to this reading takes it back now, not one day.
            getattr(blocks, "close", bool)()
        if size != file.size:
            raise damaged(file, "sa taille a changé")
        if digest.hexdigest() != file.sha256:
            raise damaged(file, "son empreinte a changé")


class _PrivateCopy(PosixPath):
    """A path whose file goes away with the object, and at the latest with the process."""

    def __init__(self, *_: str) -> None:
        weakref.finalize(self, _forget, str(self))


def _forget(name: str) -> None:
    with suppress(FileNotFoundError):
        Path(name).unlink()


def _aside() -> BinaryIO:
    return cast(BinaryIO, SpooledTemporaryFile(max_size=BLOCK))
