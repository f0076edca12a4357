"""Detached CMS signatures at level CAdES-B-B (RFC 5652, RFC 5035, ETSI EN 319 122-1 §6).

Assembled by hand for two reasons: the ready-made builder of `cryptography` knows no
signing-certificate attribute, and it wants the whole document in memory, where a digest computed
while the document streams past is enough.
"""

import base64
import hashlib
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from transmission.signature import der
from transmission.signature.algorithms import DIGESTS, RSA_ENCRYPTION, Digest, DigestAlgorithm
from transmission.signature.certificates import issuer_serial, signer_identifier
from transmission.signature.keys import SigningIdentity
from transmission.signature.oids import (
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    SIGNING_CERTIFICATE_V2,
    SIGNING_TIME,
)

_VERSION: Final = der.integer(1)
_PEM_COLUMNS: Final = 64


def sign_detached(
    identity: SigningIdentity,
    digest: bytes,
    *,
    signing_time: datetime,
    digest_algorithm: DigestAlgorithm = "sha256",
) -> bytes:
    """DER of a detached signature over the document that has this digest.

    :param digest: digest of the whole document by `digest_algorithm` (32, 48 or 64 bytes),
        computed while streaming (`hashlib.file_digest`).
    :param signing_time: aware UTC instant; written to the second.
    Raises CertificateExpiredError or CertificateNotYetValidError when the certificate does not
    cover `signing_time` (a signature every receiver refuses is not worth making), ValueError when
    the digest has the wrong length or the instant is naive.
    """
    algorithm = DIGESTS[digest_algorithm]
    if len(digest) != algorithm.hash.digest_size:
        raise ValueError(f"{len(digest)} bytes are not a {digest_algorithm} digest")
    signing_time_element = der.time(signing_time)
    identity.check_validity(signing_time)
    certificate = identity.certificate.public_bytes(Encoding.DER)
    attributes = [
        _attribute(CONTENT_TYPE, DATA),
        _attribute(MESSAGE_DIGEST, der.octets(digest)),
        _attribute(SIGNING_TIME, signing_time_element),
        _attribute(SIGNING_CERTIFICATE_V2, _signing_certificate(certificate)),
    ]
    return _signed_data(identity, algorithm, certificate, attributes)


def to_pem(signature: bytes) -> str:
    """The signature as text, to travel in XML and in forms (ACTES protocol §2.4, S²LOW API §4.8).

    Labelled PKCS7, not CMS: `openssl cms` reads both labels, `openssl smime` the older one only.
    """
    text = base64.b64encode(signature).decode("ascii")
    lines = [text[i : i + _PEM_COLUMNS] for i in range(0, len(text), _PEM_COLUMNS)]
    return "\n".join(["-----BEGIN PKCS7-----", *lines, "-----END PKCS7-----", ""])


def _signed_data(
    identity: SigningIdentity, algorithm: Digest, certificate: bytes, attributes: list[bytes]
) -> bytes:
    digest_identifier = der.sequence(algorithm.oid)
    signer_info = der.sequence(
        _VERSION,
        signer_identifier(certificate),
        digest_identifier,
        der.set_of(attributes, tag=der.CONTEXT_0),
        _signature_identifier(identity, algorithm),
        # What is signed bears the tag SET, not the [0] that travels (RFC 5652 §5.4).
        der.octets(identity.sign(der.set_of(attributes), algorithm.hash)),
    )
    chain = [link.public_bytes(Encoding.DER) for link in identity.chain]
    signed_data = der.sequence(
        _VERSION,
        der.set_of([digest_identifier]),
        der.sequence(DATA),
        der.set_of([certificate, *chain], tag=der.CONTEXT_0),
        der.set_of([signer_info]),
    )
    return der.sequence(SIGNED_DATA, der.tlv(der.CONTEXT_0, signed_data))


def _attribute(kind: bytes, value: bytes) -> bytes:
    return der.sequence(kind, der.set_of([value]))


def _signing_certificate(certificate: bytes) -> bytes:
    """SigningCertificateV2 (RFC 5035 §3); its default, SHA-256, stays unwritten in DER."""
    fingerprint = der.octets(hashlib.sha256(certificate).digest())
    return der.sequence(der.sequence(der.sequence(fingerprint, issuer_serial(certificate))))


def _signature_identifier(identity: SigningIdentity, algorithm: Digest) -> bytes:
    """RSA goes by rsaEncryption, which every receiver must know (RFC 5754 §3.2)."""
    if isinstance(identity.certificate.public_key(), rsa.RSAPublicKey):
        return der.sequence(RSA_ENCRYPTION, der.tlv(der.NULL))
    return der.sequence(algorithm.with_ecdsa)
