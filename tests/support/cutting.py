"""A front in clear before a service of ours, which cuts connections to the byte."""

import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_PATIENCE = 20


@dataclass(frozen=True)
class Cut:
    """How many bytes pass each way before a connection ends; None lets everything pass."""

    request: int | None = None
    answer: int | None = None


@dataclass
class CuttingFront:
    """``plan`` is what befalls the next connections, in order; the others pass."""

    upstream: tuple[str, int]
    plan: deque[Cut] = field(default_factory=deque)
    connections: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)
    _open: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._begin(self._accept)

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_PATIENCE)
        for each in self._open:
            each.close()
        assert not any(thread.is_alive() for thread in self._threads)

    def _begin(self, work: object, *arguments: object) -> None:
        self._threads.append(threading.Thread(target=work, args=arguments))  # type: ignore[arg-type]
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.connections += 1
                cut = self.plan.popleft() if self.plan else Cut()
                far = socket.create_connection(self.upstream, _PATIENCE)
                self._open += [near, far]
                for side in (near, far):
                    side.settimeout(_PATIENCE)
                self._begin(_relay, near, far, cut.request)
                self._begin(_relay, far, near, cut.answer)


def _relay(source: socket.socket, target: socket.socket, left: int | None) -> None:
    with suppress(OSError):
        while block := source.recv(65_536):
            if left is not None and len(block) >= left:
                target.sendall(block[:left])
                break
            left = None if left is None else left - len(block)
            target.sendall(block)
        else:
            target.shutdown(socket.SHUT_WR)
            return
        for side in (source, target):
            side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            side.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting_front(url: str) -> Iterator[CuttingFront]:
    """A front before the service of an address."""
    address = urlsplit(url)
    front = CuttingFront((address.hostname or "", address.port or 0))
    try:
        yield front
    finally:
        front.stop()
