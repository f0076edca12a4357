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
    with _opened(path) as tar:
        for entry in tar:
            _check(entry, members)
            members[entry.name] = _read(tar, entry)
    if not members:
        raise HostileArchiveError("l'archive est vide")
    return members


def member_chunks(path: Path, name: str) -> Iterator[bytes]:
    """The bytes of one member, in pieces. Raises HostileArchiveError when it is not there."""
    with _opened(path) as tar:
        stream = tar.extractfile(name)
        if stream is None:
            raise HostileArchiveError(f"{name} n'est pas un fichier")
        with stream:
            while piece := stream.read(_PIECE):
                yield piece


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with (
            gzip.open(path, "rb") as unpacked,
            tarfile.open(fileobj=_Bounded(unpacked), mode="r:", errorlevel=2) as tar,
        ):
            yield tar
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


def _read(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> Member:
    stream = tar.extractfile(entry)
    if stream is None:
        raise HostileArchiveError(f"{entry.name} n'est pas un fichier")
    with stream:
        if entry.name.lower().endswith(".xml") and entry.size <= _MAX_XML:
            content = _all(stream)
            digest = hashlib.sha256(content).hexdigest()
            return Member(
                entry.name, entry.size, digest, content[:_EDGE], content[-_EDGE:], content
            )
        return _skimmed(stream, entry)


def _all(stream: IO[bytes]) -> bytes:
    return b"".join(iter(lambda: stream.read(_PIECE), b""))


def _skimmed(stream: IO[bytes], entry: tarfile.TarInfo) -> Member:
    digest, head, tail = hashlib.sha256(), b"", b""
    while piece := stream.read(_PIECE):
        digest.update(piece)
        head = head or piece[:_EDGE]
        tail = (tail + piece)[-_EDGE:]
    return Member(entry.name, entry.size, digest.hexdigest(), head, tail, None)


class _Bounded(RawIOBase):
    """What a tar reader may see of an unpacked stream: no huge read, no endless stream."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream

    def tell(self) -> int:
        return self._stream.tell()

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _MAX_READ:
            raise HostileArchiveError("en-tête démesuré")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence != 0 or offset > _MAX_UNPACKED:
            raise HostileArchiveError("archive démesurée une fois décompressée")
        return self._stream.seek(offset)
