"""The authority's signing key and certificate, read from files."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12KeyAndCertificates,
    load_pkcs12,
)

from transmission.domain.collectivite import SigningKey
from transmission.signature import der
from transmission.signature.algorithms import PrivateKey, PublicKey, is_accepted, is_private_key
from transmission.signature.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyFileError,
    KeyMismatchError,
    PassphraseError,
    UnsupportedKeyError,
)

_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the signing key is.

    :param path: PKCS#12 (.p12, .pfx), or PEM with the private key and perhaps certificates.
    :param certificate_path: more certificates, PEM (one or several) or DER (one).
    :param passphrase_file: file whose content, less one final newline, opens the key; UTF-8.
    """

    path: Path
    certificate_path: Path | None = None
    passphrase_file: Path | None = None

    @classmethod
    def of(cls, key: SigningKey) -> Self:
        """The files that the settings of an authority name."""
        return cls(
            Path(key.key_file),
            Path(key.certificate_file) if key.certificate_file else None,
            Path(key.passphrase_file) if key.passphrase_file else None,
        )


@dataclass(frozen=True, slots=True, repr=False)
class SigningIdentity:
    """A private key, the certificate issued for it, and the certificates above."""

    private_key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    def __repr__(self) -> str:
        return f"SigningIdentity({_subject(self.certificate)!r})"

    def check_validity(self, at: datetime) -> None:
        """Judge the certificate at an aware instant, bounds included; the chain is not judged.

        Raises CertificateExpiredError, CertificateNotYetValidError.
        """
        begin, end = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        if begin <= at <= end:
            return
        subject = f"Le certificat de signature « {_subject(self.certificate)} »"
        if at < begin:
            raise CertificateNotYetValidError(
                f"{subject} ne vaut qu'à partir du {_moment(begin)} ; la signature est du "
                f"{_moment(at)}. Attendez cette date ou remettez le certificat précédent."
            )
        raise CertificateExpiredError(
            f"{subject} a expiré le {_moment(end)} ; la signature est du {_moment(at)}. "
            "Installez le certificat renouvelé."
        )


@dataclass(frozen=True, slots=True)
class _Secret:
    """Bytes that no repr shows, so that a traceback printed with its variables stays silent too."""

    value: bytes = field(repr=False)


def load_identity(source: KeySource) -> SigningIdentity:
    """Read and check the signing key, once per process: proving an RSA-2048 key sound takes 40 ms.

    Where several certificates were issued for the key (a renewal), the one that ends last signs.
    Raises KeyFileError, PassphraseError, UnsupportedKeyError, KeyMismatchError.
    """
    passphrase = _read_passphrase(source.passphrase_file) if source.passphrase_file else None
    key, certificates = _read_key(source.path, passphrase)
    if source.certificate_path:
        certificates = [*certificates, *_read_certificates(source.certificate_path)]
    if not is_private_key(key) or not is_accepted(public_key := key.public_key()):
        raise UnsupportedKeyError(
            f"La clé de « {source.path} » n'est ni RSA d'au moins 2048 bits, ni elliptique P-256, "
            "P-384 ou P-521. Demandez un certificat pour une telle clé."
        )
    certificate = _certificate_for(public_key, certificates, source)
    chain = tuple(link for link in dict.fromkeys(certificates) if link != certificate)
    return SigningIdentity(key, certificate, chain)


def _certificate_for(
    key: PublicKey, certificates: Iterable[x509.Certificate], source: KeySource
) -> x509.Certificate:
    issued = [certificate for certificate in certificates if _is_issued_for(key, certificate)]
    if issued:
        return max(issued, key=lambda certificate: certificate.not_valid_after_utc)
    files = " et ".join(f"« {path} »" for path in (source.path, source.certificate_path) if path)
    raise KeyMismatchError(
        f"Aucun certificat de {files} ne correspond à la clé privée. "
        "Déposez le certificat qui a été délivré pour cette clé."
    )


def _is_issued_for(key: PublicKey, certificate: x509.Certificate) -> bool:
    with suppress(*_UNREADABLE):
        return certificate.public_key() == key
    return False


def _read_key(path: Path, passphrase: _Secret | None) -> tuple[object, list[x509.Certificate]]:
    material = _Secret(_read(path, "de clé"))
    if b"-----BEGIN " not in material.value:
        return _read_pkcs12(path, material, passphrase)
    key = _read_pem_key(path, material, passphrase)
    has_certificates = b"CERTIFICATE-----" in material.value
    return key, _parse_certificates(path, material) if has_certificates else []


# The readers below leave `with suppress` before they raise: an error raised inside `except` carries
# the library's own along, and with it whatever that one quotes.


def _read_pem_key(path: Path, material: _Secret, passphrase: _Secret | None) -> object:
    encrypted = b"ENCRYPTED" in material.value
    if encrypted and passphrase is None:
        raise _passphrase_missing(path)
    if passphrase is not None and not encrypted:
        raise PassphraseError(
            f"La clé de « {path} » n'est pas chiffrée alors qu'une phrase de passe est configurée. "
            "Chiffrez la clé, ou retirez le fichier de phrase de passe de la configuration."
        )
    with suppress(*_UNREADABLE):
        return load_pem_private_key(material.value, passphrase.value if passphrase else None)
    raise _passphrase_refused(path) if encrypted else _key_unreadable(path)


def _read_pkcs12(
    path: Path, material: _Secret, passphrase: _Secret | None
) -> tuple[object, list[x509.Certificate]]:
    bundle = _open_pkcs12(path, material, passphrase)
    if bundle.key is None:
        raise _key_unreadable(path)
    own = [bundle.cert] if bundle.cert else []
    return bundle.key, [bag.certificate for bag in (*own, *bundle.additional_certs)]


def _open_pkcs12(
    path: Path, material: _Secret, passphrase: _Secret | None
) -> PKCS12KeyAndCertificates:
    with suppress(*_UNREADABLE):
        return load_pkcs12(material.value, passphrase.value if passphrase else None)
    if not _looks_whole(material):
        raise _key_unreadable(path)
    raise _passphrase_refused(path) if passphrase else _passphrase_missing(path)


def _looks_whole(material: _Secret) -> bool:
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


def _read_passphrase(path: Path) -> _Secret:
    try:
        return _Secret(path.read_bytes().removesuffix(b"\n").removesuffix(b"\r"))
    except OSError as error:
        raise PassphraseError(
            f"Le fichier de phrase de passe « {path} » est illisible ({error.strerror}). "
            "Vérifiez le chemin et les droits."
        ) from error


def _read_certificates(path: Path) -> list[x509.Certificate]:
    return _parse_certificates(path, _Secret(_read(path, "de certificat")))


def _parse_certificates(path: Path, material: _Secret) -> list[x509.Certificate]:
    with suppress(*_UNREADABLE):
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


def _subject(certificate: x509.Certificate) -> str:
    with suppress(ValueError):
        return certificate.subject.rfc4514_string()
    return f"numéro de série {certificate.serial_number:x}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d/%m/%Y à %H:%M:%S} UTC"
