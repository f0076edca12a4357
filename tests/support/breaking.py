"""A front before a TdT, which speaks TLS both ways and breaks what goes through it, to the byte.

What has left is what the TdT has got: a request that is cut is given to it up to its last byte.
"""

import os
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from tests.support.scene import Scene
from transmission.mocktdt.pki import CertificateAuthority, Identity

Place = Callable[[int, int], int]
"""From the length of the head and of the whole, how many bytes pass."""

_PATIENCE = 20


class Way(Enum):
    """How a connection ends before its time."""

    RESET = "a reset of TCP"
    FAREWELL = "an end of TLS in good form"
    SILENCE = "an end of TCP, without that of TLS"


@dataclass(frozen=True)
class CutRequest:
    """A posting of which so many bytes arrive; all of them: no answer comes."""

    place: Place
    way: Way = Way.RESET


@dataclass(frozen=True)
class CutAnswer:
    """An answer of which so many bytes come back, after the TdT has done its work."""

    place: Place
    way: Way = Way.RESET


@dataclass(frozen=True)
class Instead:
    """Another answer than that of the TdT, which has done its work; slowly: byte by byte."""

    content: bytes
    slowly: float = 0.0


Break = CutRequest | CutAnswer | Instead

REQUEST: dict[str, Place] = {
    "before its first byte": lambda head, whole: 0,
    "in its first line": lambda head, whole: 10,
    "in its headers": lambda head, whole: head // 2,
    "in its blank line": lambda head, whole: head - 1,
    "between headers and body": lambda head, whole: head,
    "after the first byte of the body": lambda head, whole: head + 1,
    "in the middle of the body": lambda head, whole: (head + whole) // 2,
    "before its last byte": lambda head, whole: whole - 1,
    "after its last byte": lambda head, whole: whole,
}
"""Classes of places in a request."""

ANSWER: dict[str, Place] = {
    name: REQUEST[name]
    for name in REQUEST
    if name not in ("before its first byte", "after its last byte")
}
"""The same in an answer; before its first byte is after the last of the request."""

HELLOS: dict[str, float] = {
    "before the first byte of TLS": 0.0,
    "in the first flight of TLS": 0.5,
    "after the first flight of TLS": 1.0,
}
"""Classes of places in the making of a connection: how much of its own flight a server sends."""


@dataclass
class Front:
    """``plan`` is what befalls the next postings, in order; None lets one pass."""

    upstream: tuple[str, int]
    context: ssl.SSLContext
    folder: Path
    plan: deque[Break | None] = field(default_factory=deque)
    connections: int = 0
    posts: int = 0
    _cut_hello: float | None = None
    _open: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.authority = CertificateAuthority()
        self.ca_file = self.folder / "front-ca.pem"
        self.ca_file.write_bytes(self.authority.pem)
        self.present(self.authority.server(("127.0.0.1",)))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self._begin(self._accept)

    def present(self, identity: Identity) -> None:
        """Show that certificate from the next connection on."""
        path = self.folder / f"front-{os.urandom(4).hex()}.pem"
        path.write_bytes(identity.certificate + identity.key)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # As S²LOW. In TLS 1.3 a client has made its connection once it has the first flight.
        server.maximum_version = ssl.TLSVersion.TLSv1_2
        server.load_cert_chain(path)
        self._server = server

    def cut_next_connection(self, flight: float) -> None:
        """End every connection in good form; break the making of the next one."""
        self._cut_hello = flight
        self.hang_up()

    def hang_up(self) -> None:
        """End every connection."""
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(_PATIENCE)
        assert not any(thread.is_alive() for thread in self._threads)

    def _begin(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        self._threads.append(threading.Thread(target=work, args=arguments))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                self.connections += 1
                plain.settimeout(_PATIENCE)
                self._begin(self._serve, plain)

    def _serve(self, plain: socket.socket) -> None:
        with plain, suppress(OSError):
            flight, self._cut_hello = self._cut_hello, None
            if flight is not None:
                self._break_hello(plain, flight)
                return
            with ExitStack() as stack:
                near = stack.enter_context(self._server.wrap_socket(plain, server_side=True))
                bare = stack.enter_context(socket.create_connection(self.upstream, _PATIENCE))
                far = stack.enter_context(self.context.wrap_socket(bare))
                self._open += [near, far]
                while self._relayed(near, far):
                    pass

    def _break_hello(self, plain: socket.socket, flight: float) -> None:
        if flight:
            said, ours = ssl.MemoryBIO(), ssl.MemoryBIO()
            session = self._server.wrap_bio(said, ours, server_side=True)
            said.write(plain.recv(65_536))
            with suppress(ssl.SSLWantReadError):
                session.do_handshake()
            first = ours.read()
            plain.sendall(first[: int(len(first) * flight)])
        _reset(plain)

    def _relayed(self, near: ssl.SSLSocket, far: ssl.SSLSocket) -> bool:
        """Whether one exchange went through, and another may."""
        begun = _head_of(near)
        if not begun:
            return False
        chosen = None
        if begun.startswith(b"POST "):
            self.posts += 1
            chosen = self.plan.popleft() if self.plan else None
        head, whole = _lengths(begun)
        given = chosen.place(head, whole) if isinstance(chosen, CutRequest) else whole
        passed = 0
        while passed < given:
            begun = begun or near.recv(65_536)
            if not begun:
                return False
            passing = begun[: given - passed]
            far.sendall(passing)
            passed, begun = passed + len(passing), b""
        if isinstance(chosen, CutRequest):
            if given == whole:
                _answer_of(far)
            _end(far, Way.RESET)
            _end(near, chosen.way)
            return False
        answer = _answer_of(far)
        match chosen:
            case CutAnswer(place, way):
                near.sendall(answer[: place(*_lengths(answer))])
                _end(near, way)
                return False
            case Instead(content, slowly):
                _send(near, content, slowly)
                _end(near, Way.FAREWELL)
                return False
        near.sendall(answer)
        return True


def _head_of(source: ssl.SSLSocket) -> bytes:
    begun = b""
    while b"\r\n\r\n" not in begun:
        block = source.recv(65_536)
        if not block:
            return b""
        begun += block
    return begun


def _lengths(begun: bytes) -> tuple[int, int]:
    head = begun.index(b"\r\n\r\n") + 4
    lengths = [
        int(line.partition(b":")[2])
        for line in begun[:head].split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    return head, head + sum(lengths)


def _answer_of(far: ssl.SSLSocket) -> bytes:
    answer = _head_of(far)
    _, whole = _lengths(answer)
    while len(answer) < whole:
        block = far.recv(65_536)
        assert block, "the TdT cut its own answer"
        answer += block
    return answer


def _send(near: ssl.SSLSocket, content: bytes, slowly: float) -> None:
    if not slowly:
        near.sendall(content)
        return
    waiting = threading.Event()
    for rank in range(len(content)):
        near.sendall(content[rank : rank + 1])
        waiting.wait(slowly)


def _end(sock: ssl.SSLSocket, way: Way) -> None:
    with suppress(OSError):
        if way is Way.RESET:
            _reset(sock)
        elif way is Way.FAREWELL:
            sock.settimeout(0.2)
            sock.unwrap()
        else:
            sock.shutdown(socket.SHUT_RDWR)


def _reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


@contextmanager
def front_of(scene: Scene) -> Iterator[Front]:
    """A front before the mock of a scene, whose authority then goes through it."""
    with scene.tools.register() as unit:
        owner = unit.authority(scene.authority_id).collectivite
        host, _, port = owner.tdt.base_url.removeprefix("https://").partition(":")
        context = ssl.create_default_context(cafile=owner.tdt.ca_file)
        context.check_hostname = False
        context.load_cert_chain(owner.tdt.certificate_file, owner.tdt.key_file)
        front = Front((host, int(port)), context, scene.folder)
        account = replace(owner.tdt, base_url=front.url, ca_file=str(front.ca_file))
        unit.replace_authority(replace(owner, tdt=account))
        unit.commit()
    try:
        yield front
    finally:
        front.stop()
