"""The archive that travels: a flat, reproducible ``.tar.gz``, written and read with bounds.

What does not compress is put in stored blocks, the same on every machine; the rest is deflated by
isal, whose bytes may change with its version: an archive that was sent is kept, never remade.
Source: ACTES protocol §3.1, §3.6; RFC 1951 (blocks), RFC 1952 (gzip member).
"""

import hashlib
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from isal import isal_zlib

from transmission.actes.gunzip import Gunzip
from transmission.actes.gzip_member import STORED_MAX, GzipMember
from transmission.domain.acte import ARCHIVE_MAX
from transmission.domain.errors import TransmissionError
from transmission.domain.identifiers import is_plain_name

ENTRIES_MAX = 2000
CONTENT_MAX = 8 * ARCHIVE_MAX
"""Unpacked bytes: far above an archive full of XML annexes, far below a bomb."""

_BLOCK = 512
_END_OF_TAR = bytes(2 * _BLOCK)
_PROBE = STORED_MAX
_CHUNK = 4 * STORED_MAX
_WORTH_COMPRESSING = 0.95


class ArchiveTooLargeError(TransmissionError):
    """The finished archive would pass the limit of the protocol."""


class ArchiveEntryError(TransmissionError):
    """A file cannot be put in the archive under that name, or is not of the size announced."""


class HostileArchiveError(TransmissionError):
    """An archive is not a flat ``.tar.gz`` of plain files within the limits."""


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """A file to pack: ``size`` bytes, read once from what ``open`` gives (closed by the writer)."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """A file found in an archive; ``sha256`` in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """A file met in an archive: its bytes come in chunks, until the next one is asked for."""

    name: str
    size: int
    content: Iterator[bytes]


class Target(Protocol):
    """Where an archive is written."""

    def write(self, piece: bytes, /) -> int: ...


def write_archive(entries: Sequence[ArchiveEntry], target: Target) -> None:
    """Write the archive of ``entries``, in their order: envelope, messages, act, annexes (§3.1).

    Streams with flat memory. Raises ArchiveEntryError, or ArchiveTooLargeError beyond ARCHIVE_MAX
    bytes, ``target`` then holding at most that many: the caller throws them away.
    """
    _require_names(entries)
    member = GzipMember(_BoundedSink(target).write)
    for entry in entries:
        _write_entry(member, entry)
    member.write(_END_OF_TAR, compress=False)
    member.close()


def read_archive(
    source: BinaryIO,
    *,
    max_bytes: int = ARCHIVE_MAX,
    max_content: int = CONTENT_MAX,
    max_entries: int = ENTRIES_MAX,
) -> Iterator[ReadEntry]:
    """The files of an archive that nobody trusts, in order; nothing is extracted.

    Reads at most ``max_bytes`` compressed and ``max_content`` unpacked bytes, to the very end of
    the stream. Raises HostileArchiveError for anything but a whole, flat archive of regular files
    with plain, different names.
    """
    tar = BoundedTar(source, max_bytes, max_content)
    seen: set[str] = set()
    while (header := tar.header()) is not None:
        _require_plain_file(header, seen)
        seen.add(header.name.casefold())
        if len(seen) > max_entries:
            raise HostileArchiveError(f"L'archive contient plus de {max_entries} fichiers.")
        content = tar.content(header.size)
        yield ReadEntry(header.name, header.size, content)
        for _left_unread in content:
            pass


def sealed_entries(source: BinaryIO) -> tuple[SealedEntry, ...]:
    """What an archive really holds: to compare, once packed, with what it was to hold.

    Read by the standard library, so that a fault of the compressor shows. Raises
    HostileArchiveError.
    """
    found = []
    for entry in read_archive(source):
        digest = hashlib.sha256()
        for chunk in entry.content:
            digest.update(chunk)
        found.append(SealedEntry(entry.name, entry.size, digest.hexdigest()))
    return tuple(found)


def _require_names(entries: Sequence[ArchiveEntry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if not is_plain_name(entry.name):
            raise ArchiveEntryError(f"« {entry.name} » ne peut pas nommer un fichier de l'archive.")
        if entry.name.casefold() in seen:
            raise ArchiveEntryError(f"« {entry.name} » est deux fois dans l'archive.")
        seen.add(entry.name.casefold())


def _write_entry(member: GzipMember, entry: ArchiveEntry) -> None:
    header = tarfile.TarInfo(entry.name)
    header.size = entry.size
    length = 0
    with entry.open() as content:
        first = content.read(_PROBE)
        compress = _is_worth_compressing(first)
        member.write(header.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict"), compress=compress)
        chunk = first
        while chunk:
            length += len(chunk)
            member.write(chunk, compress=compress)
            chunk = content.read(_CHUNK)
    if length != entry.size:
        raise ArchiveEntryError(
            f"« {entry.name} » fait {length} octets au lieu des {entry.size} annoncés : le fichier "
            "a changé. Redéposez-le."
        )
    member.write(bytes(-length % _BLOCK), compress=compress)


def _is_worth_compressing(sample: bytes) -> bool:
    return len(isal_zlib.compress(sample, 1)) <= _WORTH_COMPRESSING * len(sample)


class _BoundedSink:
    """Counts what goes to the target, and stops before ARCHIVE_MAX is passed."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._left = ARCHIVE_MAX

    def write(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise ArchiveTooLargeError(
                f"L'archive dépasse {ARCHIVE_MAX // 1024**2} Mo, limite de la télétransmission. "
                "Allégez les annexes (numérisation en noir et blanc, 200 points par pouce) ou "
                "transmettez-les sur papier."
            )
        self._target.write(piece)


class _BoundedSource:
    """What is inflated: raises once more than ``limit`` bytes were asked of the source."""

    def __init__(self, source: BinaryIO, limit: int) -> None:
        self._source = source
        self._left = limit

    def read(self, size: int) -> bytes:
        piece = self._source.read(min(size, self._left + 1))
        self._left -= len(piece)
        if self._left < 0:
            raise HostileArchiveError("L'archive est plus grosse que la limite permise.")
        return piece


class BoundedTar:
    """Blocks of an unpacked tar; every way to be malformed is a HostileArchiveError.

    Reads at most ``max_bytes`` of ``source`` and unpacks at most ``max_content`` bytes.
    """

    def __init__(self, source: BinaryIO, max_bytes: int, max_content: int) -> None:
        self._gunzip = Gunzip(_BoundedSource(source, max_bytes).read)
        self._left = max_content
        self._plain = b""
        self._at = 0

    def header(self) -> tarfile.TarInfo | None:
        """The next header, its name being any text; None at the end, the rest being empty."""
        block = self._exactly(_BLOCK)
        if block.strip(b"\0"):
            try:
                header = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
            except (tarfile.HeaderError, ValueError) as error:
                raise HostileArchiveError("L'archive a un en-tête de fichier illisible.") from error
            if header.size < 0:
                raise HostileArchiveError("L'archive annonce un fichier de taille négative.")
            return header
        while chunk := self._piece(_CHUNK):
            if chunk.strip(b"\0"):
                raise HostileArchiveError("L'archive cache des octets après sa fin.")
        return None

    def content(self, size: int) -> Iterator[bytes]:
        """The next ``size`` bytes in pieces, then past what fills their last block."""
        yield from self._pieces(size)
        self._exactly(-size % _BLOCK)

    def _exactly(self, size: int) -> bytes:
        return b"".join(self._pieces(size))

    def _pieces(self, size: int) -> Iterator[bytes]:
        left = size
        while left:
            piece = self._piece(left)
            if not piece:
                raise HostileArchiveError("L'archive est tronquée.")
            left -= len(piece)
            yield piece

    def _piece(self, most: int) -> bytes:
        if self._at == len(self._plain):
            self._plain, self._at = self._inflated(), 0
        piece = self._plain[self._at : self._at + most]
        self._at += len(piece)
        return piece

    def _inflated(self) -> bytes:
        try:
            plain = self._gunzip.read()
        except (EOFError, zlib.error) as error:
            raise HostileArchiveError("L'archive n'est pas un gzip entier et lisible.") from error
        self._left -= len(plain)
        if self._left < 0:
            raise HostileArchiveError("L'archive se déplie au-delà de la limite permise.")
        return plain


def _require_plain_file(header: tarfile.TarInfo, seen: set[str]) -> None:
    shown = ascii(header.name)
    if header.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
        raise HostileArchiveError(f"Dans l'archive, {shown} n'est pas un fichier ordinaire.")
    if not is_plain_name(header.name):
        raise HostileArchiveError(f"Dans l'archive, le nom de fichier {shown} est refusé.")
    if header.name.casefold() in seen:
        raise HostileArchiveError(f"Dans l'archive, {shown} figure deux fois.")
