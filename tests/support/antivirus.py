"""A daemon that speaks ClamAV's protocol on loopback, and recognises what a test says."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

VIRUS = b"X5O!P%@AP-a virus of this test alone"
NAME = "Essai.Virus"


@dataclass
class PlayedClamd:
    """What it knows, what it says instead of looking, and what it was shown."""

    address: str = ""
    version: str = "ClamAV 1.4.2/27500/Mon Mar  6 08:00:00 2023"
    instead: bytes | None = None
    largest: int = 1 << 30
    away: bool = False
    shown: list[bytes] = field(default_factory=list)
    virus: bytes = VIRUS

    def serve(self, link: socket.socket) -> None:
        if self.away:
            return
        stream = link.makefile("rb")
        command = b""
        while not command.endswith(b"\0"):
            command += stream.read(1)
        if command == b"zVERSION\0":
            link.sendall(self.version.encode() + b"\0")
            return
        assert command == b"zINSTREAM\0", command
        content = b""
        while length := int.from_bytes(stream.read(4), "big"):
            content += stream.read(length)
            if len(content) > self.largest:
                link.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.shown.append(content)
        found = f"stream: {NAME} FOUND" if self.virus in content else "stream: OK"
        link.sendall(self.instead if self.instead is not None else found.encode() + b"\0")


@contextmanager
def clamd(path: Path | None = None) -> Iterator[PlayedClamd]:
    """A running daemon, on TCP or on the Unix socket ``path``."""
    played = PlayedClamd()
    listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    listener.bind(str(path) if path else ("127.0.0.1", 0))
    listener.listen()
    played.address = f"unix://{path}" if path else f"tcp://127.0.0.1:{listener.getsockname()[1]}"

    def accept() -> None:
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            with link, suppress(OSError):
                played.serve(link)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield played
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)
