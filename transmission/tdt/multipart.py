"""A ``multipart/form-data`` body of known length, read from its files as it leaves."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from transmission.killpoints import reach

BLOCK = 262_144
"""Bytes read at a time, so that an archive of 150 MB does not grow the process."""


class TruncatedFileError(OSError):
    """A file ended before its announced size."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of the form: ``size`` bytes that ``open`` gives anew at each call."""

    name: str
    filename: str
    mime: str
    size: int
    open: Callable[[], BinaryIO]


class Multipart:
    """A form: text fields (already encoded), then files, in the order given.

    The boundary is the caller's: one derived from the digest of what is sent makes the same form
    the same bytes at every attempt, and cannot occur in it.
    """

    def __init__(
        self,
        boundary: str,
        fields: Sequence[tuple[str, bytes]],
        files: Sequence[FilePart] = (),
    ) -> None:
        self.boundary = boundary
        self.fields = tuple(fields)
        self.files = tuple(files)

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"

    def __len__(self) -> int:
        """Bytes of the body."""
        texts = sum(len(segment) for segment in self.texts())
        return texts + sum(part.size for part in self.files)

    def texts(self) -> Iterator[bytes]:
        """What goes before, between and after the files: one more than there are files."""
        before = b"".join(self._head(name) + value + b"\r\n" for name, value in self.fields)
        for part in self.files:
            yield before + self._head(part.name, part)
            before = b"\r\n"
        yield before + b"--%s--\r\n" % self.boundary.encode("ascii")

    @contextmanager
    def opened(self) -> Iterator["Sending"]:
        """The body, ready to leave once. Whatever ``open`` raises is raised before any sending."""
        with ExitStack() as stack:
            streams = [stack.enter_context(part.open()) for part in self.files]
            yield Sending(self, streams)

    def _head(self, name: str, part: FilePart | None = None) -> bytes:
        lines = f'--{self.boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if part is not None:
            lines += f'; filename="{safe_name(part.filename)}"\r\nContent-Type: {part.mime}'
        return f"{lines}\r\n\r\n".encode("ascii")


class Sending:
    """One sending of a form. ``started`` tells whether its first byte may have left."""

    def __init__(self, form: Multipart, streams: Sequence[BinaryIO]) -> None:
        self._form = form
        self._streams = streams
        self.started = False

    def __len__(self) -> int:
        return len(self._form)

    def __iter__(self) -> Iterator[bytes]:
        texts = self._form.texts()
        self.started = True
        for part, stream in zip(self._form.files, self._streams, strict=True):
            yield next(texts)
            yield from _blocks(part, stream)
        yield next(texts)
        # Asked for more: the last block has left.
        reach("link.body_sent")


def safe_name(filename: str) -> str:
    """A file name that every server reads alike: others make `_` (S²LOW API §7)."""
    return re.sub(r"[^A-Za-z0-9._ -]", "_", filename)


def _blocks(part: FilePart, stream: BinaryIO) -> Iterator[bytes]:
    left = part.size
    while left:
        block = stream.read(min(BLOCK, left))
        if not block:
            raise TruncatedFileError(f"{part.filename} : {left} octets manquent")
        left -= len(block)
        yield block
