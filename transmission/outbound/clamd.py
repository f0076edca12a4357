"""The antivirus ClamAV, by its own protocol: contents go to it, never the path of a file."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from transmission.outbound.reasons import excerpt, reason
from transmission.ports.scans import Scanned, Verdict

PORT = 3310

_BLOCK = 1 << 16
_ANSWER_MAX = 4096
_FOUND, _CLEAN = " FOUND", "stream: OK"
# A file that the antivirus is set not to open to its end, which is no virus.
_NOT_LOOKED_AT = "Heuristics.Limits.Exceeded"


class _NoAnswerError(OSError):
    """It hung up, or said too much."""


@dataclass(frozen=True, slots=True)
class Clamd:
    """The port ``Scanner``. ``address`` is ``tcp://host:port`` or ``unix:///path``; times are in
    seconds, ``wait`` for each step of an exchange."""

    address: str
    connect: float = 5.0
    wait: float = 120.0

    def base(self) -> str | None:
        """Its own version and that of its signatures, None when it does not answer."""
        try:
            with self._connected() as link:
                link.sendall(b"zVERSION\0")
                told = _answer(link)
        except OSError:
            return None
        return told if told.startswith("ClamAV ") else None

    def scan(self, content: BinaryIO) -> Scanned:
        """Look at a content from its beginning. Raises OSError when the content cannot be read."""
        content.seek(0)
        blocks = iter(lambda: content.read(_BLOCK), b"")
        try:
            with self._connected() as link:
                return _verdict(_sent(link, blocks))
        except _ContentError as error:
            raise error.fault from None
        except OSError as error:
            return Scanned(Verdict.UNKNOWN, f"l'antivirus ne répond pas : {_why(error)}")

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        place = urlsplit(self.address)
        if place.scheme == "unix":
            link = socket.socket(socket.AF_UNIX)
            link.settimeout(self.connect)
        else:
            host = place.hostname or ""
            link = socket.create_connection((host, place.port or PORT), self.connect)
        with link:
            if place.scheme == "unix":
                link.connect(place.path)
            link.settimeout(self.wait)
            yield link


class _ContentError(Exception):
    """What is to be looked at cannot be read."""

    def __init__(self, fault: OSError) -> None:
        super().__init__()
        self.fault = fault


def _sent(link: socket.socket, blocks: Iterator[bytes]) -> str:
    try:
        link.sendall(b"zINSTREAM\0")
        while block := _next(blocks):
            link.sendall(len(block).to_bytes(4, "big") + block)
        link.sendall(bytes(4))
    except (BrokenPipeError, ConnectionResetError):
        # It hangs up on what is too long for it, after it said so.
        return _answer(link)
    return _answer(link)


def _next(blocks: Iterator[bytes]) -> bytes:
    try:
        return next(blocks, b"")
    except OSError as error:
        raise _ContentError(error) from error


def _answer(link: socket.socket) -> str:
    told = b""
    while b"\0" not in told:
        block = link.recv(_ANSWER_MAX)
        if not block or len(told) > _ANSWER_MAX:
            raise _NoAnswerError
        told += block
    return told.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _verdict(told: str) -> Scanned:
    if told == _CLEAN:
        return Scanned(Verdict.CLEAN)
    if told.endswith(_FOUND) and told.startswith("stream: "):
        virus = excerpt(told[len("stream: ") : -len(_FOUND)].encode())
        if virus.startswith(_NOT_LOOKED_AT):
            return Scanned(Verdict.UNKNOWN, "l'antivirus est réglé pour ne pas le lire en entier")
        return Scanned(Verdict.FOUND, virus)
    if "size limit exceeded" in told:
        return Scanned(
            Verdict.UNKNOWN, "il dépasse la taille que l'antivirus accepte (StreamMaxLength)"
        )
    return Scanned(Verdict.UNKNOWN, f"l'antivirus répond : {excerpt(told.encode())}")


def _why(error: OSError) -> str:
    return "il a raccroché" if isinstance(error, _NoAnswerError) else reason(error)
