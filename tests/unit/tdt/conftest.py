"""A tiny TLS server that does what a test tells it, and the certificates of both sides."""

import hashlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from transmission.domain.acte import Acte, FichierSigne, Matiere
from transmission.domain.collectivite import TdtAccount
from transmission.domain.identifiers import IdActe, NatureActe
from transmission.ports import Parcel, ParcelDocument
from transmission.tdt.http import HttpsLink
from transmission.tdt.identity import client_context

PASSPHRASE = "phrase secrète"
_LONG_AGO, _LATER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
_PROBE = "/api/test-connexion.php"


# --- certificates ------------------------------------------------------------------------------


class Authority:
    """A certificate authority that nobody knows outside these tests."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = (
            self._builder(self.name, self.key.public_key(), _LATER)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def issue(
        self, name: str, until: datetime = _LATER
    ) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        """A certificate for a host name or an address."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        try:
            alternative: x509.GeneralName = x509.IPAddress(ip_address(name))
        except ValueError:
            alternative = x509.DNSName(name)
        certificate = (
            self._builder(subject, key.public_key(), until)
            .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return certificate, key

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, until: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .issuer_name(self.name)
            .subject_name(subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(_LONG_AGO)
            .not_valid_after(until)
        )


@dataclass(frozen=True)
class Pki:
    """Files of the session: authorities, servers good and bad, one client in every form."""

    folder: Path

    def file(self, name: str) -> str:
        return str(self.folder / name)


def _pem(key: ec.EllipticCurvePrivateKey, encryption: KeySerializationEncryption) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    folder = tmp_path_factory.mktemp("pki")
    ours, theirs = Authority("AC des essais"), Authority("AC inconnue")
    secret = BestAvailableEncryption(PASSPHRASE.encode())

    def write(name: str, content: bytes) -> None:
        (folder / name).write_bytes(content)

    write("ca.pem", ours.certificate.public_bytes(Encoding.PEM))
    write("other-ca.pem", theirs.certificate.public_bytes(Encoding.PEM))
    for name, authority, host, until in (
        ("server.pem", ours, "127.0.0.1", _LATER),
        ("wrong-name.pem", ours, "autre.example", _LATER),
        ("expired.pem", ours, "127.0.0.1", datetime(2001, 1, 1, tzinfo=UTC)),
        ("unknown.pem", theirs, "127.0.0.1", _LATER),
    ):
        certificate, key = authority.issue(host, until)
        write(name, certificate.public_bytes(Encoding.PEM) + _pem(key, NoEncryption()))
    client, key = ours.issue("compte.example")
    stranger, other_key = theirs.issue("compte.example")
    write("client.pem", client.public_bytes(Encoding.PEM))
    write("client.key", _pem(key, NoEncryption()))
    write("client-encrypted.key", _pem(key, secret))
    write("both.pem", client.public_bytes(Encoding.PEM) + _pem(key, NoEncryption()))
    write("client.p12", pkcs12.serialize_key_and_certificates(b"x", key, client, None, secret))
    write(
        "certificate-only.p12",
        pkcs12.serialize_key_and_certificates(b"x", None, client, None, secret),
    )
    write("stranger.pem", stranger.public_bytes(Encoding.PEM) + _pem(other_key, NoEncryption()))
    write("other.key", _pem(other_key, NoEncryption()))
    write("passphrase", PASSPHRASE.encode() + b"\n")
    write("wrong-passphrase", b"autre\n")
    write("password", "mot de passe é\n".encode())
    write("empty", b"")
    return Pki(folder)


# --- the server --------------------------------------------------------------------------------


@dataclass
class Received:
    """A request as it came: ``body`` holds what was read of it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""


class Peer:
    """One connection, as a step of the script sees it."""

    def __init__(self, server: "ScriptedServer", sock: ssl.SSLSocket) -> None:
        self.server = server
        self.sock = sock
        self._buffer = bytearray()

    def read_head(self) -> Received | None:
        while b"\r\n\r\n" not in self._buffer:
            if not self._more():
                return None
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("iso-8859-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        raw = dict(line.split(": ", 1) for line in lines)
        return Received(method, target, headers | {k.lower(): v for k, v in raw.items()})

    def read_body(self, request: Received, limit: int | None = None) -> None:
        wanted = int(request.headers.get("content-length", "0"))
        wanted = wanted if limit is None else min(wanted, limit)
        while len(self._buffer) < wanted and self._more():
            pass
        request.body = bytes(self._buffer[:wanted])
        del self._buffer[:wanted]

    def answer(self, body: bytes, status: str = "200 OK", headers: tuple[str, ...] = ()) -> None:
        lines = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", "")
        self.sock.sendall("\r\n".join(lines).encode() + body)

    def reset(self) -> None:
        """Drop the connection so that the client is told by a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
        self._buffer.clear()

    def _more(self) -> bool:
        block = self.sock.recv(65_536)
        self.server.application_bytes += len(block)
        self._buffer += block
        return bool(block)


Step = Callable[[Peer, Received], None]


@dataclass
class ScriptedServer:
    """Plays one step per request, in order, then the step of the script that is asked for.

    ``requests`` is what it received. The connection test is answered without using a step, unless
    ``scripts_probe``.
    """

    certificate: str
    ca: str
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    steps: list[Step] = field(default_factory=list)
    scripts: dict[str, Step] = field(default_factory=dict)
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    application_bytes: int = 0
    scripts_probe: bool = False
    released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.maximum_version = self.version
        self._context.load_cert_chain(self.certificate)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.load_verify_locations(self.ca)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._open: list[socket.socket] = []
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def posts(self) -> list[Received]:
        return [request for request in self.requests if request.method == "POST"]

    def stop(self) -> None:
        if self.released.is_set():
            return
        self.released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in self._threads)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self.connections += 1
                self._open.append(sock)
                thread = threading.Thread(target=self._serve, args=(sock,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError), closing(sock), self._secured(sock) as secured:
            self._open.append(secured)
            peer = Peer(self, secured)
            while request := peer.read_head():
                self._play(peer, request)

    def _secured(self, sock: socket.socket) -> ssl.SSLSocket:
        return self._context.wrap_socket(sock, server_side=True)

    def _play(self, peer: Peer, request: Received) -> None:
        self.requests.append(request)
        if request.target.startswith(_PROBE) and not self.scripts_probe:
            peer.answer(b"OK")
        elif self.steps:
            self.steps.pop(0)(peer, request)
        else:
            self.scripts[request.target.partition("?")[0].rpartition("/")[2]](peer, request)


StartServer = Callable[..., ScriptedServer]


@pytest.fixture
def start_server(pki: Pki) -> Iterator[StartServer]:
    """Starts servers, by the name of a certificate; all are stopped at the end."""
    started: list[ScriptedServer] = []

    def start(
        certificate: str = "server.pem", version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ) -> ScriptedServer:
        started.append(ScriptedServer(pki.file(certificate), pki.file("ca.pem"), version))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def server(start_server: StartServer) -> ScriptedServer:
    return start_server()


# --- steps -------------------------------------------------------------------------------------


class Steps:
    """The ways of a server, good and bad."""

    @staticmethod
    def says(body: bytes, status: str = "200 OK", *headers: str) -> Step:
        def step(peer: Peer, request: Received) -> None:
            peer.read_body(request)
            peer.answer(body, status, headers)

        return step

    @staticmethod
    def writes(content: bytes) -> Step:
        """Answers raw bytes, then drops the connection without a farewell."""

        def step(peer: Peer, request: Received) -> None:
            peer.read_body(request)
            peer.sock.sendall(content)
            peer.sock.shutdown(socket.SHUT_RDWR)

        return step

    @staticmethod
    def bids_farewell(content: bytes) -> Step:
        """Answers raw bytes, whose end is the proper end of the connection."""

        def step(peer: Peer, request: Received) -> None:
            peer.read_body(request)
            peer.sock.sendall(content)
            peer.sock.unwrap()

        return step

    @staticmethod
    def lists(items: dict[str, list[dict[str, str]]], page: int = 500) -> Step:
        """Answers list_actes: items by status, at most ``page`` at a time."""

        def step(peer: Peer, request: Received) -> None:
            query = dict(parse_qsl(urlsplit(request.target).query))
            offset = int(query["offset"])
            found = items.get(query["status_id"], [])[offset : offset + page]
            peer.answer(json.dumps({"transactions": found}).encode())

        return step

    @staticmethod
    def resets_before_the_body(peer: Peer, request: Received) -> None:
        peer.reset()

    @staticmethod
    def resets_in_the_body(peer: Peer, request: Received) -> None:
        peer.read_body(request, 1_000)
        peer.reset()

    @staticmethod
    def resets_after_the_body(peer: Peer, request: Received) -> None:
        peer.read_body(request)
        peer.reset()

    @staticmethod
    def closes_after_the_body(peer: Peer, request: Received) -> None:
        peer.read_body(request)
        peer.sock.unwrap()

    @staticmethod
    def never_answers(peer: Peer, request: Received) -> None:
        peer.read_body(request)
        peer.server.released.wait(30)
        peer.reset()

    @staticmethod
    def reads_after(seconds: float, body: bytes) -> Step:
        def step(peer: Peer, request: Received) -> None:
            peer.server.released.wait(seconds)
            peer.read_body(request)
            peer.answer(body)

        return step


@pytest.fixture
def steps() -> type[Steps]:
    return Steps


# --- the client --------------------------------------------------------------------------------


class HandClock:
    """Seconds that only a test moves."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hand_clock() -> HandClock:
    return HandClock()


@pytest.fixture
def account(pki: Pki) -> TdtAccount:
    return TdtAccount(
        connector="s2low",
        nom="TdT des essais",
        base_url="https://127.0.0.1",
        certificate_file=pki.file("client.pem"),
        key_file=pki.file("client.key"),
        passphrase_file=None,
        ca_file=pki.file("ca.pem"),
    )


OpenLink = Callable[..., HttpsLink]


@pytest.fixture
def open_link(account: TdtAccount, hand_clock: HandClock) -> OpenLink:
    """Opens links to an address; each closes its connection when it is forgotten."""

    def open_to(
        url: str,
        *,
        account: TdtAccount = account,
        connect_timeout: float = 5.0,
        read_timeout: float = 20.0,
    ) -> HttpsLink:
        return HttpsLink(
            url,
            client_context(account),
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            monotonic=hand_clock,
        )

    return open_to


@pytest.fixture
def archive() -> bytes:
    """Larger than one block."""
    return b"\x1f\x8b" + bytes(range(256)) * 1_200


@pytest.fixture
def parcel(archive: bytes) -> Parcel:
    id_acte = IdActe("042", "123456782", date(2026, 3, 12), "D2026_07", NatureActe.DELIBERATION)
    names = [f"{code}-{id_acte.stem()}_{rank}.pdf" for rank, code in ((1, "99_DE"), (2, "21_RP"))]
    contents = [b"%PDF-1.7 acte", b"%PDF-1.7 annexe"]
    return Parcel(
        message=Acte(
            id_acte,
            Matiere((7, 1)),
            "Vote du tarif de la médiathèque : 3 € l’entrée",
            date(2025, 1, 15),
            FichierSigne(names[0]),
            (FichierSigne(names[1]),),
        ),
        stem=id_acte.stem(),
        archive_name="SLO-EACT--123456782--20260312-1.tar.gz",
        archive_size=len(archive),
        archive_sha256=hashlib.sha256(archive).hexdigest(),
        open_archive=lambda: BytesIO(archive),
        documents=tuple(
            ParcelDocument(name, name[:5], "application/pdf", len(content), None, opener)
            for name, content, opener in zip(
                names, contents, [lambda c=c: BytesIO(c) for c in contents], strict=True
            )
        ),
    )
