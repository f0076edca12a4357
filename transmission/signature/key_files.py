"""What a file of keys, of certificates or of a passphrase holds; nothing of it is ever shown."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12KeyAndCertificates,
    load_pkcs12,
)

from transmission.signature import der
from transmission.signature.errors import KeyFileError, PassphraseError

UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)
"""What the library raises for a key or a certificate that it cannot read."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Bytes that no repr shows, so that a traceback printed with its variables stays silent too."""

    value: bytes = field(repr=False)


def read_key(path: Path, passphrase: Secret | None) -> tuple[object, list[x509.Certificate]]:
    """The private key of a PKCS#12 or a PEM, and the certificates beside it.

    Raises KeyFileError, PassphraseError.
    """
    material = Secret(_read(path, "de clé"))
    if b"-----BEGIN " not in material.value:
        return _read_pkcs12(path, material, passphrase)
    key = _read_pem_key(path, material, passphrase)
    has_certificates = b"CERTIFICATE-----" in material.value
    return key, _parse_certificates(path, material) if has_certificates else []


# The readers below leave `with suppress` before they raise: an error raised inside `except` carries
# the library's own along, and with it whatever that one quotes.


def _read_pem_key(path: Path, material: Secret, passphrase: Secret | None) -> object:
    encrypted = b"ENCRYPTED" in material.value
    if encrypted and passphrase is None:
        raise _passphrase_missing(path)
    if passphrase is not None and not encrypted:
        raise PassphraseError(
            f"La clé de « {path} » n'est pas chiffrée alors qu'une phrase de passe est configurée. "
            "Chiffrez la clé, ou retirez le fichier de phrase de passe de la configuration."
        )
    with suppress(*UNREADABLE):
        return load_pem_private_key(material.value, passphrase.value if passphrase else None)
    raise _passphrase_refused(path) if encrypted else _key_unreadable(path)


def _read_pkcs12(
    path: Path, material: Secret, passphrase: Secret | None
) -> tuple[object, list[x509.Certificate]]:
    bundle = _open_pkcs12(path, material, passphrase)
    if bundle.key is None:
        raise _key_unreadable(path)
    own = [bundle.cert] if bundle.cert else []
    return bundle.key, [bag.certificate for bag in (*own, *bundle.additional_certs)]


def _open_pkcs12(
    path: Path, material: Secret, passphrase: Secret | None
) -> PKCS12KeyAndCertificates:
    with suppress(*UNREADABLE):
        return load_pkcs12(material.value, passphrase.value if passphrase else None)
    if not _looks_whole(material):
        raise _key_unreadable(path)
    raise _passphrase_refused(path) if passphrase else _passphrase_missing(path)


def _looks_whole(material: Secret) -> bool:
    """The library has one error for a wrong passphrase and a damaged file; the frame tells."""
    with suppress(der.DerError):
        der.read_one(material.value, der.SEQUENCE)
        return True
    return False


def _passphrase_missing(path: Path) -> PassphraseError:
    return PassphraseError(
        f"La clé de « {path} » est protégée et aucune phrase de passe n'est configurée. "
        "Indiquez le fichier qui la contient."
    )


def _passphrase_refused(path: Path) -> PassphraseError:
    return PassphraseError(
        f"La phrase de passe n'ouvre pas « {path} ». Vérifiez le fichier de phrase de passe "
        "(une seule ligne, en UTF-8) ou redéposez la clé."
    )


def _key_unreadable(path: Path) -> KeyFileError:
    return KeyFileError(
        f"« {path} » ne contient pas de clé privée lisible. "
        "Déposez un fichier PKCS#12 (.p12, .pfx) ou une clé au format PEM."
    )


def read_passphrase(path: Path) -> Secret:
    """The content of a file, less one final newline. Raises PassphraseError."""
    try:
        return Secret(path.read_bytes().removesuffix(b"\n").removesuffix(b"\r"))
    except OSError as error:
        raise PassphraseError(
            f"Le fichier de phrase de passe « {path} » est illisible ({error.strerror}). "
            "Vérifiez le chemin et les droits."
        ) from error


def read_certificates(path: Path) -> list[x509.Certificate]:
    """The certificates of a file, PEM (one or several) or DER (one). Raises KeyFileError."""
    return _parse_certificates(path, Secret(_read(path, "de certificat")))


def _parse_certificates(path: Path, material: Secret) -> list[x509.Certificate]:
    with suppress(*UNREADABLE):
        if b"-----BEGIN " in material.value:
            return x509.load_pem_x509_certificates(material.value)
        return [x509.load_der_x509_certificate(_without_blank_lines(material.value))]
    raise KeyFileError(
        f"« {path} » ne contient pas de certificat lisible. "
        "Déposez un certificat au format PEM ou DER."
    )


def _without_blank_lines(content: bytes) -> bytes:
    """DER less the blanks around it, its end read and not guessed: a last octet may look blank."""
    content = content.lstrip()
    encoded = der.Reader(content).take(der.SEQUENCE).encoded
    if content[len(encoded) :].strip():
        raise der.DerError("des octets suivent le certificat")
    return encoded


def _read(path: Path, kind: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyFileError(
            f"Le fichier {kind} « {path} » est illisible ({error.strerror}). "
            "Vérifiez le chemin et les droits."
        ) from error
