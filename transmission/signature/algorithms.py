"""The few algorithms we sign with and accept, and their object identifiers (RFC 5754, RFC 5753)."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypeGuard

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from transmission.signature import der

DigestAlgorithm: TypeAlias = Literal["sha256", "sha384", "sha512"]
PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

RSA_MINIMUM_BITS: Final = 2048
CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)

RSA_ENCRYPTION: Final = der.oid("1.2.840.113549.1.1.1")


@dataclass(frozen=True, slots=True)
class Digest:
    """A hash function, its name for people, and the encoded OIDs it goes by."""

    name: DigestAlgorithm
    label: str
    hash: hashes.HashAlgorithm
    oid: bytes
    with_rsa: bytes
    with_ecdsa: bytes


DIGESTS: Final[dict[DigestAlgorithm, Digest]] = {
    "sha256": Digest(
        name="sha256",
        label="SHA-256",
        hash=hashes.SHA256(),
        oid=der.oid("2.16.840.1.101.3.4.2.1"),
        with_rsa=der.oid("1.2.840.113549.1.1.11"),
        with_ecdsa=der.oid("1.2.840.10045.4.3.2"),
    ),
    "sha384": Digest(
        name="sha384",
        label="SHA-384",
        hash=hashes.SHA384(),
        oid=der.oid("2.16.840.1.101.3.4.2.2"),
        with_rsa=der.oid("1.2.840.113549.1.1.12"),
        with_ecdsa=der.oid("1.2.840.10045.4.3.3"),
    ),
    "sha512": Digest(
        name="sha512",
        label="SHA-512",
        hash=hashes.SHA512(),
        oid=der.oid("2.16.840.1.101.3.4.2.3"),
        with_rsa=der.oid("1.2.840.113549.1.1.13"),
        with_ecdsa=der.oid("1.2.840.10045.4.3.4"),
    ),
}


def is_private_key(key: object) -> TypeGuard[PrivateKey]:
    """RSA or elliptic curve, whatever the size."""
    return isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)


def is_accepted(key: object) -> TypeGuard[PublicKey]:
    """RSA of 2048 bits or more, or one of the curves P-256, P-384, P-521."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= RSA_MINIMUM_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES)
