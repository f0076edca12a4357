"""The préfecture of a bench; a signing key, and the verdict of openssl on what it signed."""

import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.bench import Bench
from tests.support.prefecture import Prefecture, letter
from tests.support.scene import START, pdf
from transmission.domain.collectivite import SigningKey
from transmission.domain.transmission import KeptCourrier
from transmission.services.files import DepositedFile

Verify = Callable[[bytes, bytes], bool]
Give = Callable[..., list[DepositedFile]]
Open = Callable[[str], KeptCourrier]


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cachet de Saint-Exemple")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START - timedelta(days=1))
        .not_valid_after(START + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )


@pytest.fixture
def prefecture(bench: Bench) -> Prefecture:
    """The State's side of the bench."""
    return Prefecture(bench)


@pytest.fixture
def give(tmp_path: Path) -> Give:
    """Files with these contents, and these typologies."""

    def given(*contents: bytes, codes: tuple[str | None, ...] = ()) -> list[DepositedFile]:
        files = []
        for rank, content in enumerate(contents or (pdf("Réponse"),)):
            path = tmp_path / f"reponse-{rank}.bin"
            path.write_bytes(content)
            code = codes[rank] if codes else None
            files.append(DepositedFile(path, f"réponse {rank}.pdf", code))
        return files

    return given


@pytest.fixture
def thread(bench: Bench, prefecture: Prefecture) -> Open:
    """Opens a thread under a new act."""
    bench.classified()

    def opened(code: str) -> KeptCourrier:
        acte = bench.acknowledged()
        prefecture.sends(letter(code, acte.id_acte), reference="812")
        return bench.letters(acte.acte_id)[-1]

    return opened


@pytest.fixture
def signing_key(tmp_path: Path) -> SigningKey:
    """A key valid for a month from the day of the scene."""
    key = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "cachet.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + _certificate(key).public_bytes(Encoding.PEM)
    )
    return SigningKey(str(path))


@pytest.fixture
def verified(tmp_path: Path, signing_key: SigningKey) -> Verify:
    """Whether openssl finds a detached signature (PEM or DER) right for a content."""

    def verify(signature: bytes, content: bytes) -> bool:
        signed, document = tmp_path / "signature", tmp_path / "content"
        signed.write_bytes(signature)
        document.write_bytes(content)
        form = "PEM" if signature.startswith(b"-----BEGIN") else "DER"
        command = [
            "openssl", "cms", "-verify", "-binary", "-inform", form, "-in", str(signed),
            "-content", str(document), "-CAfile", signing_key.key_file, "-purpose", "any",
            "-attime", str(int(START.timestamp())), "-out", os.devnull,
        ]  # fmt: skip
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0

    return verify
