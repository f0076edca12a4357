"""Does a detached CMS signature hold for a document? A strict reader, apart from what signs.

It says nothing of trust: who issued the certificate, whether it was valid or revoked at the moment
of the signature, is judged elsewhere. A plain CMS signature does not even cover its certificate;
`binds_certificate` tells when it does.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from transmission.signature import der, oids
from transmission.signature.algorithms import (
    DIGESTS,
    RSA_ENCRYPTION,
    Digest,
    DigestAlgorithm,
    PublicKey,
    is_accepted,
)
from transmission.signature.certificates import issuer_serial, read_certificate, signer_identifier
from transmission.signature.errors import InvalidSignatureError
from transmission.signature.signed_data import (
    SignerInfo,
    digest_named,
    read_algorithm,
    read_attributes,
    read_signed_data,
)

_PEM: Final = re.compile(
    rb"-----BEGIN (PKCS7|CMS)-----([A-Za-z0-9+/=\s]+)-----END \1-----", re.ASCII
)


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """What a valid signature says.

    :param signing_time: the signer's claim, an aware UTC instant; None when it claims nothing.
    :param binds_certificate: the signature names this very certificate, as CAdES asks.
    :param included: the other certificates that came along, which nothing signed vouches for.
    """

    certificate: x509.Certificate
    digest: bytes
    digest_algorithm: DigestAlgorithm
    signing_time: datetime | None
    binds_certificate: bool
    included: tuple[x509.Certificate, ...]


def verify_detached(der_or_pem: bytes, digest: bytes) -> VerifiedSignature:
    """Check a detached signature over the document that has this digest.

    One signer, named by issuer and serial, its certificate included, signed attributes present;
    RSA PKCS#1 v1.5 or ECDSA with SHA-256, 384 or 512.
    :param der_or_pem: DER, or one PEM block labelled PKCS7 or CMS.
    :param digest: digest of the document, by the algorithm that the signature names.
    Raises InvalidSignatureError, and nothing else whatever the bytes are.
    """
    try:
        return _verify(_to_der(der_or_pem), digest)
    except der.DerError as error:
        raise InvalidSignatureError(
            f"La signature détachée n'est pas lisible : {error}. Demandez une nouvelle signature."
        ) from error


def _verify(signature: bytes, digest: bytes) -> VerifiedSignature:
    certificates, signer = read_signed_data(signature)
    attributes = read_attributes(signer.attributes)
    _check_document(attributes, signer.digest, digest)
    encoded = find_certificate(certificates, signer.identifier)
    certificate, public_key = load_certificate(encoded)
    check_signature(public_key, signer)
    return VerifiedSignature(
        certificate=certificate,
        digest=digest,
        digest_algorithm=signer.digest.name,
        signing_time=_signing_time(attributes),
        binds_certificate=_binds(attributes, encoded),
        included=tuple(_readable(each for each in certificates if each != encoded)),
    )


def _to_der(der_or_pem: bytes) -> bytes:
    text = der_or_pem.strip()
    if not text.startswith(b"-----BEGIN "):
        return der_or_pem
    block = _PEM.fullmatch(text)
    if block is None:
        raise der.DerError("le texte PEM n'est pas un bloc PKCS7 ou CMS entier")
    body = b"".join(block[2].split())
    with suppress(ValueError):
        decoded = base64.b64decode(body)
        # The decoder overlooks what follows the padding; what nobody reads, anybody may write.
        if base64.b64encode(decoded) == body:
            return decoded
    raise der.DerError("le texte PEM n'est pas en base 64")


def _check_document(
    attributes: Mapping[bytes, der.Element], algorithm: Digest, digest: bytes
) -> None:
    content_type = attributes.get(oids.CONTENT_TYPE)
    if content_type is None or content_type.encoded != oids.DATA:
        raise InvalidSignatureError(
            "L'attribut signé du type de contenu manque ou ne désigne pas un document. "
            "Demandez une nouvelle signature."
        )
    if len(digest) != algorithm.hash.digest_size:
        raise InvalidSignatureError(
            f"La signature porte sur une empreinte {algorithm.label}, celle qui a été fournie est "
            "d'une autre longueur. Recalculez l'empreinte du document."
        )
    message_digest = attributes.get(oids.MESSAGE_DIGEST)
    if message_digest is None or message_digest.encoded != der.octets(digest):
        raise InvalidSignatureError(
            f"L'empreinte {algorithm.label} signée n'est pas celle du document : il a changé "
            "depuis la signature, ou elle porte sur un autre. Signez le document tel qu'il est."
        )


def find_certificate(certificates: list[bytes], identifier: bytes) -> bytes:
    """The one that a signer names, among those included. Raises InvalidSignatureError, DerError."""
    for certificate in certificates:
        # The set may also hold attribute certificates, under other tags (RFC 5652 §10.2.2).
        if certificate[0] == der.SEQUENCE and signer_identifier(certificate) == identifier:
            return certificate
    raise InvalidSignatureError(
        "Le certificat du signataire n'est pas dans la signature. "
        "Demandez une signature qui contient son certificat."
    )


def load_certificate(encoded: bytes) -> tuple[x509.Certificate, PublicKey]:
    """A certificate and its key, of a kind that we take. Raises InvalidSignatureError, DerError."""
    try:
        certificate = x509.load_der_x509_certificate(encoded)
        public_key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise der.DerError("le certificat du signataire est abîmé") from error
    if not is_accepted(public_key):
        raise InvalidSignatureError(
            "La clé du signataire n'est ni RSA d'au moins 2048 bits, ni elliptique P-256, P-384 ou "
            "P-521. Demandez une signature avec une telle clé."
        )
    return certificate, public_key


def _readable(certificates: Iterable[bytes]) -> Iterator[x509.Certificate]:
    for encoded in certificates:
        with suppress(ValueError, x509.InvalidVersion):
            yield read_certificate(encoded)


def check_signature(key: PublicKey, signer: SignerInfo) -> None:
    """Check the value of a signature over its attributes.

    Raises InvalidSignatureError, DerError.
    """
    signed = der.set_of(each.encoded for each in der.Reader(signer.attributes).take_all())
    try:
        if isinstance(key, rsa.RSAPublicKey):
            _check_named(signer.signature_algorithm, RSA_ENCRYPTION, signer.digest.with_rsa)
            key.verify(signer.signature, signed, padding.PKCS1v15(), signer.digest.hash)
        else:
            _check_named(signer.signature_algorithm, signer.digest.with_ecdsa)
            key.verify(signer.signature, signed, ec.ECDSA(signer.digest.hash))
    except InvalidSignature as error:
        raise InvalidSignatureError(
            "La valeur de la signature est fausse : elle-même ou les attributs signés ont été "
            "altérés, ou une autre clé a signé. Demandez une nouvelle signature."
        ) from error


def _check_named(algorithm: bytes, *expected: bytes) -> None:
    if algorithm not in expected:
        raise InvalidSignatureError(
            "L'algorithme de signature n'est ni RSA PKCS#1 v1.5 ni ECDSA, ou ne va pas avec la clé "
            "et l'empreinte du signataire. Demandez une signature avec l'un d'eux."
        )


def _signing_time(attributes: Mapping[bytes, der.Element]) -> datetime | None:
    claimed = attributes.get(oids.SIGNING_TIME)
    return der.read_time(claimed) if claimed else None


def _binds(attributes: Mapping[bytes, der.Element], certificate: bytes) -> bool:
    """Whether signing-certificate-v2 is there; its first entry must then be this certificate.

    RFC 5035 §3. The older attribute of RFC 2634 rests on SHA-1: it counts for nothing here.
    """
    attribute = attributes.get(oids.SIGNING_CERTIFICATE_V2)
    if attribute is None:
        return False
    certificates = der.Reader(der.read_one(attribute.encoded, der.SEQUENCE).content)
    first = der.Reader(certificates.take(der.SEQUENCE).content).take(der.SEQUENCE)
    if not designates(first, certificate):
        raise InvalidSignatureError(
            "Le certificat joint n'est pas celui que le signataire a désigné dans la signature. "
            "Demandez une nouvelle signature."
        )
    return True


def designates(entry: der.Element, certificate: bytes) -> bool:
    """Whether an ESSCertIDv2 is that of a certificate (RFC 5035 §4). Raises DerError."""
    fields = der.Reader(entry.content)
    named = fields.take_if(der.SEQUENCE)
    algorithm = digest_named(read_algorithm(named)) if named else DIGESTS["sha256"]
    fingerprint = fields.take(der.OCTET_STRING).content
    issued = fields.take_if(der.SEQUENCE)
    fields.end()
    return fingerprint == hashlib.new(algorithm.name, certificate).digest() and (
        issued is None or issued.encoded == issuer_serial(certificate)
    )
