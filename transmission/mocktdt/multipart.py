"""Multipart bodies as PHP reads them: byte-exact, parameter names quoted or not, bounded.

No parser of the usual frameworks does: they drop the brackets of an unquoted `name=type_pj[]` and
destroy Latin-1 bytes (S²LOW API §8.1).
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from transmission.mocktdt.body import Body

_PIECE = 65_536
_MAX_HEADERS = 16_384
_MAX_FIELD = 65_536
_MAX_PARTS = 200
_PARAMETER = re.compile(rb';\s*([A-Za-z*-]+)=("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_DISPOSITION = re.compile(rb"^content-disposition:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", re.I | re.M)
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,200})"|([^;,\s]{1,200}))', re.I)


class MalformedMultipartError(Exception):
    """The body is not the multipart it says it is. What was read before stays valid."""


class Spool:
    """The files of one request, on disk: what nobody has moved away is removed at the end."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._paths: list[Path] = []

    def new_path(self) -> Path:
        """Where to write one more file; the name comes from nobody."""
        self._paths.append(self._directory / f"upload-{secrets.token_hex(16)}")
        return self._paths[-1]

    def clear(self) -> None:
        """Remove what is left."""
        for path in self._paths:
            path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file part, spooled to disk. `filename`: bytes of the wire, directories removed."""

    filename: bytes
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Field:
    """One part: its name as on the wire (brackets included), and its text or its file."""

    name: str
    content: bytes | UploadedFile


def boundary_of(content_type: str) -> bytes | None:
    """The boundary announced by a Content-Type, if any."""
    found = _BOUNDARY.search(content_type)
    return (found[1] or found[2]).encode("iso-8859-1", "replace") if found else None


def read_fields(body: Body, boundary: bytes, spool: Spool, into: list[Field]) -> None:
    """Append each complete part of `body` to `into`; files go to new files of `spool`.

    Raises MalformedMultipartError at the first thing that is not multipart, and what Body raises.
    """
    scanner = _Scanner(body, b"\r\n--" + boundary)
    scanner.skip_part()
    while scanner.another_part():
        if len(into) >= _MAX_PARTS:
            raise MalformedMultipartError
        name, filename = _name_and_filename(scanner.headers())
        content = (
            scanner.text_part()
            if filename is None
            else scanner.file_part(_without_directories(filename), spool)
        )
        if name:
            into.append(Field(name.decode("iso-8859-1"), content))


class _Scanner:
    def __init__(self, body: Body, delimiter: bytes) -> None:
        self._body = body
        self._delimiter = delimiter
        # The first boundary has no line end before it: lending it one makes all of them alike.
        self._held = b"\r\n"

    def skip_part(self) -> None:
        while self._piece_of_part():
            pass

    def another_part(self) -> bool:
        self._fill(2)
        if self._held.startswith(b"--"):
            return False
        line, found, rest = self._held.partition(b"\r\n")
        if not found or line.strip():
            raise MalformedMultipartError
        # Give the line end back: it begins the headers, which may be none at all.
        self._held = b"\r\n" + rest
        return True

    def headers(self) -> bytes:
        while b"\r\n\r\n" not in self._held:
            if len(self._held) > _MAX_HEADERS:
                raise MalformedMultipartError
            self._more()
        block, _, self._held = self._held.partition(b"\r\n\r\n")
        return block.removeprefix(b"\r\n")

    def text_part(self) -> bytes:
        content = bytearray()
        while piece := self._piece_of_part():
            content += piece
            if len(content) > _MAX_FIELD:
                raise MalformedMultipartError
        return bytes(content)

    def file_part(self, filename: bytes, spool: Spool) -> UploadedFile:
        path = spool.new_path()
        with path.open("xb") as sink:
            size, sha256 = self._copy(sink)
        return UploadedFile(filename, path, size, sha256)

    def _copy(self, sink: IO[bytes]) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        while piece := self._piece_of_part():
            sink.write(piece)
            digest.update(piece)
            size += len(piece)
        return size, digest.hexdigest()

    def _piece_of_part(self) -> memoryview:
        while True:
            held = memoryview(self._held)
            at = self._held.find(self._delimiter)
            if at == 0:
                self._held = self._held[len(self._delimiter) :]
                return held[:0]
            safe = len(held) - len(self._delimiter) if at < 0 else at
            if safe > 0:
                self._held = self._held[safe:]
                return held[:safe]
            self._more()

    def _fill(self, size: int) -> None:
        while len(self._held) < size:
            self._more()

    def _more(self) -> None:
        piece = self._body.read(_PIECE)
        if not piece:
            raise MalformedMultipartError
        self._held += piece


def _name_and_filename(headers: bytes) -> tuple[bytes, bytes | None]:
    found = _DISPOSITION.search(headers)
    parameters = _PARAMETER.findall(found[1]) if found else ()
    values = {key.lower(): _unquoted(value) for key, value in parameters}
    return values.get(b"name", b""), values.get(b"filename")


def _unquoted(value: bytes) -> bytes:
    value = value.strip()
    if value.startswith(b'"'):
        return value[1:-1].replace(b'\\"', b'"')
    return value


def _without_directories(filename: bytes) -> bytes:
    return re.split(rb"[/\\]", filename)[-1]
