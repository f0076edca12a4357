"""The seal of the service itself, for what it seals when an authority has no key."""

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from transmission.domain.collectivite import SigningKey
from transmission.signature.errors import KeyFileError

_FILE: Final = "cachet.pem"
_NAME: Final = "Cachet du service de transmission"
_DAY: Final = timedelta(days=1)
_LASTS: Final = 3650 * _DAY


class OwnSeal:
    """The key that was chosen; without one, a key of its own, made at the first need.

    What is made there proves that nothing changed since, not who made it: nobody vouches for it.
    """

    def __init__(self, folder: Path, chosen: SigningKey | None = None) -> None:
        self._folder = folder
        self._chosen = chosen

    def known(self) -> SigningKey | None:
        """Where the key is, None while none was chosen nor made."""
        path = self._folder / _FILE
        return self._chosen or (SigningKey(str(path)) if path.exists() else None)

    def key(self, at: datetime) -> SigningKey:
        """Where the key is, made at that instant if it has to be. Raises KeyFileError."""
        if self._chosen is not None:
            return self._chosen
        path = self._folder / _FILE
        try:
            if not path.exists():
                _make(path, at)
        except OSError as error:
            raise KeyFileError(
                f"Le cachet du service ne peut pas être créé dans « {self._folder} » "
                f"({error.strerror}). Donnez au service le droit d'y écrire, ou nommez un cachet "
                "par TRANSMISSION_SEAL_KEY."
            ) from error
        return SigningKey(str(path))


def _make(path: Path, at: datetime) -> None:
    """Write a new key (P-256) and its certificate, unless another process was first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f"{_FILE}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_key_and_certificate(at))
            file.flush()
            os.fsync(file.fileno())
        _link(aside, path)
    finally:
        aside.unlink()


def _link(aside: Path, path: Path) -> None:
    try:
        os.link(aside, path)
    except FileExistsError:
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _key_and_certificate(at: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _DAY)
        .not_valid_after(at + _LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return written + certificate.public_bytes(Encoding.PEM)
