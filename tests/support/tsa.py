"""An authority of time on loopback: ``openssl ts`` behind HTTP, honest or as a test spoils it.

Its root and keys are made once for all tests; each authority counts its own serial numbers.
"""

import datetime as dt
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

POLICY = "1.3.6.1.4.1.99999.1"
BEGIN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
END = dt.datetime(2120, 1, 1, tzinfo=dt.UTC)
STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)

_CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/chain.pem
signer_digest = sha256
default_policy = {policy}
digests = sha256
accuracy = secs:1
ess_cert_id_alg = {ess}
"""


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Horodatage d'essai"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


@cache
def key(rank: int = 0) -> ec.EllipticCurvePrivateKey:
    """A key made once; 0 is the root's, 1 the intermediate's, 2 the authority's."""
    del rank
    return ec.generate_private_key(ec.SECP256R1())


@cache
def root(common_name: str = "Racine d'horodatage", rank: int = 0) -> x509.Certificate:
    """A root of all times, self-signed."""
    return _certificate(_name(common_name), key(rank), _name(common_name), key(rank), ca=True)


@cache
def intermediate() -> x509.Certificate:
    """What issues the certificates of the authorities of time."""
    return _certificate(_name("Autorité d'horodatage"), key(1), root().subject, key(0), ca=True)


def tsa_certificate(
    begin: dt.datetime = BEGIN,
    end: dt.datetime = END,
    usages: tuple[x509.ObjectIdentifier, ...] = STAMPING,
    *,
    critical: bool = True,
) -> x509.Certificate:
    """A certificate of the key 2, to stamp times unless a test says otherwise."""
    return _certificate(
        _name("Unité d'horodatage 1"),
        key(2),
        intermediate().subject,
        key(1),
        begin=begin,
        end=end,
        usage=x509.ExtendedKeyUsage(usages) if usages else None,
        critical=critical,
    )


def _certificate(
    subject: x509.Name,
    own: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool = False,
    begin: dt.datetime = BEGIN,
    end: dt.datetime = END,
    usage: x509.ExtendedKeyUsage | None = None,
    critical: bool = True,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if usage is not None:
        builder = builder.add_extension(usage, critical=critical)
    return builder.sign(issuer_key, hashes.SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    """Certificates one after the other."""
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


class OpensslTsa:
    """``openssl ts -reply`` over a folder of its own."""

    def __init__(
        self,
        folder: Path,
        certificate: x509.Certificate | None = None,
        *,
        policy: str = POLICY,
        ess: str = "sha256",
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.certificate = certificate or tsa_certificate()
        self.roots_file = folder / "roots.pem"
        self.roots_file.write_bytes(pem(root()))
        (folder / "tsa.pem").write_bytes(pem(self.certificate))
        (folder / "chain.pem").write_bytes(pem(intermediate()))
        (folder / "tsa.key").write_bytes(
            key(2).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (folder / "serial").write_text("1000\n")
        (folder / "tsa.cnf").write_text(
            _CONFIGURATION.format(folder=folder, policy=policy, ess=ess), encoding="utf-8"
        )
        self._turn = threading.Lock()

    def answer(self, request: bytes) -> bytes:
        """A TimeStampResp (DER) to a TimeStampReq (DER)."""
        with self._turn:
            query, reply = self.folder / "query.tsq", self.folder / "reply.tsr"
            query.write_bytes(request)
            reply.unlink(missing_ok=True)
            self._openssl("-reply", "-config", self.folder / "tsa.cnf", "-queryfile", query,
                          "-out", reply)  # fmt: skip
            return reply.read_bytes()

    def token(self, digest: bytes) -> bytes:
        """A TimeStampToken (DER) over a SHA-256 digest, without a nonce."""
        query, token = self.folder / "own.tsq", self.folder / "own.tst"
        self._openssl("-query", "-digest", digest.hex(), "-sha256", "-cert", "-out", query)
        reply = self.folder / "own.tsr"
        reply.write_bytes(self.answer(query.read_bytes()))
        self._openssl("-reply", "-in", reply, "-token_out", "-out", token)
        return token.read_bytes()

    def accepts(self, token: bytes, digest: bytes) -> bool:
        """Whether ``openssl ts -verify`` finds a token right for a digest."""
        shown = self.folder / "shown.tst"
        shown.write_bytes(token)
        command = [
            "openssl", "ts", "-verify", "-digest", digest.hex(), "-token_in", "-in", str(shown),
            "-CAfile", str(self.roots_file), "-untrusted", str(self.folder / "chain.pem"),
        ]  # fmt: skip
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0

    def _openssl(self, *arguments: object) -> None:
        command = ["openssl", "ts", *map(str, arguments)]
        made = subprocess.run(command, capture_output=True, check=False, timeout=60)
        # A refusal is written as a reply too, and says so.
        assert made.returncode == 0 or (self.folder / "reply.tsr").exists(), made.stderr.decode()


@dataclass
class Asked:
    """A request as it came."""

    body: bytes
    headers: dict[str, str]


@dataclass
class ServedTsa:
    """An authority that listens: its address, what it was asked, what it answers.

    ``answer`` makes the bytes of an answer of a request's; ``status`` and ``headers`` are those of
    HTTP. A test may change each at any moment.
    """

    address: str
    answer: Callable[[bytes], bytes]
    status: int = 200
    headers: dict[str, str] = field(
        default_factory=lambda: {"Content-Type": "application/timestamp-reply"}
    )
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def served(answer: Callable[[bytes], bytes]) -> Iterator[ServedTsa]:
    """Whatever answers, over HTTP on loopback; its threads are gone at the end."""
    told: list[ServedTsa] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            told[0].asked.append(Asked(body, dict(self.headers.items())))
            content = told[0].answer(body)
            self.send_response(told[0].status)
            for name, value in told[0].headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                # Whoever asked had enough.
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # Its threads are waited for: none outlives the test.
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    told.append(ServedTsa(f"http://127.0.0.1:{server.server_address[1]}/tsa", answer))
    try:
        yield told[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
