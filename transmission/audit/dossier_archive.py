"""What an archive that was sent really holds: a flat ``.tar.gz``, read strictly and in pieces.

Read by zlib alone, apart from what writes and reads archives elsewhere. Source: ACTES protocol
§3.1; RFC 1952; POSIX ustar.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from transmission.audit.chain import ContractError
from transmission.audit.messages import MESSAGE_MAX

CONTENT_MAX = 2 * 1024**3
"""Bytes unpacked at most."""
ENTRIES_MAX = 2000

_BLOCK = 512
_CHUNK = 1 << 18
_GZIP_ALONE = 31
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_OCTAL = re.compile(rb" *([0-7]{1,12})[ \0]*")


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file of an archive; ``content`` is kept of small XML files alone (envelope, message)."""

    name: str
    size: int
    sha256: bytes
    content: bytes | None


def read_sent_archive(chunks: Iterator[bytes]) -> tuple[ArchivedFile, ...]:
    """The files of an archive, in order, to its very last byte. Raises ContractError."""
    stream = _Unpacked(chunks)
    files: dict[str, ArchivedFile] = {}
    while (block := stream.exactly(_BLOCK)).strip(b"\0"):
        name, size = _header(block)
        if name.casefold() in files or len(files) == ENTRIES_MAX:
            raise ContractError(f"« {name} » est deux fois dans l'archive, ou il y en a trop")
        files[name.casefold()] = _file(stream, name, size)
    for piece in stream.rest():
        if piece.strip(b"\0"):
            raise ContractError("l'archive cache des octets après sa fin")
    return tuple(files.values())


def _header(block: bytes) -> tuple[str, int]:
    summed = sum(block[:148]) + sum(block[156:]) + 8 * 0x20
    if _number(block[148:156]) != summed or block[257:262] != b"ustar" or block[156:157] != b"0":
        raise ContractError("l'archive a un en-tête de fichier qui n'est pas celui d'un fichier")
    name = block[:100].rstrip(b"\0").decode("ascii", "replace")
    if not _NAME.fullmatch(name) or block[345:500].strip(b"\0"):
        raise ContractError(f"« {name} » ne peut pas nommer un fichier de l'archive")
    return name, _number(block[124:136])


def _number(field: bytes) -> int:
    match = _OCTAL.fullmatch(field)
    if match is None:
        raise ContractError("l'archive a un en-tête de fichier illisible")
    return int(match[1], 8)


def _file(stream: "_Unpacked", name: str, size: int) -> ArchivedFile:
    digest = sha256()
    kept: list[bytes] | None = [] if name.lower().endswith(".xml") and size <= MESSAGE_MAX else None
    for piece in stream.pieces(size):
        digest.update(piece)
        if kept is not None:
            kept.append(piece)
    if stream.exactly(-size % _BLOCK).strip(b"\0"):
        raise ContractError(f"l'archive cache des octets après « {name} »")
    return ArchivedFile(name, size, digest.digest(), None if kept is None else b"".join(kept))


class _Unpacked:
    """The unpacked bytes of one gzip member with nothing after it, within bounds."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._pieces = self._unpack(chunks)
        self._piece = b""

    def exactly(self, size: int) -> bytes:
        return b"".join(self.pieces(size))

    def pieces(self, size: int) -> Iterator[bytes]:
        left = size
        while left:
            if not self._piece:
                self._piece = next(self._pieces, b"")
            if not self._piece:
                raise ContractError("l'archive est tronquée")
            piece, self._piece = self._piece[:left], self._piece[left:]
            left -= len(piece)
            yield piece

    def rest(self) -> Iterator[bytes]:
        yield self._piece
        yield from self._pieces

    def _unpack(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        inflated, left = zlib.decompressobj(_GZIP_ALONE), CONTENT_MAX
        try:
            for chunk in chunks:
                waiting = chunk
                while waiting and not inflated.eof:
                    piece = inflated.decompress(waiting, _CHUNK)
                    waiting = inflated.unconsumed_tail
                    left -= len(piece)
                    if left < 0:
                        raise ContractError("l'archive déballée dépasse la limite permise")
                    if piece:
                        yield piece
                if inflated.eof and (inflated.unused_data or waiting):
                    raise ContractError("l'archive a des octets après sa fin")
        except zlib.error as error:
            raise ContractError("l'archive est abîmée") from error
        if not inflated.eof:
            raise ContractError("l'archive est tronquée")
