"""The authority's signing key and certificate, read from files."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from transmission.domain.collectivite import SigningKey
from transmission.signature.algorithms import PrivateKey, PublicKey, is_accepted, is_private_key
from transmission.signature.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    KeyFileError,
    KeyMismatchError,
    UnsupportedKeyError,
)
from transmission.signature.key_files import (
    UNREADABLE,
    read_certificates,
    read_key,
    read_passphrase,
)


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
        """The files that the settings of an authority name. Raises KeyFileError without any."""
        if key.key_file is None:
            raise KeyFileError(
                "Aucun fichier de clé n'est nommé. Donnez key_file, ou module_file si la clé est "
                "dans un matériel."
            )
        return cls(
            Path(key.key_file),
            Path(key.certificate_file) if key.certificate_file else None,
            Path(key.passphrase_file) if key.passphrase_file else None,
        )


class HardwareKey(Protocol):
    """A private key that signs where it is, and never leaves."""

    def sign(self, content: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        """RSA PKCS#1 v1.5, or the DER of ECDSA. Raises SignatureError."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class SigningIdentity:
    """A private key, the certificate issued for it, and the certificates above."""

    private_key: PrivateKey | HardwareKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    def __repr__(self) -> str:
        return f"SigningIdentity({subject_of(self.certificate)!r})"

    @property
    def public_key(self) -> PublicKey:
        """That of the certificate. Raises UnsupportedKeyError."""
        return public_key_of(self.certificate)

    def sign(self, content: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
        """Signature of a content: RSA PKCS#1 v1.5, or the DER of ECDSA. Raises SignatureError."""
        key = self.private_key
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(content, padding.PKCS1v15(), algorithm)
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(content, ec.ECDSA(algorithm))
        return key.sign(content, algorithm)

    def check_validity(self, at: datetime) -> None:
        """Judge the certificate at an aware instant, bounds included; the chain is not judged.

        Raises CertificateExpiredError, CertificateNotYetValidError.
        """
        begin, end = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        if begin <= at <= end:
            return
        subject = f"Le certificat de signature « {subject_of(self.certificate)} »"
        if at < begin:
            raise CertificateNotYetValidError(
                f"{subject} ne vaut qu'à partir du {_moment(begin)} ; la signature est du "
                f"{_moment(at)}. Attendez cette date ou remettez le certificat précédent."
            )
        raise CertificateExpiredError(
            f"{subject} a expiré le {_moment(end)} ; la signature est du {_moment(at)}. "
            "Installez le certificat renouvelé."
        )


def load_identity(source: KeySource) -> SigningIdentity:
    """Read and check the signing key, once per process: proving an RSA-2048 key sound takes 40 ms.

    Where several certificates were issued for the key (a renewal), the one that ends last signs.
    Raises KeyFileError, PassphraseError, UnsupportedKeyError, KeyMismatchError.
    """
    passphrase = read_passphrase(source.passphrase_file) if source.passphrase_file else None
    key, certificates = read_key(source.path, passphrase)
    if source.certificate_path:
        certificates = [*certificates, *read_certificates(source.certificate_path)]
    if not is_private_key(key) or not is_accepted(public_key := key.public_key()):
        raise UnsupportedKeyError(
            f"La clé de « {source.path} » n'est ni RSA d'au moins 2048 bits, ni elliptique P-256, "
            "P-384 ou P-521. Demandez un certificat pour une telle clé."
        )
    certificate = _certificate_for(public_key, certificates, source)
    chain = tuple(link for link in dict.fromkeys(certificates) if link != certificate)
    return SigningIdentity(key, certificate, chain)


def public_key_of(certificate: x509.Certificate) -> PublicKey:
    """The key that a certificate was issued for. Raises UnsupportedKeyError."""
    key = certificate.public_key()
    if is_accepted(key):
        return key
    raise UnsupportedKeyError(
        f"La clé du certificat « {subject_of(certificate)} » n'est ni RSA d'au moins 2048 bits, ni "
        "elliptique P-256, P-384 ou P-521. Demandez un certificat pour une telle clé."
    )


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
    with suppress(*UNREADABLE):
        return certificate.public_key() == key
    return False


def subject_of(certificate: x509.Certificate) -> str:
    """What a certificate says of itself (RFC 4514), its serial number when it is not readable."""
    with suppress(ValueError):
        return certificate.subject.rfc4514_string()
    return f"numéro de série {certificate.serial_number:x}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d/%m/%Y à %H:%M:%S} UTC"
