"""A small authority of our own: root, intermediate, and signers for every kind of key."""

import datetime as dt
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from transmission.signature.keys import KeySource, SigningIdentity, load_identity

BEGIN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
END = dt.datetime(2028, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
SIGNED_AT = dt.datetime(2026, 3, 10, 9, 30, 15, tzinfo=dt.UTC)

GENERATORS: dict[str, Callable[[], Any]] = {
    "rsa-1024": lambda: rsa.generate_private_key(65537, 1024),
    "rsa-2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa-3072": lambda: rsa.generate_private_key(65537, 3072),
    "p-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "p-224": lambda: ec.generate_private_key(ec.SECP224R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


def name(common_name: str, organization: str = "Commune de Saint-Exemple") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


@dataclass(frozen=True)
class Authority:
    """A root, kept apart as trust anchor, and the intermediate that issues."""

    root: x509.Certificate
    intermediate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    file: Path

    def issue(
        self,
        key: Any,
        *,
        subject: x509.Name | None = None,
        begin: dt.datetime = BEGIN,
        end: dt.datetime = END,
        serial: int | None = None,
    ) -> x509.Certificate:
        subject = subject or name("Cachet électronique de la mairie", "Saint-Exemple-l'Évêque")
        usage = {field: field in USAGES for field in ALL_USAGES}
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.intermediate.subject)
            .public_key(key.public_key())
            .serial_number(serial or x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )


USAGES = {"digital_signature", "content_commitment"}
ALL_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _authority_certificate(
    subject: x509.Name, key: Any, issuer: x509.Name, issuer_key: Any
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGIN - dt.timedelta(days=3650))
        .not_valid_after(END + dt.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    root_key, key = GENERATORS["p-256"](), GENERATORS["p-256"]()
    root_name, issuer_name = name("Racine d'essai"), name("Autorité d'essai")
    root = _authority_certificate(root_name, root_key, root_name, root_key)
    intermediate = _authority_certificate(issuer_name, key, root_name, root_key)
    file = tmp_path_factory.mktemp("authority") / "root.pem"
    file.write_bytes(root.public_bytes(Encoding.PEM))
    return Authority(root, intermediate, key, file)


@pytest.fixture(scope="session")
def latin_1_certificate(authority: Authority, private_key: Callable[[str], Any]) -> bytes:
    """DER for the P-256 key, its names in T61String and Latin-1 as older authorities wrote them.

    Patched after issue, so the authority's signature on it is wrong; nobody here looks at it.
    """
    key, plain = private_key("p-256"), name("Mairie de XXXXX")
    namesake = _authority_certificate(plain, key, plain, key)
    issuer = Authority(authority.root, namesake, key, authority.file)
    encoded = issuer.issue(key, subject=plain).public_bytes(Encoding.DER)
    utf_8, latin_1 = b"\x0c\x0fMairie de XXXXX", b"\x14\x0fMairie de L\xe9vis"
    assert encoded.count(utf_8) == 2
    return encoded.replace(utf_8, latin_1)


@pytest.fixture(scope="session")
def private_key() -> Callable[[str], Any]:
    """Keys by kind ("rsa-2048", "p-256"…), made once: an RSA key takes a good while."""
    return cache(lambda kind: GENERATORS[kind]())


def pem_of(key: Any) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="session")
def pem() -> Callable[[Any], bytes]:
    return pem_of


@dataclass(frozen=True)
class Signer:
    """One signer on disk, as openssl wants it, and loaded, as we do."""

    key_file: Path
    certificate_file: Path
    chain_file: Path
    identity: SigningIdentity


@pytest.fixture(scope="session")
def signer(
    authority: Authority,
    private_key: Callable[[str], Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Signer]:
    """Signers by kind of key, their certificate issued by the intermediate of `authority`."""

    @cache
    def make(kind: str) -> Signer:
        folder = tmp_path_factory.mktemp(kind)
        certificate = authority.issue(private_key(kind)).public_bytes(Encoding.PEM)
        chain = authority.intermediate.public_bytes(Encoding.PEM)
        files = [folder / "key.pem", folder / "certificate.pem", folder / "chain.pem"]
        for file, content in zip(
            files, (pem_of(private_key(kind)), certificate, chain), strict=True
        ):
            file.write_bytes(content)
        together = folder / "certificates.pem"
        together.write_bytes(certificate + chain)
        return Signer(*files, load_identity(KeySource(files[0], certificate_path=together)))

    return make


@pytest.fixture(scope="session")
def openssl() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs the openssl program; it must succeed unless `check=False`."""

    def run(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        result = subprocess.run(
            ["openssl", *map(str, arguments)],
            capture_output=True,
            check=False,
            timeout=60,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )
        assert result.returncode == 0 or not check, result.stderr.decode()
        return result

    return run


@pytest.fixture(scope="session")
def signed_at() -> dt.datetime:
    """An instant at which every ordinary certificate of these tests is valid."""
    return SIGNED_AT


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "deliberation.pdf"
    path.write_bytes(b"%PDF-1.7\r\nLe conseil municipal \xe9tait r\xe9uni\n\x00\x1a" * 400)
    return path
