"""RFC 3161: what is asked of an authority of time, and whether what it answers holds.

Read by our own strict reader: rfc3161-client hashes what it asks for itself, draws its own nonce,
needs the roots to check a signature, and refuses the order of certificates that openssl writes.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from transmission.ports.proof import SoundTimeStamp, Trust, UnsoundError
from transmission.ports.time_stamps import Stamped
from transmission.signature import der, oids
from transmission.signature.algorithms import DIGESTS
from transmission.signature.errors import InvalidSignatureError
from transmission.signature.signed_data import SignerInfo, read_attributes, read_enveloping
from transmission.signature.trust import judge
from transmission.signature.verification import (
    check_signature,
    designates,
    find_certificate,
    load_certificate,
)

_BOOLEAN: Final = 0x01
_BIT_STRING: Final = 0x03
_TRUE: Final = der.tlv(_BOOLEAN, b"\xff")
_ONE: Final = der.integer(1)
_SHA256: Final = der.sequence(DIGESTS["sha256"].oid, der.tlv(der.NULL))
_SHA256_BARE: Final = der.sequence(DIGESTS["sha256"].oid)
_GRANTED: Final = (der.integer(0), der.integer(1))
_INSTANT: Final = re.compile(rb"(\d{14})(?:\.(\d*[1-9]))?Z", re.ASCII)
_TOLD_MAX: Final = 200
_FAILURES: Final = {
    0: "algorithme refusé",
    2: "demande non admise",
    5: "demande illisible",
    14: "source de temps indisponible",
    15: "politique inconnue",
    16: "extension inconnue",
    17: "renseignement indisponible",
    25: "panne de l'autorité",
}


@dataclass(frozen=True, slots=True)
class TimeStampInfo:
    """What a token says: ``at`` is an aware UTC instant, ``policy`` an encoded OID."""

    policy: bytes
    imprint: bytes
    at: datetime
    nonce: int | None


class TimeStampFormat:
    """The port ``TimeStampFormat``: asks under a policy, if any, trusts the roots of a PEM file.

    :param policy: dotted OID.
    """

    def __init__(self, roots_file: Path, policy: str | None = None) -> None:
        self._roots_file = roots_file
        self._policy = policy

    def request(self, digest: bytes, nonce: int) -> bytes:
        """A TimeStampReq (DER) over a SHA-256 digest; wants the certificate of the authority."""
        return build_request(digest, nonce, self._policy)

    def read(self, answer: bytes, digest: bytes, nonce: int) -> Stamped:
        """The token of a TimeStampResp (DER), once it holds and leads to a root.

        Raises UnsoundError, and for roots that cannot be read too.
        """
        token = token_of(answer)
        roots = read_roots(self._roots_file)
        sound = verify_time_stamp(token, digest, roots, nonce=nonce, policy=self._policy)
        if sound.trust is not Trust.TRUSTED:
            raise UnsoundError(f"le certificat de l'autorité n'est pas approuvé : {sound.why}")
        return Stamped(token, sound)


def build_request(digest: bytes, nonce: int, policy: str | None = None) -> bytes:
    """A TimeStampReq (RFC 3161 §2.4.1, DER) over a SHA-256 digest, that wants the certificate."""
    return der.sequence(
        _ONE,
        der.sequence(_SHA256, der.octets(digest)),
        *([der.oid(policy)] if policy else []),
        der.integer(nonce),
        _TRUE,
    )


def read_roots(file: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises UnsoundError, in French."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        raise UnsoundError(f"le fichier {file} ne peut pas être lu ({error.strerror})") from error
    except ValueError as error:
        raise UnsoundError(f"le fichier {file} ne contient aucun certificat lisible") from error


def token_of(answer: bytes) -> bytes:
    """The TimeStampToken of a TimeStampResp (RFC 3161 §2.4.2). Raises UnsoundError."""
    try:
        fields = der.Reader(der.read_one(answer, der.SEQUENCE).content)
        status = der.Reader(fields.take(der.SEQUENCE).content)
        if status.take(der.INTEGER).encoded not in _GRANTED:
            raise UnsoundError(f"l'autorité refuse : {_refusal(status)}")
        token = fields.take(der.SEQUENCE).encoded
        fields.end()
    except der.DerError as error:
        raise UnsoundError(
            f"la réponse n'est pas celle d'une autorité d'horodatage : {error}"
        ) from (error)
    return token


def verify_time_stamp(
    token: bytes,
    digest: bytes,
    roots: Sequence[x509.Certificate],
    *,
    nonce: int | None = None,
    policy: str | None = None,
) -> SoundTimeStamp:
    """Check a TimeStampToken (DER) over a SHA-256 digest; what was asked for is to be given back.

    Imprint, nonce, policy, signature, the certificate it names (RFC 5816) and its one usage (RFC
    3161 §2.3) must hold. Whether it leads to a root is judged at the instant of the token, and
    told. Raises UnsoundError, and nothing else whatever the bytes are.
    """
    try:
        return _verified(token, digest, roots, nonce, policy)
    except der.DerError as error:
        raise UnsoundError(f"le jeton d'horodatage n'est pas lisible : {error}") from error
    except InvalidSignatureError as error:
        raise UnsoundError(f"la signature du jeton ne tient pas. {error}".rstrip(".")) from error


def _verified(
    token: bytes,
    digest: bytes,
    roots: Sequence[x509.Certificate],
    nonce: int | None,
    policy: str | None,
) -> SoundTimeStamp:
    content, certificates, signer = read_enveloping(token, oids.TST_INFO)
    told = read_info(content)
    _check_asked(told, digest, nonce, policy)
    encoded = find_certificate(certificates, signer.identifier)
    certificate, public_key = load_certificate(encoded)
    _check_signed(signer, content, encoded)
    check_signature(public_key, signer)
    _check_usage(certificate)
    others = [_other(each) for each in certificates if each != encoded]
    trust, why = judge(certificate, others, roots, told.at)
    return SoundTimeStamp(
        at=told.at,
        tsa=_subject(certificate),
        certificate=certificate.public_bytes(Encoding.DER),
        trust=trust,
        why=why,
    )


def read_info(content: bytes) -> TimeStampInfo:
    """What a TSTInfo (DER, RFC 3161 §2.4.2) says. Raises DerError."""
    fields = der.Reader(der.read_one(content, der.SEQUENCE).content)
    if fields.take(der.INTEGER).encoded != _ONE:
        raise der.DerError("la version du jeton n'est pas connue")
    policy = fields.take(der.OID).encoded
    imprint = _imprint(fields.take(der.SEQUENCE))
    fields.take(der.INTEGER)
    at = _instant(fields.take(der.GENERALIZED_TIME).content)
    # Accuracy, and whether the authority orders its tokens: nothing here rests upon them.
    fields.take_if(der.SEQUENCE)
    fields.take_if(_BOOLEAN)
    nonce = fields.take_if(der.INTEGER)
    fields.take_if(der.CONTEXT_0)
    if not fields.exhausted:
        raise der.DerError("le jeton a des extensions, que personne ici ne sait lire")
    number = None if nonce is None else int.from_bytes(nonce.content, signed=True)
    return TimeStampInfo(policy, imprint, at, number)


def _imprint(element: der.Element) -> bytes:
    fields = der.Reader(element.content)
    if fields.take(der.SEQUENCE).encoded not in (_SHA256, _SHA256_BARE):
        raise der.DerError("l'empreinte horodatée n'est pas une SHA-256")
    imprint = fields.take(der.OCTET_STRING).content
    fields.end()
    return imprint


def _instant(content: bytes) -> datetime:
    found = _INSTANT.fullmatch(content)
    if found is None:
        raise der.DerError("l'instant n'est pas écrit comme DER le veut")
    microsecond = int((found[2] or b"")[:6].ljust(6, b"0"))
    try:
        at = datetime.strptime(f"{found[1].decode()}+0000", "%Y%m%d%H%M%S%z")
    except ValueError as error:
        raise der.DerError("l'instant n'existe pas") from error
    return at.replace(microsecond=microsecond).astimezone(UTC)


def _check_asked(told: TimeStampInfo, digest: bytes, nonce: int | None, policy: str | None) -> None:
    if told.imprint != digest:
        raise UnsoundError("le jeton d'horodatage porte sur une autre empreinte")
    if nonce is not None and told.nonce != nonce:
        raise UnsoundError("le jeton d'horodatage répond à une autre demande (nonce)")
    if policy is not None and told.policy != der.oid(policy):
        raise UnsoundError(f"le jeton d'horodatage est d'une autre politique que {policy}")


def _check_signed(signer: SignerInfo, content: bytes, certificate: bytes) -> None:
    attributes = read_attributes(signer.attributes)
    kind = attributes.get(oids.CONTENT_TYPE)
    if kind is None or kind.encoded != oids.TST_INFO:
        raise UnsoundError("le jeton d'horodatage ne dit pas, signé, qu'il en est un")
    digest = hashlib.new(signer.digest.name, content).digest()
    signed = attributes.get(oids.MESSAGE_DIGEST)
    if signed is None or signed.encoded != der.octets(digest):
        raise UnsoundError("ce que dit le jeton d'horodatage n'est pas ce qui fut signé")
    _check_named(attributes, certificate)


def _check_named(attributes: Mapping[bytes, der.Element], certificate: bytes) -> None:
    """The signed attribute that names the certificate, of RFC 5035 or of RFC 2634: one at least.

    The older rests on SHA-1, of which nobody finds a second preimage; many authorities use it.
    """
    newer = attributes.get(oids.SIGNING_CERTIFICATE_V2)
    older = attributes.get(oids.SIGNING_CERTIFICATE)
    if newer is None and older is None:
        raise UnsoundError("le jeton d'horodatage ne désigne pas le certificat qui l'a signé")
    if (newer and not designates(_first(newer), certificate)) or (
        older and not _designated_by_sha1(_first(older), certificate)
    ):
        raise UnsoundError("le jeton d'horodatage désigne un autre certificat que celui joint")


def _first(attribute: der.Element) -> der.Element:
    fields = der.Reader(der.read_one(attribute.encoded, der.SEQUENCE).content)
    return der.Reader(fields.take(der.SEQUENCE).content).take(der.SEQUENCE)


def _designated_by_sha1(entry: der.Element, certificate: bytes) -> bool:
    fingerprint = der.Reader(entry.content).take(der.OCTET_STRING).content
    return fingerprint == hashlib.sha1(certificate, usedforsecurity=False).digest()


def _check_usage(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound as error:
        raise UnsoundError("le certificat de l'autorité n'est pas fait pour horodater") from error
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise der.DerError("le certificat de l'autorité est abîmé") from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise UnsoundError(
            "le certificat de l'autorité n'est pas réservé à l'horodatage (usage étendu critique, "
            "et seul)"
        )


def _other(encoded: bytes) -> x509.Certificate:
    parts = der.Reader(der.read_one(encoded, der.SEQUENCE).content)
    parts.take(der.SEQUENCE)
    parts.take(der.SEQUENCE)
    signature = parts.take(_BIT_STRING)
    parts.end()
    # Libraries overlook it; what nobody reads, anybody may write.
    if signature.content[:1] != b"\0":
        raise der.DerError("la signature d'un certificat joint au jeton n'est pas d'octets entiers")
    try:
        return x509.load_der_x509_certificate(encoded)
    except (ValueError, x509.InvalidVersion) as error:
        raise der.DerError("un certificat joint au jeton est abîmé") from error


def _subject(certificate: x509.Certificate) -> str:
    try:
        return certificate.subject.rfc4514_string()
    except ValueError as error:
        raise der.DerError("le nom de l'autorité n'est pas lisible") from error


def _refusal(status: der.Reader) -> str:
    """What a refusal says: its words, else the names of its bits (RFC 3161 §2.4.2)."""
    words = status.take_if(der.SEQUENCE)
    bits = status.take_if(_BIT_STRING)
    texts = der.Reader(words.content).take_all() if words else []
    said = " ".join(each.content.decode("utf-8", "replace") for each in texts)
    flags = "".join(f"{octet:08b}" for octet in bits.content[1:]) if bits else ""
    named = [text for rank, text in _FAILURES.items() if flags[rank : rank + 1] == "1"]
    told = " ; ".join([*named, *([said] if said else [])]) or "sans dire pourquoi"
    return "".join(c if c.isprintable() else " " for c in told)[:_TOLD_MAX]
