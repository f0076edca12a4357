"""What the signatures in a PDF are worth, each with one of three answers (ETSI EN 319 102-1 §5).

Nothing is fetched. An answer is « valide » only when everything holds; « invalide » when something
is proved wrong; « on ne sait pas » for all that is between, weak algorithms among them.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from transmission.domain.pdf_signatures import (
    PdfSignature,
    PdfSignatures,
    SignatureAnswer,
    TimeSource,
)
from transmission.ports.proof import Trust, UnsoundError
from transmission.signature.algorithms import DIGESTS, is_accepted
from transmission.signature.time_stamp import verify_time_stamp
from transmission.signature.trust import Standing, assess

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

_SIGNATURES_MAX: Final = 20
_REVISIONS_MAX: Final = 60
_SIZE_MAX: Final = 160 * 1024 * 1024
_AHEAD: Final = timedelta(hours=1)
"""How far the clock of a signer may be before ours."""

_WRONG: Final = {Standing.EXPIRED, Standing.NOT_YET_VALID, Standing.REVOKED}
_DETACHED: Final = ("/ETSI.CAdES.detached", "/adbe.pkcs7.detached", "/PBAD.PAdES.detached")
_COVERAGE: Final = {
    "ENTIRE_FILE": "tout le document",
    "ENTIRE_REVISION": "une version antérieure du document, entière",
}
_CHANGES: Final = {
    "NONE": "aucun changement depuis",
    "LTA_UPDATES": "seules des preuves de validité ont été ajoutées depuis",
    "FORM_FILLING": "d'autres signatures ou des champs remplis depuis, ce qu'elle admet",
    "ANNOTATIONS": "des annotations depuis, ce qu'elle admet",
}


class _DoubtError(Exception):
    """Something that cannot be established, in French."""


@dataclass(frozen=True, slots=True)
class _Anchors:
    """What certificates are judged with: roots, those of the file, its revocation data, our now."""

    roots: Sequence[x509.Certificate]
    now: datetime
    others: Sequence[x509.Certificate] = ()
    revocations: Sequence[bytes] = ()


@dataclass(slots=True)
class _Finding:
    """One signature while it is judged: facts, flaws and doubts are gathered, all of them."""

    signer: x509.Certificate | None = None
    signed_at: datetime | None = None
    time_source: TimeSource | None = None
    coverage: str = ""
    changes: str = ""
    algorithms: str = ""
    flaws: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def signature(self) -> PdfSignature:
        answer = SignatureAnswer.VALID
        if self.flaws or self.doubts:
            answer = SignatureAnswer.INVALID if self.flaws else SignatureAnswer.UNKNOWN
        return PdfSignature(
            answer=answer,
            signer=_name(self.signer.subject) if self.signer else None,
            issuer=_name(self.signer.issuer) if self.signer else None,
            signed_at=self.signed_at,
            time_source=self.time_source,
            coverage=self.coverage,
            changes=self.changes,
            algorithms=self.algorithms,
            why=(*self.flaws, *self.doubts, *self.remarks),
        )


def certificates_of(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM text, none when it holds none that can be read."""
    with suppress(ValueError):
        return x509.load_pem_x509_certificates(pem)
    return []


def read_signatures(
    source: BinaryIO, roots: Sequence[x509.Certificate], now: datetime
) -> PdfSignatures:
    """Judge every signature of a PDF, in the order of its revisions; always an answer.

    Certificates are judged at the moment of the signature: that of its time stamp when it bears
    one which holds, else the one that the signer claims, else ``now``.
    :param source: the PDF, seekable; nothing is written.
    :param roots: those trusted; none means that no signature can be found valid.
    :param now: aware UTC instant when the PDF was in our hands.
    At most 160 MB, 20 signatures and 60 revisions are read. Raises OSError.
    """
    try:
        return _read(source, _Anchors(roots, now))
    except _DoubtError as doubt:
        return PdfSignatures(unread=str(doubt))
    except OSError:
        raise
    except Exception:  # noqa: BLE001  (a damaged file comes out of the library in many ways)
        return PdfSignatures(unread="les signatures de ce PDF sont illisibles : il est mal formé")


def _read(source: BinaryIO, anchors: _Anchors) -> PdfSignatures:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import enumerate_sig_fields

    if source.seek(0, 2) > _SIZE_MAX:
        raise _DoubtError("ce PDF est trop lourd pour que ses signatures soient lues")
    source.seek(0)
    reader = PdfFileReader(source, strict=False)
    if reader.encrypted:
        raise _DoubtError("ce PDF est chiffré : ses signatures ne sont pas lues")
    filled = list(enumerate_sig_fields(reader, filled_status=True))
    if len(filled) > _SIGNATURES_MAX or reader.xrefs.total_revisions > _REVISIONS_MAX:
        raise _DoubtError("ce PDF a trop de signatures ou de versions pour être lu en entier")
    anchors = _with_kept_proofs(reader, anchors)
    found = [_one(reader, name, value, holder, anchors) for name, value, holder in filled]
    return PdfSignatures(tuple(found_one for found_one in found if found_one is not None))


def _with_kept_proofs(reader: "PdfFileReader", anchors: _Anchors) -> _Anchors:
    """What the file keeps for its own validation (ETSI EN 319 142-1 §5.4): certificates, lists."""
    store = reader.root.get("/DSS")
    if not store:
        return anchors
    streams = {
        key: [each.get_object().data for each in store.get_object().get(key, ())]
        for key in ("/Certs", "/CRLs", "/OCSPs")
    }
    return replace(
        anchors,
        others=list(_certificates(streams["/Certs"])),
        revocations=(*streams["/CRLs"], *streams["/OCSPs"]),
    )


def _one(
    reader: "PdfFileReader", name: str, value: Any, holder: Any, anchors: _Anchors
) -> PdfSignature | None:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

    finding = _Finding()
    try:
        if value.get_object().get("/Type") == "/DocTimeStamp":
            return None
        _check_form(value.get_object().get("/SubFilter"))
        _judge(EmbeddedPdfSignature(reader, holder, name), anchors, finding)
    except _DoubtError as doubt:
        finding.doubts.append(str(doubt))
    except OSError:
        raise
    except Exception:  # noqa: BLE001
        finding.doubts.append("elle est illisible ou mal formée")
    return finding.signature()


def _check_form(form: object) -> None:
    if form not in _DETACHED:
        raise _DoubtError(f"sa forme ({form}) n'est pas de celles qui se vérifient ici")


def _judge(embedded: "EmbeddedPdfSignature", anchors: _Anchors, finding: _Finding) -> None:
    _judge_coverage(embedded, finding)
    certificate = next(_certificates([embedded.signer_cert.dump()]), None)
    if certificate is None:
        raise _DoubtError("le certificat du signataire est illisible")
    finding.signer = certificate
    _judge_value(embedded, finding)
    _judge_algorithms(embedded, certificate, finding)
    _judge_usage(certificate, finding)
    embedded_ones = _certificates(each.dump() for each in embedded.other_embedded_certs)
    anchors = replace(anchors, others=(*anchors.others, *embedded_ones))
    _date(embedded, anchors, finding)
    _judge_certificate(certificate, anchors, finding)


def _judge_coverage(embedded: "EmbeddedPdfSignature", finding: _Finding) -> None:
    from pyhanko.sign.diff_analysis import DiffResult

    embedded.compute_integrity_info()  # type: ignore[no-untyped-call]
    summary = embedded.summarise_integrity_info()
    result, level = summary["diff_result"], summary["coverage"].name
    finding.coverage = _COVERAGE.get(level, "une partie du document seulement")
    if summary["docmdp_ok"] and isinstance(result, DiffResult):
        finding.changes = _CHANGES[result.modification_level.name]
    elif level in _COVERAGE:
        finding.changes = "des changements qu'elle n'admet pas"
        finding.flaws.append("le document a été changé après elle, au-delà de ce qu'elle admet")
    else:
        finding.flaws.append("elle ne couvre pas le document tel qu'il se lit")


def _judge_value(embedded: "EmbeddedPdfSignature", finding: _Finding) -> None:
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    try:
        intact, holds = validate_sig_integrity(
            embedded.signer_info,
            embedded.signer_cert,
            expected_content_type="data",
            actual_digest=embedded.compute_digest(),
        )
    except SignatureValidationError as error:
        raise _DoubtError("elle ne suit pas sa norme (CMS) et ne se vérifie pas") from error
    if not intact:
        finding.flaws.append("le document a été altéré depuis la signature")
    elif not holds:
        finding.flaws.append("la valeur de la signature est fausse")


def _judge_algorithms(
    embedded: "EmbeddedPdfSignature", certificate: x509.Certificate, finding: _Finding
) -> None:
    digest = embedded.md_algorithm
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _DoubtError("la clé du signataire est d'un genre inconnu") from error
    kind = type(key).__name__.removesuffix("PublicKey")
    if isinstance(key, rsa.RSAPublicKey):
        kind = f"RSA {key.key_size}"
    elif isinstance(key, ec.EllipticCurvePublicKey):
        kind = f"ECDSA {key.curve.name}"
    finding.algorithms = f"{kind}, {digest}"
    if digest not in DIGESTS:
        finding.doubts.append(f"son empreinte ({digest}) est trop faible pour prouver")
    if not is_accepted(key):
        finding.doubts.append(f"sa clé ({kind}) est trop faible ou d'un genre non admis")


def _judge_usage(certificate: x509.Certificate, finding: _Finding) -> None:
    with suppress(x509.ExtensionNotFound):
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        if not (usage.digital_signature or usage.content_commitment):
            finding.doubts.append("le certificat n'est pas fait pour signer")


def _date(embedded: "EmbeddedPdfSignature", anchors: _Anchors, finding: _Finding) -> None:
    claimed = embedded.self_reported_timestamp
    if claimed is not None:
        # A date without an offset is read as UTC: hours of doubt, and the day is only a claim.
        claimed = claimed.replace(tzinfo=claimed.tzinfo or UTC).astimezone(UTC)
        finding.signed_at, finding.time_source = claimed, TimeSource.CLAIM
    for token in _tokens(embedded):
        digest = hashlib.sha256(embedded.signer_info["signature"].native).digest()
        try:
            sound = verify_time_stamp(token, digest, anchors.roots)
        except UnsoundError as error:
            finding.remarks.append(f"son horodatage n'est pas retenu : {error}")
            continue
        if sound.trust is Trust.TRUSTED:
            finding.signed_at, finding.time_source = sound.at, TimeSource.STAMP
            return
        finding.remarks.append(f"son horodatage n'est pas retenu : {sound.why}")
    if claimed is None:
        finding.remarks.append("elle ne dit pas quand elle a été faite")
    elif claimed > anchors.now + _AHEAD:
        finding.doubts.append("l'heure qu'elle déclare est à venir")


def _tokens(embedded: "EmbeddedPdfSignature") -> Iterator[bytes]:
    attributes = embedded.signer_info["unsigned_attrs"]
    for attribute in attributes if attributes.native else ():
        if attribute["type"].native == "signature_time_stamp_token":
            yield from (value.dump() for value in attribute["values"])


def _judge_certificate(certificate: x509.Certificate, anchors: _Anchors, finding: _Finding) -> None:
    at = finding.signed_at or anchors.now
    judgement = assess(certificate, list(anchors.others), anchors.roots, at, anchors.revocations)
    told = f"son certificat : {judgement.why}"
    if judgement.standing in _WRONG:
        finding.flaws.append(told)
    elif judgement.standing is not Standing.SOUND:
        finding.doubts.append(told)
    elif judgement.why:
        finding.remarks.append(told)


def _certificates(encoded: Any) -> Iterator[x509.Certificate]:
    for each in encoded:
        with suppress(ValueError, x509.InvalidVersion):
            yield x509.load_der_x509_certificate(each)


def _name(name: x509.Name) -> str:
    with suppress(ValueError):
        return name.rfc4514_string()
    return "nom illisible"
