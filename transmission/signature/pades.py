"""The seal of a PDF (PAdES-B-B and B-T, ETSI EN 319 142-1 §6), an incremental update and no more.

What was received stays the beginning of what is sent, to the byte, and a signature that it bears
holds as it did: read again after the seal, or there is no seal.
"""

import asyncio
import hashlib
from collections.abc import Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final

import structlog
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from transmission.clock import Clock
from transmission.domain.errors import TransmissionError
from transmission.ports.pdf_seals import PdfSealing, StampDigest, UnsealablePdfError
from transmission.ports.time_stamps import NotStamped, Stamped, TimeStamper
from transmission.signature.keys import SigningIdentity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.signers import Signer
    from pyhanko.sign.signers.pdf_signer import PdfTBSDocument

_ROOM: Final = 4096
"""Bytes kept for the signature and its attributes, beside its certificates."""
_STAMP_MAX: Final = 15 * 1024
_STAMP_ROOM: Final = 16 * 1024
_STRIDE: Final = 256 * 1024
_REST: Final = timedelta(minutes=5)


def seal_pdf(
    identity: SigningIdentity,
    source: BinaryIO,
    target: IO[bytes],
    at: datetime,
    stamp: StampDigest | None,
) -> PdfSealing:
    """Write a PDF and its seal into ``target`` (empty, read, written and sought).

    :param source: the PDF as received, seekable.
    :param at: aware UTC instant, which the seal claims.
    :param stamp: where to ask for the time stamp of level B-T; None when B-B is wanted. A seal
        that nobody stamps is of level B-B, and says why.
    Raises UnsealablePdfError: encrypted, damaged, certified against any change, or signed in a way
    that the seal would break. Raises CertificateExpiredError, CertificateNotYetValidError, OSError.
    """
    identity.check_validity(at)
    with _refusals():
        sealing = _seal(identity, source, target, at, stamp)
        _check_beginning(source, target)
        _check_earlier_signatures(target)
    return sealing


class RestingTimeStamper:
    """A time stamper that leaves its authorities alone for five minutes once none has answered.

    A seal is made while an act is prepared: each would else wait as long as the one before.
    """

    def __init__(self, asked: TimeStamper, clock: Clock) -> None:
        self._asked = asked
        self._clock = clock
        self._missed: tuple[datetime, NotStamped] | None = None

    def stamp(self, digest: bytes) -> Stamped | NotStamped:
        """Same as the port; the last answer again while at rest."""
        now = self._clock.now()
        if self._missed is not None and now - self._missed[0] < _REST:
            return self._missed[1]
        answer = self._asked.stamp(digest)
        self._missed = (now, answer) if isinstance(answer, NotStamped) else None
        return answer


@contextmanager
def _refusals() -> "Iterator[None]":
    from pyhanko.pdf_utils.misc import PdfError

    try:
        yield
    except (TransmissionError, OSError):
        # A key that cannot sign is no fault of the PDF: nothing is then sent.
        raise
    except PdfError as error:
        raise UnsealablePdfError(f"ce PDF ne se prête pas à un sceau ({error})") from error
    except Exception as error:  # a damaged file comes out of the library in many ways
        structlog.get_logger().warning("pdf_not_sealed", fault=type(error).__name__)
        raise UnsealablePdfError("ce PDF est endommagé ou mal formé") from error


def _seal(
    identity: SigningIdentity,
    source: BinaryIO,
    target: IO[bytes],
    at: datetime,
    stamp: StampDigest | None,
) -> PdfSealing:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    source.seek(0)
    writer = IncrementalPdfFileWriter(source, strict=False)
    _check_admits(writer.prev)
    room = 2 * (_ROOM + sum(map(len, _certificates(identity))) + (_STAMP_ROOM if stamp else 0))
    signer = _signer(identity)
    document = _prepared(writer, signer, at, room)
    prepared, _ = document.digest_tbs_document(output=target)
    attributes = PdfCMSSignedAttributes()
    cms = asyncio.run(
        signer.async_sign(
            prepared.document_digest, "sha256", use_pades=True, signed_attr_settings=attributes
        )
    )
    sealing = PdfSealing("B-B") if stamp is None else _stamped(cms, stamp)
    document.cms_writer.send(cms)
    return sealing


def _check_admits(reader: "PdfFileReader") -> None:
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.validation.pdf_embedded import read_certification_data

    if reader.encrypted:
        raise UnsealablePdfError("ce PDF est chiffré")
    certified = read_certification_data(reader)
    levels = [signature.docmdp_level for signature in reader.embedded_signatures]
    if certified is not None:
        levels.append(certified.permission)
    if MDPPerm.NO_CHANGES in levels:
        raise UnsealablePdfError("une signature de ce PDF y interdit tout changement")


def _prepared(writer: Any, signer: "Signer", at: datetime, room: int) -> "PdfTBSDocument":
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    name = _free_name(writer.prev)
    metadata = PdfSignatureMetadata(
        field_name=name, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    field = SigFieldSpec(sig_field_name=name)
    session = PdfSigner(metadata, signer, new_field_spec=field).init_signing_session(writer)
    session.system_time = at
    return session.prepare_tbs_document(None, room)


def _free_name(reader: "PdfFileReader") -> str:
    form = reader.root.get("/AcroForm")
    fields = form.get_object().get("/Fields", ()) if form else ()
    taken = {str(field.get_object().get("/T")) for field in fields}
    return next(name for rank in range(1, len(taken) + 2) if (name := f"Sceau{rank}") not in taken)


def _certificates(identity: SigningIdentity) -> Iterable[bytes]:
    return [each.public_bytes(Encoding.DER) for each in (identity.certificate, *identity.chain)]


def _signer(identity: SigningIdentity) -> "Signer":
    from asn1crypto import x509  # type: ignore[import-untyped]
    from pyhanko.sign.signers import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class LoadedSigner(Signer):
        """Signs with a key that is loaded already; the library's own reads it at each signature."""

        async def async_sign_raw(self, data: bytes, *_: Any, **__: Any) -> bytes:
            return identity.sign(data, hashes.SHA256())

    own, *others = [x509.Certificate.load(each) for each in _certificates(identity)]
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register_multiple(others)
    return LoadedSigner(signing_cert=own, cert_registry=registry)


def _stamped(cms: Any, stamp: StampDigest) -> PdfSealing:
    """Put a time stamp over the value of the signature beside it (RFC 3161 appendix A)."""
    from asn1crypto import cms as asn1

    signer = cms["content"]["signer_infos"][0]
    answer = stamp(hashlib.sha256(signer["signature"].native).digest())
    if isinstance(answer, NotStamped):
        return PdfSealing("B-B", f"sans horodatage : {answer.reason}")
    if len(answer.token) > _STAMP_MAX:
        return PdfSealing("B-B", "sans horodatage : la marque de temps est trop grande")
    token = asn1.ContentInfo.load(answer.token)
    attribute = {"type": "signature_time_stamp_token", "values": [token]}
    signer["unsigned_attrs"] = asn1.CMSAttributes([asn1.CMSAttribute(attribute)])
    return PdfSealing("B-T")


def _check_beginning(source: BinaryIO, target: IO[bytes]) -> None:
    source.seek(0)
    target.seek(0)
    while block := source.read(_STRIDE):
        if target.read(len(block)) != block:
            raise UnsealablePdfError("le sceau aurait changé les octets reçus")


def _check_earlier_signatures(target: IO[bytes]) -> None:
    """The library judges each as a reader of the sealed copy will."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    target.seek(0)
    reader = PdfFileReader(target, strict=False)
    *earlier, own = reader.embedded_signatures
    for signature in (*earlier, own):
        signature.compute_integrity_info()
        if not signature.summarise_integrity_info()["docmdp_ok"]:
            raise UnsealablePdfError("le sceau ferait paraître rompue une signature de ce PDF")
