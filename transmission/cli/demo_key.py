"""A self-signed key for the demonstration, worth nothing outside it."""

import secrets
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from transmission.clock import SystemClock


def demonstration_key(folder: Path, name: str) -> tuple[Path, Path]:
    """Paths of a PKCS#12 and of the file of its passphrase, made at the first call."""
    folder.mkdir(exist_ok=True, mode=0o700)
    key_file, passphrase_file = folder / "cachet.p12", folder / "cachet.passphrase"
    if not key_file.exists():
        passphrase = secrets.token_urlsafe(24)
        passphrase_file.write_text(passphrase, encoding="ascii")
        passphrase_file.chmod(0o600)
        key_file.write_bytes(_pkcs12(name, passphrase))
        key_file.chmod(0o600)
    return key_file, passphrase_file


def _pkcs12(name: str, passphrase: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    now = SystemClock().now()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Cachet fictif {name}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    encryption = BestAvailableEncryption(passphrase.encode())
    return pkcs12.serialize_key_and_certificates(None, key, certificate, None, encryption)
