"""A ``multipart/form-data`` body as it comes (RFC 7578): files go to disk block by block.

Never more than a block of a file is in memory. What a sender calls a part or a file is kept as
text and never becomes a path.
"""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from transmission.api.problems import RefusalError, malformed, too_large, unsupported

WORDS_MAX = 64 * 1024
"""Bytes of the part that says what the act is."""

_JSON = frozenset({b"", b"application/json", b"application/octet-stream"})
_NAME_MAX = 200
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A part that is a file: the name of the part, its content, the name that the sender gave."""

    part: str
    path: Path
    nom_original: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What a body may be: the name of the part that says what the files are, its size in bytes,
    its types, None for any, and how many parts there are at most."""

    words: str = "acte"
    words_max: int = WORDS_MAX
    kinds: frozenset[bytes] | None = _JSON
    parts_max: int = 200


ACTE = Expected()


@dataclass(frozen=True, slots=True)
class Received:
    """A body: the part that says what the files are, None when it has none, and them in order."""

    words: bytes | None
    files: tuple[ReceivedFile, ...]


async def receive_parts(
    content_type: str, blocks: AsyncIterator[bytes], folder: Path, expected: Expected = ACTE
) -> Received:
    """Read a body, its files into ``folder``, which the caller empties.

    Raises RefusalError: 415 for another type, 413, and 400 for a body that is cut or garbled.
    """
    incoming = _Incoming(_boundary(content_type), folder, expected)
    try:
        gathered = bytearray()
        async for block in blocks:
            gathered += block
            if len(gathered) >= _BLOCK:
                await run_in_threadpool(incoming.feed, bytes(gathered))
                gathered.clear()
        await run_in_threadpool(incoming.feed, bytes(gathered))
        return incoming.finished()
    finally:
        incoming.close()


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise unsupported("Envoyez ce corps en multipart/form-data ou en application/json.")
    if len(boundary) > 200:
        raise malformed("La limite (boundary) du corps multipart est trop longue.")
    return boundary


class _Incoming:
    """The parser's callbacks, and the part that is being read."""

    def __init__(self, boundary: bytes, folder: Path, expected: Expected) -> None:
        self._folder = folder
        self._expected = expected
        self._words: bytearray | None = None
        self._files: list[ReceivedFile] = []
        self._count = 0
        self._target: BinaryIO | None = None
        self._name = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._whole = False
        self._opened = ExitStack()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_begin,
                "on_header_field": self._on_field,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header,
                "on_headers_finished": self._on_headers,
                "on_part_data": self._on_data,
                "on_part_end": self._on_part,
                "on_end": self._on_end,
            },
        )

    def feed(self, block: bytes) -> None:
        """Read some more. Raises RefusalError, OSError."""
        try:
            self._parser.write(block)
        except FormParserError:
            raise malformed("Le corps multipart est mal formé.") from None

    def finished(self) -> Received:
        """What came. Raises RefusalError when the last boundary did not."""
        if not self._whole:
            raise RefusalError(
                400,
                "corps_incomplet",
                "Envoi interrompu",
                "La fin de l'envoi manque. Rien n'a été enregistré : renvoyez-le en entier.",
            )
        words = None if self._words is None else bytes(self._words)
        return Received(words, tuple(self._files))

    def close(self) -> None:
        """Close what was being written."""
        self._opened.close()

    def _on_begin(self) -> None:
        self._count += 1
        if self._count > self._expected.parts_max:
            raise malformed(f"Le corps a plus de {self._expected.parts_max} parties.")
        self._headers = {}

    def _on_field(self, block: bytes, start: int, end: int) -> None:
        self._name += block[start:end]

    def _on_value(self, block: bytes, start: int, end: int) -> None:
        self._value += block[start:end]

    def _on_header(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _on_headers(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = _text(options.get(b"name", b""))
        if kind != b"form-data" or not name:
            raise malformed("Une partie du corps n'a pas de nom (Content-Disposition).")
        if name == self._expected.words:
            self._begin_words()
        else:
            self._begin_file(name, _text(options.get(b"filename", b"")))

    def _begin_words(self) -> None:
        if self._words is not None:
            raise malformed(f"La partie « {self._expected.words} » est donnée deux fois.")
        kind, _ = parse_options_header(self._headers.get(b"content-type"))
        if self._expected.kinds is not None and kind not in self._expected.kinds:
            named = self._expected.words
            raise unsupported(f"La partie « {named} » doit être en application/json.")
        self._words = bytearray()
        self._target = None

    def _begin_file(self, part: str, nom_original: str) -> None:
        path = self._folder / f"{self._count}.part"
        self._target = self._opened.enter_context(path.open("xb"))
        self._files.append(ReceivedFile(part, path, nom_original or part))

    def _on_data(self, block: bytes, start: int, end: int) -> None:
        if self._target is not None:
            self._target.write(memoryview(block)[start:end])
        elif self._words is not None:
            self._words += block[start:end]
            if len(self._words) > self._expected.words_max:
                raise too_large(self._expected.words_max)

    def _on_part(self) -> None:
        if self._target is not None:
            self._target.close()

    def _on_end(self) -> None:
        self._whole = True


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")[:_NAME_MAX]
