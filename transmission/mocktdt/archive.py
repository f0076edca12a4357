"""Reading a tar.gz that a stranger sent: flat, safe and bounded, or refused."""

import gzip
import hashlib
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import IO

_PIECE = 65_536
_MAX_UNPACKED = 512 * 1024 * 1024
_MAX_MEMBERS = 1_000
_MAX_XML = 8 * 1024 * 1024
# No header needs more; without this bound a forged header makes the reader fill the memory.
_MAX_READ = 1024 * 1024
_EDGE = 1_024
# Of zlib: a deflate stream with the frame of gzip.
_GZIP = 16 + zlib.MAX_WBITS
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")
_BROKEN = (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, OverflowError, KeyError)


class HostileArchiveError(ValueError):
    """The archive cannot be read, or should not be."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: size in bytes, digest, its edges, and all of it when it is XML."""

    name: str
    size: int
    sha256: str
    head: bytes
    tail: bytes
    xml: bytes | None


def read_archive(path: Path) -> dict[str, Member]:
    """The members of the tar.gz at `path`, by name, in order. Raises HostileArchiveError."""
    members: dict[str, Member] = {}
    with _opened(path) as (tar, unpacked):
        for entry in tar:
            _check(entry, members)
            members[entry.name] = _read(unpacked, entry)
    if not members:
        raise HostileArchiveError("l'archive est vide")
    return members


def member_chunks(path: Path, name: str) -> Iterator[bytes]:
    """The bytes of one member, in pieces. Raises HostileArchiveError when it is not there."""
    with _opened(path) as (tar, unpacked):
        entry = next((entry for entry in tar if entry.name == name), None)
        if entry is None or not entry.isreg():
            raise HostileArchiveError(f"{name} n'est pas un fichier")
        for piece in unpacked.content(entry):
            yield bytes(piece)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[tarfile.TarFile, "_Unpacked"]]:
    try:
        with path.open("rb", buffering=0) as packed:
            unpacked = _Unpacked(packed)
            with tarfile.open(fileobj=unpacked, mode="r:", errorlevel=2) as tar:
                yield tar, unpacked
    except HostileArchiveError:
        raise
    except _BROKEN as error:
        raise HostileArchiveError(f"archive illisible ({type(error).__name__})") from None


def _check(entry: tarfile.TarInfo, known: dict[str, Member]) -> None:
    if len(known) >= _MAX_MEMBERS:
        raise HostileArchiveError(f"plus de {_MAX_MEMBERS} fichiers")
    if not entry.isreg() or entry.issparse():
        raise HostileArchiveError(f"{entry.name!r} n'est pas un fichier ordinaire")
    if not _PLAIN_NAME.fullmatch(entry.name):
        raise HostileArchiveError(f"nom de fichier {entry.name!r} refusé")
    if entry.name in known:
        raise HostileArchiveError(f"{entry.name} est présent deux fois")


def _read(unpacked: "_Unpacked", entry: tarfile.TarInfo) -> Member:
    pieces = unpacked.content(entry)
    if entry.name.lower().endswith(".xml") and entry.size <= _MAX_XML:
        content = b"".join(pieces)
        digest = hashlib.sha256(content).hexdigest()
        return Member(entry.name, entry.size, digest, content[:_EDGE], content[-_EDGE:], content)
    return _skimmed(pieces, entry)


def _skimmed(pieces: Iterator[memoryview], entry: tarfile.TarInfo) -> Member:
    digest, head, tail = hashlib.sha256(), b"", b""
    for piece in pieces:
        digest.update(piece)
        head = (head + piece[:_EDGE])[:_EDGE]
        tail = (tail + piece[-_EDGE:])[-_EDGE:]
    return Member(entry.name, entry.size, digest.hexdigest(), head, tail, None)


class _Unpacked(RawIOBase):
    """What a gzip file holds, as a tar reader may see it: no huge read, no endless stream.

    Forward only. The module gzip of Python 3.11 unpacks the same 8 kB at a time, for more than
    twice the CPU.
    """

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._gzip = zlib.decompressobj(_GZIP)
        self._fed = b""
        self._held = memoryview(b"")
        self._at = 0

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _MAX_READ:
            raise HostileArchiveError("en-tête démesuré")
        return b"".join(self._pieces(size))

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence != 0 or not self._at <= offset <= _MAX_UNPACKED:
            raise HostileArchiveError("archive démesurée une fois décompressée")
        for _passed in self._pieces(offset - self._at):
            pass
        return self._at

    def content(self, entry: tarfile.TarInfo) -> Iterator[memoryview]:
        """The bytes of an entry whose header was just read, in pieces.

        Fewer when the archive ends there: the reader will say so where it expects a header.
        """
        self.seek(entry.offset_data)
        yield from self._pieces(entry.size)

    def _pieces(self, size: int) -> Iterator[memoryview]:
        """The next `size` bytes, less only at the end."""
        while size > 0 and (self._held or self._unpack()):
            piece, self._held = self._held[:size], self._held[size:]
            self._at += len(piece)
            size -= len(piece)
            yield piece

    def _unpack(self) -> bool:
        """Hold the next bytes, if there are any."""
        while not self._held and not (self._gzip.eof and self._is_last_member()):
            fed = self._fed or self._packed.read(_PIECE)
            try:
                held = self._gzip.decompress(fed, _MAX_READ)
            except zlib.error as error:
                raise gzip.BadGzipFile from error
            if not fed and not held:
                raise EOFError
            self._fed = self._gzip.unconsumed_tail or self._gzip.unused_data
            self._held = memoryview(held)
        return bool(self._held)

    def _is_last_member(self) -> bool:
        """Whether nothing but zeros follows; another gzip member may."""
        self._fed = self._fed.lstrip(b"\0")
        while not self._fed and (piece := self._packed.read(_PIECE)):
            self._fed = piece.lstrip(b"\0")
        self._gzip = zlib.decompressobj(_GZIP) if self._fed else self._gzip
        return not self._fed
