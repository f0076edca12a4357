"""Documents kept on disk under their digest: written aside, synced, then renamed.

What comes from outside never names a file here: the name is the SHA-256 of the content.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from transmission.domain.errors import TransmissionError
from transmission.domain.transmission import StoredFile
from transmission.killpoints import reach

BLOCK = 1 << 20
"""Bytes read, hashed and written at a time."""


class DamagedDocumentError(TransmissionError):
    """A kept document is missing, or no longer what it was when it was kept."""


class DocumentsAwayError(TransmissionError, OSError):
    """Where documents are kept cannot be reached, or refuses us; no document is in question."""


class DiskDocumentStore:
    """Content-addressed files under ``root`` (created when missing, private to the service)."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._incoming.mkdir(exist_ok=True, mode=0o700)

    def put(self, source: BinaryIO) -> StoredFile:
        """Stream into the store; on return the bytes are on disk. Raises OSError."""
        aside = self._incoming / secrets.token_hex(16)
        try:
            with aside.open("xb") as target:
                kept = copied(source, target)
                target.flush()
                os.fsync(target.fileno())
            reach("documents.written")
            self._keep(aside, self._place(kept))
        finally:
            aside.unlink(missing_ok=True)
        return kept

    def put_bytes(self, content: bytes) -> StoredFile:
        """Same, for a small content held in memory."""
        return self.put(BytesIO(content))

    def open(self, file: StoredFile) -> BinaryIO:
        """Open for reading. Raises DamagedDocumentError when missing or of another size."""
        path = self._place(file)
        try:
            stream = path.open("rb")
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

    def path(self, file: StoredFile) -> Path:
        """Path of a content whose digest was just checked. Raises DamagedDocumentError."""
        digest = hashlib.sha256()
        with self.open(file) as stream:
            for block in blocks(stream):
                digest.update(block)
        if digest.hexdigest() != file.sha256:
            raise damaged(file, "son empreinte a changé")
        return self._place(file)

    def _place(self, file: StoredFile) -> Path:
        return self._root / file.sha256[:2] / file.sha256[2:4] / file.sha256

    def _keep(self, aside: Path, place: Path) -> None:
        _make_folder(place.parent)
        aside.chmod(0o400)
        aside.replace(place)
        reach("documents.renamed")
        _sync_folder(place.parent)


def blocks(source: BinaryIO) -> Iterator[bytes]:
    """The content of a stream, at most ``BLOCK`` bytes at a time."""
    while block := source.read(BLOCK):
        yield block


def copied(source: BinaryIO, target: BinaryIO) -> StoredFile:
    """Copy a stream; its SHA-256 and its size in bytes."""
    digest, size = hashlib.sha256(), 0
    for block in blocks(source):
        digest.update(block)
        target.write(block)
        size += len(block)
    return StoredFile(digest.hexdigest(), size)


def _make_folder(folder: Path) -> None:
    # A folder that a power cut takes away takes its documents with it.
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
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
