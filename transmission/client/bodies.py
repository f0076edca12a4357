"""What is sent: a multipart form read from its files block by block, with its length known before,
so that a service refuses too much at once and a person sees how far it is."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

Progress = Callable[[int, int], None]
"""Told as bytes leave or come: how many so far, of how many; goes back when a call is repeated."""

_BLOCK = 1 << 16


class Body(Protocol):
    """Something that can be sent, and sent again from its beginning."""

    @property
    def content_type(self) -> str: ...

    @property
    def length(self) -> int:
        """Bytes of the whole."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """The whole, from its beginning. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True)
class JsonBody:
    """A JSON document."""

    said: Mapping[str, Any]

    @property
    def content_type(self) -> str:
        return "application/json"

    @property
    def length(self) -> int:
        return len(self._bytes())

    def blocks(self) -> Iterator[bytes]:
        """The document in one block."""
        yield self._bytes()

    def _bytes(self) -> bytes:
        return json.dumps(self.said, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of a form, and the name that people know it by."""

    name: str
    path: Path
    nom: str


@dataclass(frozen=True, slots=True)
class FormBody:
    """A form (RFC 7578): a JSON part, then files. ``boundary`` must be in none of them."""

    name: str
    said: Mapping[str, Any]
    files: Sequence[FilePart]
    boundary: str

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def length(self) -> int:
        files = sum(len(self._head(each)) + each.path.stat().st_size + 2 for each in self.files)
        return len(self._words()) + files + len(self._end())

    def blocks(self) -> Iterator[bytes]:
        """The form; a file is only read as it leaves."""
        yield self._words()
        for each in self.files:
            yield self._head(each)
            with each.path.open("rb") as source:
                while block := source.read(_BLOCK):
                    yield block
            yield b"\r\n"
        yield self._end()

    def _words(self) -> bytes:
        head = f'--{self.boundary}\r\nContent-Disposition: form-data; name="{self.name}"\r\n'
        said = json.dumps(self.said, ensure_ascii=False)
        return f"{head}Content-Type: application/json\r\n\r\n{said}\r\n".encode()

    def _head(self, file: FilePart) -> bytes:
        nom = _quoted(file.nom)
        return (
            f"--{self.boundary}\r\n"
            f'Content-Disposition: form-data; name="{file.name}"; filename="{nom}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode("utf-8", "replace")

    def _end(self) -> bytes:
        return f"--{self.boundary}--\r\n".encode()


def _quoted(nom: str) -> str:
    # As browsers do: the three characters that would end the name.
    return nom.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
