"""A certificate authority that lives for one run: nothing it signs is worth anything afterwards."""

import os
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from transmission.mocktdt.clock import real_now

P12_PASSWORD = "mock-tdt"  # noqa: S105 - printed by the program, protects nothing
FILE_PREFIX = "mock-tdt-"
# The password is public: the usual thousands of rounds would only slow the start.
_P12_ENCRYPTION = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(1)
_LIFE = timedelta(days=30)
_ORGANISATION = "mock-tdt (fictif, ne pas faire confiance)"


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its private key: PEM bytes, and both in a PKCS#12 file."""

    certificate: bytes
    key: bytes
    p12: bytes
    der: bytes


@dataclass(frozen=True, slots=True)
class IdentityFiles:
    """Where an identity was written. Keys are readable by their owner only."""

    certificate_file: Path
    key_file: Path
    p12_file: Path


class CertificateAuthority:
    """Made anew at each start: a client that trusts it trusts this run, and no other."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"AC de {FILE_PREFIX.rstrip('-')}")
        self._certificate = (
            _builder(name, name, self._key.public_key(), self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        """The certificate of the authority, PEM."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def server(self, names: tuple[str, ...]) -> Identity:
        """A server certificate for `names` (host names or IP addresses)."""
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        return self._issue(names[0], ExtendedKeyUsageOID.SERVER_AUTH, alternatives)

    def client(self, common_name: str) -> Identity:
        """A client certificate. Whether an account knows it is decided elsewhere."""
        return self._issue(common_name, ExtendedKeyUsageOID.CLIENT_AUTH, None)

    def _issue(
        self,
        common_name: str,
        usage: x509.ObjectIdentifier,
        alternatives: x509.SubjectAlternativeName | None,
    ) -> Identity:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _builder(
                _name(common_name),
                self._certificate.subject,
                key.public_key(),
                self._key.public_key(),
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        )
        if alternatives is not None:
            builder = builder.add_extension(alternatives, critical=False)
        return self._packed(builder.sign(self._key, hashes.SHA256()), key)

    def _packed(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Identity:
        return Identity(
            certificate=certificate.public_bytes(serialization.Encoding.PEM),
            key=key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
            p12=pkcs12.serialize_key_and_certificates(
                b"mock-tdt",
                key,
                certificate,
                [self._certificate],
                _P12_ENCRYPTION.build(P12_PASSWORD.encode()),
            ),
            der=certificate.public_bytes(serialization.Encoding.DER),
        )


def forget_identities(directory: Path) -> None:
    """Remove what a former run wrote: its CA is dead, its certificates would only mislead."""
    for suffix in ("pem", "key", "p12"):
        for path in directory.glob(f"{FILE_PREFIX}*.{suffix}"):
            path.unlink()


def write_identity(directory: Path, stem: str, identity: Identity) -> IdentityFiles:
    """Write the three files of an identity."""
    files = IdentityFiles(
        certificate_file=directory / f"{FILE_PREFIX}{stem}.pem",
        key_file=directory / f"{FILE_PREFIX}{stem}.key",
        p12_file=directory / f"{FILE_PREFIX}{stem}.p12",
    )
    write_private(files.certificate_file, identity.certificate)
    write_private(files.key_file, identity.key)
    write_private(files.p12_file, identity.p12)
    return files


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` in one step by a file of mode 0600: no reader sees half of it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    draft.replace(path)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
) -> x509.CertificateBuilder:
    now = real_now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        ]
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
