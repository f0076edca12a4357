"""Documents kept on disk under their digest: written aside, synced, then renamed.

What comes from outside never names a file here: the name is the SHA-256 of the content.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from transmission.domain.errors import TransmissionError
from transmission.domain.transmission import StoredFile
from transmission.killpoints import reach

BLOCK = 1 << 20
"""Bytes that a distant place keeps and gives at a time."""

STRIDE = 1 << 18
"""Bytes read, hashed and written at a time: they stay in the cache of the core meanwhile."""

_FOLDERS = frozenset(f"{number:02x}" for number in range(256))


class DamagedDocumentError(TransmissionError):
    """A kept document is missing, or no longer what it was when it was kept."""


class DocumentsAwayError(TransmissionError, OSError):
    """Where documents are kept cannot be reached, or refuses us; no document is in question."""


class HashedDraft:
    """The port ``Draft`` over a private file: its digest is known once its last byte is written."""

    def __init__(self, aside: BinaryIO, keep: Callable[[StoredFile], None]) -> None:
        """``keep`` makes what ``aside`` holds durable under its digest."""
        self._aside = aside
        self._keep = keep
        self._digest = hashlib.sha256()
        self._size = 0

    @property
    def file(self) -> StoredFile:
        """Digest and size in bytes of what was written."""
        return StoredFile(self._digest.hexdigest(), self._size)

    def write(self, block: bytes, /) -> int:
        """Add bytes at the end. Raises OSError."""
        self._digest.update(block)
        self._size += len(block)
        return self._aside.write(block)

    def read_again(self) -> BinaryIO:
        """What was written, from its first byte; closed with the draft. Nothing more is written."""
        self._aside.seek(0)
        return self._aside

    def keep(self) -> StoredFile:
        """Keep it, once; durable on return. Raises OSError, and the errors of the place."""
        self._keep(self.file)
        return self.file


class DiskDocumentStore:
    """Content-addressed files under ``root`` (created when missing, private to the service)."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._incoming = f"{root}/incoming"
        self._has_folders = False
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        (root / "incoming").mkdir(exist_ok=True, mode=0o700)

    @contextmanager
    def draft(self) -> Iterator[HashedDraft]:
        """A document to be written, gone at the end unless it was kept. Raises OSError."""
        with self._aside() as (handle, aside), open(handle, "w+b", closefd=False) as target:

            def keep(file: StoredFile) -> None:
                target.flush()
                self._keep(handle, aside, file)

            yield HashedDraft(target, keep)

    def put(self, source: BinaryIO) -> StoredFile:
        """Stream into the store; on return the bytes are on disk. Raises OSError."""
        with self.draft() as draft:
            copyfileobj(source, draft, STRIDE)
            return draft.keep()

    def put_bytes(self, content: bytes) -> StoredFile:
        """Same, for a small content held in memory."""
        file = described(content)
        with self._aside() as (handle, aside):
            left = memoryview(content)
            while left:
                left = left[os.write(handle, left) :]
            self._keep(handle, aside, file)
        return file

    def open(self, file: StoredFile) -> BufferedReader:
        """Open for reading. Raises DamagedDocumentError when missing or of another size."""
        try:
            stream = os.fdopen(os.open(self._place(file), os.O_RDONLY), "rb")
        except FileNotFoundError as error:
            raise damaged(file, "il est introuvable") from error
        if os.fstat(stream.fileno()).st_size != file.size:
            stream.close()
            raise damaged(file, "sa taille a changé")
        return stream

    def read(self, file: StoredFile) -> bytes:
        """Whole content, checked. Raises DamagedDocumentError."""
        with self.open(file) as stream:
            content = stream.read()
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise damaged(file, "son empreinte a changé")
        return content

    def check(self, file: StoredFile) -> None:
        """Read a content through and compare its digest. Raises DamagedDocumentError."""
        with self.open(file) as stream:
            digest = hashlib.file_digest(stream, "sha256")
        if digest.hexdigest() != file.sha256:
            raise damaged(file, "son empreinte a changé")

    def path(self, file: StoredFile) -> Path:
        """Path of a content whose digest was just checked. Raises DamagedDocumentError."""
        self.check(file)
        return Path(self._place(file))

    def forget(self, file: StoredFile) -> None:
        """Remove a content; durable on return. Raises OSError."""
        Path(self._place(file)).unlink(missing_ok=True)
        _sync_folder(self._folder(file))

    def forget_abandoned(self, before: datetime) -> None:
        """Remove drafts not written to since an instant: whoever wrote them was killed.

        A process that may only read the folder leaves them to others.
        """
        for draft in Path(self._incoming).iterdir():
            with suppress(OSError):
                if draft.stat().st_mtime < before.timestamp():
                    draft.unlink()

    def _folder(self, file: StoredFile) -> str:
        return f"{self._root}/{file.sha256[:2]}"

    def _place(self, file: StoredFile) -> str:
        return f"{self._folder(file)}/{file.sha256}"

    @contextmanager
    def _aside(self) -> Iterator[tuple[int, str]]:
        if not self._has_folders:
            self._make_folders()
        aside = f"{self._incoming}/{secrets.token_hex(16)}"
        handle = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o400)
        try:
            yield handle, aside
        finally:
            os.close(handle)
            with suppress(FileNotFoundError):
                os.unlink(aside)  # noqa: PTH108 - pathlib takes longer than the call

    def _keep(self, handle: int, aside: str, file: StoredFile) -> None:
        os.fsync(handle)
        reach("documents.written")
        os.replace(aside, self._place(file))  # noqa: PTH105 - as above
        reach("documents.renamed")
        _sync_folder(self._folder(file))

    def _make_folders(self) -> None:
        # A folder that a power cut takes away takes its documents with it. Whoever made one that
        # is there may not have synced it yet.
        for name in _FOLDERS.difference(os.listdir(self._root)):  # noqa: PTH208 - names
            Path(self._root, name).mkdir(exist_ok=True, mode=0o700)
        _sync_folder(self._root)
        self._has_folders = True


def described(content: bytes) -> StoredFile:
    """The SHA-256 of a content and its size in bytes."""
    return StoredFile(hashlib.sha256(content).hexdigest(), len(content))


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def damaged(file: StoredFile, what: str) -> DamagedDocumentError:
    """The error that says to a person what became of a document."""
    return DamagedDocumentError(
        f"Le document {file.sha256[:12]}… conservé par le service ne peut être utilisé : {what}. "
        "Restaurez-le depuis une sauvegarde avant toute nouvelle tentative."
    )
