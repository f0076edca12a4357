"""The structure of a CMS signature, detached or over its own content, read strictly (RFC 5652 §5).

Whatever is read twice by two programs must be read the same: one signer, one attribute of a kind,
no octet left over, DER and not BER.
"""

from dataclasses import dataclass
from typing import Final

from transmission.signature import der, oids
from transmission.signature.algorithms import DIGESTS, Digest
from transmission.signature.errors import InvalidSignatureError

_VERSION: Final = der.integer(1)
_VERSION_3: Final = der.integer(3)
_NULL: Final = der.tlv(der.NULL)


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """The one signer: OIDs and identifier as encoded elements, attributes as the content of [0]."""

    identifier: bytes
    digest: Digest
    attributes: bytes
    signature_algorithm: bytes
    signature: bytes


def read_signed_data(signature: bytes) -> tuple[list[bytes], SignerInfo]:
    """Certificates included and the one signer of a DER detached signature.

    Raises DerError when it is not DER or not that structure, InvalidSignatureError when it is
    another use of CMS.
    """
    encapsulated, certificates, signer = _read(signature, _VERSION)
    _check_detached(encapsulated)
    return certificates, signer


def read_enveloping(token: bytes, content_type: bytes) -> tuple[bytes, list[bytes], SignerInfo]:
    """Content, certificates included and the one signer of a signature over its own content.

    :param content_type: encoded OID that the content must have.
    Raises as `read_signed_data`.
    """
    encapsulated, certificates, signer = _read(token, _VERSION_3)
    fields = der.Reader(encapsulated.content)
    if fields.take(der.OID).encoded != content_type:
        raise der.DerError("le contenu signé est d'un autre type")
    wrapped = fields.take(der.CONTEXT_0)
    fields.end()
    return der.read_one(wrapped.content, der.OCTET_STRING).content, certificates, signer


def _read(signature: bytes, version: bytes) -> tuple[der.Element, list[bytes], SignerInfo]:
    content_info = der.Reader(der.read_one(signature, der.SEQUENCE).content)
    if content_info.take(der.OID).encoded != oids.SIGNED_DATA:
        raise der.DerError("ce n'est pas une structure CMS SignedData")
    wrapped = content_info.take(der.CONTEXT_0)
    content_info.end()
    fields = der.Reader(der.read_one(wrapped.content, der.SEQUENCE).content)
    written = fields.take(der.INTEGER).encoded
    digests = der.Reader(fields.take(der.SET).content).take_all(der.SEQUENCE)
    encapsulated = fields.take(der.SEQUENCE)
    included = fields.take_if(der.CONTEXT_0)
    certificates = der.Reader(included.content).take_all() if included else []
    fields.take_if(der.CONTEXT_1)
    signers = der.Reader(fields.take(der.SET).content)
    signer = _read_signer(signers.take(der.SEQUENCE))
    signers.end()
    fields.end()
    if signer.digest.oid not in map(read_algorithm, digests):
        raise der.DerError("l'empreinte du signataire n'est pas de celles annoncées")
    # What the content and the signer make of it (RFC 5652 §5.1), nothing else.
    if written != version:
        raise der.DerError("la version de la structure n'est pas celle de ce qu'elle contient")
    return encapsulated, [each.encoded for each in certificates], signer


def _check_detached(encapsulated: der.Element) -> None:
    fields = der.Reader(encapsulated.content)
    if fields.take(der.OID).encoded != oids.DATA or not fields.exhausted:
        raise InvalidSignatureError(
            "La signature n'est pas détachée : elle porte son propre contenu. "
            "Demandez une signature détachée du document."
        )


def _read_signer(element: der.Element) -> SignerInfo:
    fields = der.Reader(element.content)
    if fields.take(der.INTEGER).encoded != _VERSION:
        raise der.DerError("le signataire n'est pas désigné par émetteur et numéro de série")
    identifier = read_identifier(fields.take(der.SEQUENCE))
    digest = digest_named(read_algorithm(fields.take(der.SEQUENCE)))
    attributes = fields.take_if(der.CONTEXT_0)
    if attributes is None:
        raise InvalidSignatureError(
            "La signature n'a pas d'attributs signés : elle n'établit ni sa date ni son objet. "
            "Demandez une signature CMS avec attributs (CAdES)."
        )
    algorithm = read_algorithm(fields.take(der.SEQUENCE))
    signature = fields.take(der.OCTET_STRING).content
    fields.take_if(der.CONTEXT_1)
    fields.end()
    return SignerInfo(identifier, digest, attributes.content, algorithm, signature)


def read_identifier(element: der.Element) -> bytes:
    """IssuerAndSerialNumber as it stood; raises DerError when its number is not positive."""
    fields = der.Reader(element.content)
    fields.take(der.SEQUENCE)
    serial = fields.take(der.INTEGER)
    if int.from_bytes(serial.content, "big", signed=True) <= 0:
        # RFC 5280 §4.1.2.2; the library reads such a certificate today and will not tomorrow.
        raise der.DerError("le numéro de série du certificat du signataire n'est pas positif")
    return element.encoded


def read_algorithm(element: der.Element) -> bytes:
    """Encoded OID of an AlgorithmIdentifier whose parameters are absent or NULL (RFC 5754 §2)."""
    fields = der.Reader(element.content)
    algorithm = fields.take(der.OID).encoded
    if [each.encoded for each in fields.take_all()] not in ([], [_NULL]):
        raise InvalidSignatureError(
            "La signature emploie un algorithme à paramètres (RSA-PSS par exemple). "
            "Demandez une signature RSA PKCS#1 v1.5 ou ECDSA."
        )
    return algorithm


def digest_named(oid: bytes) -> Digest:
    """The digest of this encoded OID; raises InvalidSignatureError when it is not one of ours."""
    for digest in DIGESTS.values():
        if digest.oid == oid:
            return digest
    raise InvalidSignatureError(
        "La signature emploie une autre empreinte que SHA-256, SHA-384 ou SHA-512. "
        "Demandez une signature avec l'une d'elles."
    )


def read_attributes(content: bytes) -> dict[bytes, der.Element]:
    """Value of each signed attribute by encoded OID: one attribute of a kind, one value each.

    Two of a kind would leave two readers free to believe different ones.
    """
    attributes: dict[bytes, der.Element] = {}
    for element in der.Reader(content).take_all(der.SEQUENCE):
        fields = der.Reader(element.content)
        kind = fields.take(der.OID).encoded
        values = der.Reader(fields.take(der.SET).content).take_all()
        fields.end()
        if kind in attributes or len(values) != 1:
            raise der.DerError("un attribut signé est répété ou n'a pas de valeur")
        attributes[kind] = values[0]
    return attributes
