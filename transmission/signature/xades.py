"""Detached XAdES-B-B signatures over named files (ETSI EN 319 132-1), one spelling for each.

What is written here is its own canonical form (C14N 1.0): no space between elements, no character
that XML escapes, base64 in one line. So a document is read by taking its variable parts out,
writing it again, and comparing: whatever else it held would show, and no XML parser ever meets it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, unquote

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding

from transmission.signature.algorithms import DIGESTS, Digest, PublicKey, is_accepted
from transmission.signature.certificates import read_certificate
from transmission.signature.errors import InvalidSignatureError
from transmission.signature.keys import SigningIdentity

_ASIC: Final = ' xmlns:asic="http://uri.etsi.org/02918/v1.2.1#"'
_DS: Final = ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
_XADES: Final = ' xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"'
_C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
_SIGNED_PROPERTIES: Final = "http://uri.etsi.org/01903#SignedProperties"
_METHODS: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_OF_CURVE: Final = {256: DIGESTS["sha256"], 384: DIGESTS["sha384"], 521: DIGESTS["sha512"]}

_REFERENCE: Final = re.compile(
    r'<ds:Reference Id="f[0-9]+" URI="([^"]*)">[^"]*"[^"]*"></ds:DigestMethod>'
    r"<ds:DigestValue>([^<]*)<"
)
_METHOD: Final = re.compile(r'<ds:SignatureMethod Algorithm="([^"]*)"')
_VALUE: Final = re.compile(r"<ds:SignatureValue>([^<]*)<")
_CERTIFICATE: Final = re.compile(r"<ds:X509Certificate>([^<]*)<")
_SIGNING_TIME: Final = re.compile(r"<xades:SigningTime>([^<]*)<")


@dataclass(frozen=True, slots=True)
class SignedFiles:
    """What a valid signature says: who signed, with which certificates above, when by their word.

    ``signing_time`` is an aware UTC instant, to the second.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    signing_time: datetime


@dataclass(frozen=True, slots=True)
class _Document:
    """The variable parts of a document; certificates in DER, the signer's first."""

    digests: Mapping[str, bytes]
    certificates: Sequence[bytes]
    signing_time: datetime
    method: str
    value: bytes = b""

    def signed_info(self, inherited: str = "") -> str:
        """``ds:SignedInfo``; as it is signed, it bears the names in scope where it stands."""
        properties = hashlib.sha256(self.properties(_ASIC + _DS + _XADES).encode()).digest()
        return (
            f'<ds:SignedInfo{inherited}><ds:CanonicalizationMethod Algorithm="{_C14N}">'
            f'</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{self.method}">'
            f"</ds:SignatureMethod>{''.join(self._references())}"
            f'<ds:Reference Type="{_SIGNED_PROPERTIES}" URI="#signed-properties">'
            f"{_digest(properties)}</ds:Reference></ds:SignedInfo>"
        )

    def to_be_signed(self) -> bytes:
        """The octets that the signature value is over."""
        return self.signed_info(_ASIC + _DS).encode()

    def properties(self, inherited: str = "") -> str:
        """``xades:SignedProperties``. Every certificate is named, for each to be bound."""
        certificates = "".join(
            f"<xades:Cert><xades:CertDigest>{_digest(hashlib.sha256(each).digest())}"
            "</xades:CertDigest></xades:Cert>"
            for each in self.certificates
        )
        formats = "".join(
            f'<xades:DataObjectFormat ObjectReference="#f{rank}"><xades:MimeType>'
            "application/octet-stream</xades:MimeType></xades:DataObjectFormat>"
            for rank in range(1, len(self.digests) + 1)
        )
        return (
            f'<xades:SignedProperties{inherited} Id="signed-properties">'
            f"<xades:SignedSignatureProperties><xades:SigningTime>"
            f"{self.signing_time.strftime(_TIME)}</xades:SigningTime><xades:SigningCertificateV2>"
            f"{certificates}</xades:SigningCertificateV2></xades:SignedSignatureProperties>"
            f"<xades:SignedDataObjectProperties>{formats}</xades:SignedDataObjectProperties>"
            "</xades:SignedProperties>"
        )

    def written(self) -> bytes:
        certificates = "".join(
            f"<ds:X509Certificate>{_base64(each)}</ds:X509Certificate>"
            for each in self.certificates
        )
        return (
            f'<asic:XAdESSignatures{_ASIC}><ds:Signature{_DS} Id="signature">'
            f"{self.signed_info()}<ds:SignatureValue>{_base64(self.value)}</ds:SignatureValue>"
            f"<ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>"
            f'<ds:Object><xades:QualifyingProperties{_XADES} Target="#signature">'
            f"{self.properties()}</xades:QualifyingProperties></ds:Object>"
            "</ds:Signature></asic:XAdESSignatures>"
        ).encode()

    def _references(self) -> Iterator[str]:
        for rank, (name, digest) in enumerate(sorted(self.digests.items()), 1):
            yield f'<ds:Reference Id="f{rank}" URI="{quote(name)}">{_digest(digest)}</ds:Reference>'


def sign_files(
    identity: SigningIdentity, digests: Mapping[str, bytes], *, signing_time: datetime
) -> bytes:
    """An ``asic:XAdESSignatures`` document with one signature over files given by their digests.

    :param digests: SHA-256 (32 bytes) by name; names are relative, as a URI without scheme, and
        are written percent-encoded and in the order of their code points.
    :param signing_time: aware UTC instant; written to the second.
    Raises CertificateExpiredError, CertificateNotYetValidError; ValueError when there is no file, a
    digest has the wrong length, a name is empty or absolute, or the instant is naive.
    """
    if signing_time.tzinfo is None:
        raise ValueError("a signing time needs an aware instant")
    if not digests or {len(each) for each in digests.values()} != {32}:
        raise ValueError("files are signed by their SHA-256 digests, one at least")
    if not all(map(_is_relative, digests)):
        raise ValueError("the name of a signed file is relative")
    identity.check_validity(signing_time)
    links = (identity.certificate, *identity.chain)
    certificates = [each.public_bytes(Encoding.DER) for each in links]
    key = identity.public_key
    algorithm = _algorithm(key)
    unsigned = _Document(digests, certificates, signing_time.astimezone(UTC), _method(key))
    value = identity.sign(unsigned.to_be_signed(), algorithm.hash)
    raw = _raw(value, key) if isinstance(key, ec.EllipticCurvePublicKey) else value
    return replace(unsigned, value=raw).written()


def verify_files(document: bytes, digests: Mapping[str, bytes]) -> SignedFiles:
    """Check a document of :func:`sign_files` over files given by their digests.

    :param digests: SHA-256 (32 bytes) by name: each must be referenced, and no other.
    It says nothing of trust. Raises InvalidSignatureError, which tells every problem at once, and
    nothing else whatever the bytes are.
    """
    try:
        found = _read(document)
        certificates = list(map(read_certificate, found.certificates))
        key = certificates[0].public_key()
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise _unlike("ses éléments ne sont pas ceux d'une signature") from error
    problems = [*_value_problems(found, key), *_file_problems(found.digests, digests)]
    if problems:
        raise InvalidSignatureError(
            f"La signature XAdES ne vaut pas pour ces fichiers : {' ; '.join(problems)}. "
            "Reprenez les fichiers tels qu'ils ont été signés, ou demandez une nouvelle signature."
        )
    return SignedFiles(certificates[0], tuple(certificates[1:]), found.signing_time)


def _read(document: bytes) -> _Document:
    """The variable parts of a document that is written as we write it."""
    text = document.decode("ascii")
    references = _REFERENCE.findall(text)
    named = {unquote(uri, errors="strict"): _decoded(digest) for uri, digest in references}
    certificates = [_decoded(each) for each in _CERTIFICATE.findall(text)]
    time = datetime.strptime(_only(_SIGNING_TIME, text), _TIME).replace(tzinfo=UTC)
    value = _decoded(_only(_VALUE, text))
    found = _Document(named, certificates, time, _only(_METHOD, text), value)
    if not named or not certificates or not all(map(_is_relative, named)):
        raise ValueError("no file, no certificate, or no name of a file")
    again = found.written()
    if again != document:
        raise _unlike(f"l'octet {_first_difference(again, document)} n'est pas celui attendu")
    return found


def _is_relative(name: str) -> bool:
    """Whether a name is one of a file: as a URI, nothing would be the whole document."""
    return name != "" and not name.startswith("/")


def _only(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    if found is None:
        raise ValueError(f"nothing like {pattern.pattern}")
    return found[1]


def _decoded(text: str) -> bytes:
    return binascii.a2b_base64(text, strict_mode=True)


def _first_difference(one: bytes, other: bytes) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _unlike(why: str) -> InvalidSignatureError:
    return InvalidSignatureError(
        f"La signature XAdES n'est pas écrite sous sa forme canonique : {why}. "
        "Elle a été altérée, ou un autre logiciel l'a faite : demandez une nouvelle signature."
    )


def _value_problems(found: _Document, key: object) -> Iterator[str]:
    if not is_accepted(key):
        yield "la clé n'est ni RSA d'au moins 2048 bits, ni elliptique P-256, P-384 ou P-521"
    elif found.method != _method(key):
        yield "l'algorithme de signature ne va pas avec la clé"
    elif not _holds(found, key):
        yield "la valeur de la signature est fausse"


def _holds(found: _Document, key: PublicKey) -> bool:
    signed, hashed = found.to_be_signed(), _algorithm(key).hash
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(found.value, signed, padding.PKCS1v15(), hashed)
        else:
            key.verify(_from_raw(found.value, key), signed, ec.ECDSA(hashed))
    except (InvalidSignature, ValueError):
        return False
    return True


def _file_problems(signed: Mapping[str, bytes], shown: Mapping[str, bytes]) -> Iterator[str]:
    for name in sorted(signed.keys() | shown.keys()):
        if name not in shown:
            yield f"« {name} » est signé et manque"
        elif name not in signed:
            yield f"« {name} » n'est pas signé"
        elif signed[name] != shown[name]:
            yield f"« {name} » n'est plus celui qui a été signé"


def _algorithm(key: PublicKey) -> Digest:
    if isinstance(key, rsa.RSAPublicKey):
        return DIGESTS["sha256"]
    return _OF_CURVE[key.curve.key_size]


def _method(key: PublicKey) -> str:
    kind = "rsa" if isinstance(key, rsa.RSAPublicKey) else "ecdsa"
    return f"{_METHODS}{kind}-{_algorithm(key).name}"


def _raw(signature: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """r and s end to end (RFC 4050 §3.3), from DER."""
    size = (key.curve.key_size + 7) // 8
    return b"".join(part.to_bytes(size, "big") for part in decode_dss_signature(signature))


def _from_raw(value: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    size = (key.curve.key_size + 7) // 8
    if len(value) != 2 * size:
        raise ValueError("the value has not the length of the curve")
    return encode_dss_signature(*(int.from_bytes(value[i : i + size]) for i in (0, size)))


def _digest(value: bytes) -> str:
    return (
        f'<ds:DigestMethod Algorithm="{_SHA256}"></ds:DigestMethod>'
        f"<ds:DigestValue>{_base64(value)}</ds:DigestValue>"
    )


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
