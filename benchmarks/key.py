"""A self-signed RSA-2048 key, worth nothing outside a measurement."""

from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from transmission.clock import SystemClock


def rsa_key(path: Path) -> Path:
    """Write a PEM with the key and its certificate; its path."""
    key = rsa.generate_private_key(65537, 2048)
    now = SystemClock().now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cachet fictif de mesure")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.touch(mode=0o600)
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path
