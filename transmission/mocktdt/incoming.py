"""A request as a PHP script sees it: query and body apart, arrays by `[]`, bytes kept as bytes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl

from transmission.mocktdt.body import Body
from transmission.mocktdt.faults import Fault
from transmission.mocktdt.multipart import (
    Field,
    MalformedMultipartError,
    Spool,
    UploadedFile,
    boundary_of,
    read_fields,
)

_ARRAY = re.compile(r"(.+?)\[\d*\]")
_MAX_FORM = 2_097_152
# What a word processor adds to ISO-8859-1, which v3 and v4 brought back to it.
_TYPEWRITTEN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "œ": "oe", "Œ": "OE"}
)


@dataclass(slots=True)
class Request:
    """One call. Text of the body stays bytes until an endpoint says in which charset to read it."""

    method: str
    path: str
    query: dict[str, str]
    certificate_hash: str
    at: datetime
    spool: Spool
    latin: bool = False
    query_arrays: dict[str, list[str]] = field(default_factory=dict)
    authorization: str = ""
    forwarded: str = ""
    session: str = ""
    json: bytes | None = None
    form: dict[str, bytes] = field(default_factory=dict)
    arrays: dict[str, list[bytes]] = field(default_factory=dict)
    files: dict[str, UploadedFile] = field(default_factory=dict)
    file_arrays: dict[str, list[UploadedFile]] = field(default_factory=dict)
    body_size: int = 0
    fault: Fault | None = None

    @property
    def wants_api(self) -> bool:
        """Whether the caller asked for OK/KO answers rather than web pages."""
        return self.api_in_body or self.query.get("api") == "1"

    @property
    def api_in_body(self) -> bool:
        return self.form.get("api") == b"1"

    @property
    def has_no_body(self) -> bool:
        return not (self.form or self.arrays or self.files or self.file_arrays)

    def text(self, name: str) -> str:
        """A text field of the body, decoded as the platform does (S²LOW API §1.4)."""
        raw = self.form.get(name, b"")
        if self.latin:
            return raw.decode("cp1252", "replace").translate(_TYPEWRITTEN)
        latin = self.api_in_body or (self.wants_api and name == "subject")
        return raw.decode("iso-8859-1") if latin else raw.decode("utf-8", "replace")

    def posted_name(self, file: UploadedFile) -> str:
        """The client's name of an uploaded file, decoded likewise."""
        if self.wants_api or self.latin:
            return file.filename.decode("iso-8859-1")
        return file.filename.decode("utf-8", "replace")

    def truthy(self, name: str) -> bool:
        """PHP's idea of true: anything but absent, empty and `0`, even `false`."""
        return self.form.get(name, b"") not in (b"", b"0")

    def read_body(self, body: Body, content_type: str) -> None:
        """Fill form and files from `body`. What is not well formed is dropped, as PHP does.

        Raises BodyCutError and BodyTooLargeError. Files go to `spool`, which the caller clears.
        """
        boundary = boundary_of(content_type)
        try:
            if boundary is not None:
                self._take_multipart(body, boundary)
            elif content_type.startswith("application/x-www-form-urlencoded"):
                self._take_urlencoded(body)
            elif content_type.startswith("application/json"):
                self.json = _read_all(body)
            body.drain()
        finally:
            self.body_size = body.size

    def every_file(self) -> Iterator[UploadedFile]:
        """All the files received, in the order of their fields."""
        yield from self.files.values()
        for files in self.file_arrays.values():
            yield from files

    def _take_multipart(self, body: Body, boundary: bytes) -> None:
        fields: list[Field] = []
        try:
            read_fields(body, boundary, self.spool, fields)
        except MalformedMultipartError:
            pass
        finally:
            for item in fields:
                self._take(item.name, item.content)

    def _take_urlencoded(self, body: Body) -> None:
        content = _read_all(body)
        pairs = parse_qsl(content.decode("iso-8859-1"), keep_blank_values=True, encoding="latin-1")
        for name, value in pairs:
            self._take(name, value.encode("iso-8859-1", "replace"))

    def _take(self, name: str, content: bytes | UploadedFile) -> None:
        array = _ARRAY.fullmatch(name)
        if isinstance(content, UploadedFile):
            if array:
                self.file_arrays.setdefault(array[1], []).append(content)
            else:
                self.files[name] = content
        elif array:
            self.arrays.setdefault(array[1], []).append(content)
        else:
            self.form[name] = content


def _read_all(body: Body) -> bytes:
    content = b""
    while len(content) < _MAX_FORM and (piece := body.read(_MAX_FORM)):
        content += piece
    return content


def opened(method: str, target: str, certificate_hash: str, at: datetime, spool: Path) -> Request:
    """A request whose body is still on the wire. `target`: path and query of the request line.

    `spool`: the directory where its files will be written. Bytes of the query that are not UTF-8
    are kept, escaped.
    """
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    arrays: dict[str, list[str]] = {}
    for name, value in pairs:
        if array := _ARRAY.fullmatch(name):
            arrays.setdefault(array[1], []).append(value)
    return Request(
        method, path, dict(pairs), certificate_hash, at, Spool(spool), query_arrays=arrays
    )
