import datetime as dt
import io
import random
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from transmission.domain.pdf_signatures import SignatureAnswer
from transmission.pdf.inspection import inspect_pdf
from transmission.ports.pdf_seals import PdfSealing, StampDigest, UnsealablePdfError
from transmission.ports.proof import SoundTimeStamp, Trust
from transmission.ports.time_stamps import NotStamped, Stamped
from transmission.signature.errors import CertificateExpiredError, SignatureError
from transmission.signature.keys import SigningIdentity
from transmission.signature.pades import RestingTimeStamper, seal_pdf
from transmission.signature.signed_pdf import read_signatures

AT_B = PdfSealing("B-B")
KINDS = ("p-256", "p-384", "rsa-2048")


def blank(pages: int = 1, **saving: Any) -> bytes:
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        for number in range(pages):
            page = pdf.add_blank_page()
            page.Contents = pdf.make_stream(b"%d 0 m 100 100 l S" % number)
        pdf.save(target, **saving)
    return target.getvalue()


@pytest.fixture(scope="module")
def sealed(signer: Any, signed_at: dt.datetime) -> Callable[..., bytes]:
    def seal(
        content: bytes,
        kind: str = "p-256",
        stamp: StampDigest | None = None,
        expected: PdfSealing = AT_B,
    ) -> bytes:
        target = io.BytesIO()
        made = seal_pdf(signer(kind).identity, io.BytesIO(content), target, signed_at, stamp)
        assert made == expected
        return target.getvalue()

    return seal


@pytest.mark.parametrize("kind", KINDS)
def test_a_seal_holds_and_what_was_received_stays_its_beginning(
    sealed: Callable[..., bytes], authority: Any, signed_at: dt.datetime, kind: str
) -> None:
    content = blank()
    copy = sealed(content, kind)
    assert copy.startswith(content)
    (seal,) = read_signatures(io.BytesIO(copy), [authority.root], signed_at).signatures
    assert seal.answer is SignatureAnswer.VALID, seal
    assert (seal.signed_at, seal.coverage) == (signed_at, "tout le document")
    assert "Cachet électronique de la mairie" in str(seal.signer)


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig is not here")
@pytest.mark.parametrize("kind", KINDS)
def test_poppler_accepts_the_seal(sealed: Callable[..., bytes], tmp_path: Path, kind: str) -> None:
    file = tmp_path / "acte.pdf"
    file.write_bytes(sealed(sealed(blank(), kind), kind))
    told = subprocess.run(
        ["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=True, timeout=30
    ).stdout
    assert told.count("Signature is Valid.") == 2
    assert told.count("ETSI.CAdES.detached") == 2
    assert "Total document signed" in told


def test_the_seal_has_the_attributes_of_a_baseline_signature_and_no_other_time(
    sealed: Callable[..., bytes],
) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    (seal,) = PdfFileReader(io.BytesIO(sealed(blank()))).embedded_signatures
    kinds = [attribute["type"].native for attribute in seal.signer_info["signed_attrs"]]
    assert sorted(kinds) == ["content_type", "message_digest", "signing_certificate_v2"]
    assert str(seal.sig_object["/M"]) == "D:20260310093015Z"


def test_a_sealed_copy_looks_the_same_and_is_not_damaged(
    sealed: Callable[..., bytes], tmp_path: Path
) -> None:
    for saving in ({}, {"object_stream_mode": pikepdf.ObjectStreamMode.generate}):
        content = blank(2, **saving)
        images = [
            [bytes(page.render().buffer) for page in pypdfium2.PdfDocument(each)]
            for each in (content, sealed(content))
        ]
        assert images[0] == images[1]
        file = tmp_path / "acte.pdf"
        file.write_bytes(sealed(content))
        facts = inspect_pdf(file)
        assert (facts.pages, facts.repaired, facts.signed) == (2, (), True)


def hybrid() -> bytes:
    """A file as Word writes them: one object is known to the stream of cross-references alone."""
    out, places = io.BytesIO(), {}
    inner, data = b"4 0 << /Title (cache) >>", struct.pack(">BHB", 2, 5, 0)
    bodies = {
        1: b"<< /Type /Catalog /Pages 2 0 R /Extra 4 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Resources << >> >>",
        5: b"<< /Type /ObjStm /N 1 /First 4 /Length %d >>\nstream\n%b\nendstream"
        % (len(inner), inner),
        6: b"<< /Type /XRef /Size 7 /W [1 2 1] /Index [4 1] /Length %d >>\nstream\n%b\nendstream"
        % (len(data), data),
    }
    out.write(b"%PDF-1.5\n")
    for number, body in bodies.items():
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 7\n")
    for number in range(7):
        known = places.get(number)
        out.write(b"%010d 00000 n \n" % known if known else b"0000000000 65535 f \n")
    trailer = b"trailer\n<< /Size 7 /Root 1 0 R /XRefStm %d >>\nstartxref\n%d\n%%%%EOF\n"
    out.write(trailer % (places[6], start))
    return out.getvalue()


def test_a_hybrid_file_keeps_all_its_objects_under_the_seal(
    sealed: Callable[..., bytes], authority: Any, signed_at: dt.datetime, tmp_path: Path
) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    copy = sealed(hybrid())
    assert copy.startswith(hybrid())
    file = tmp_path / "acte.pdf"
    file.write_bytes(copy)
    assert inspect_pdf(file).repaired == ()
    reader = PdfFileReader(io.BytesIO(copy), strict=False)
    assert str(reader.root["/Extra"]["/Title"]) == "cache"
    found = read_signatures(io.BytesIO(copy), [authority.root], signed_at)
    assert found.answer is SignatureAnswer.VALID


def test_an_earlier_signature_holds_under_the_seal(
    sealed: Callable[..., bytes], authority: Any, signed_at: dt.datetime
) -> None:
    copy = sealed(sealed(blank(), "p-384"))
    found = read_signatures(io.BytesIO(copy), [authority.root], signed_at)
    assert [each.answer for each in found.signatures] == [SignatureAnswer.VALID] * 2


def _certified(sealed_by: Any, signed_at: dt.datetime, permission: int) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    from transmission.signature import pades

    writer = IncrementalPdfFileWriter(io.BytesIO(blank()))
    metadata = PdfSignatureMetadata(
        field_name="Maire", certify=True, docmdp_permissions=MDPPerm(permission)
    )
    output = PdfSigner(metadata, pades._signer(sealed_by.identity)).sign_pdf(
        writer, bytes_reserved=20_000
    )
    return bytes(output.getbuffer())


def test_a_document_certified_against_any_change_is_left_as_it_is(
    sealed: Callable[..., bytes], signer: Any, signed_at: dt.datetime
) -> None:
    with pytest.raises(UnsealablePdfError, match="interdit tout changement"):
        sealed(_certified(signer("p-256"), signed_at, 1))
    admits = _certified(signer("p-256"), signed_at, 2)
    assert sealed(admits).startswith(admits)


def test_a_signature_that_was_broken_already_is_not_sealed_over(
    sealed: Callable[..., bytes],
) -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(sealed(blank())))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 m 9 9 l S"))
    writer.update_container(page)
    output = io.BytesIO()
    writer.write(output)  # type: ignore[no-untyped-call]
    with pytest.raises(UnsealablePdfError, match="paraître rompue"):
        sealed(output.getvalue())


def test_an_encrypted_pdf_is_left_as_it_is(sealed: Callable[..., bytes]) -> None:
    locked = blank(encryption=pikepdf.Encryption(owner="secret", user=""))
    with pytest.raises(UnsealablePdfError, match="chiffré"):
        sealed(locked)


def test_damaged_pdfs_get_a_reason_or_a_seal_over_all_of_them(
    sealed: Callable[..., bytes],
) -> None:
    content, chance = blank(), random.Random(7)
    for _ in range(40):
        start = chance.randrange(len(content))
        damaged = content[:start] + chance.randbytes(9) + content[start + chance.randrange(40) :]
        try:
            assert sealed(damaged).startswith(damaged)
        except UnsealablePdfError:
            continue


def test_a_certificate_that_has_ended_seals_nothing(signer: Any) -> None:
    late = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(CertificateExpiredError):
        seal_pdf(signer("p-256").identity, io.BytesIO(blank()), io.BytesIO(), late, None)


def test_a_key_that_cannot_sign_is_no_fault_of_the_pdf(
    signer: Any, signed_at: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise SignatureError("Le boîtier ne répond pas.")

    monkeypatch.setattr(SigningIdentity, "sign", fails)
    with pytest.raises(SignatureError, match="boîtier"):
        seal_pdf(signer("p-256").identity, io.BytesIO(blank()), io.BytesIO(), signed_at, None)


def test_a_seal_that_nobody_stamps_is_of_level_b_and_says_why(
    sealed: Callable[..., bytes],
) -> None:
    down = NotStamped("l'autorité ne répond pas")
    sealed(
        blank(),
        stamp=lambda _digest: down,
        expected=PdfSealing("B-B", "sans horodatage : l'autorité ne répond pas"),
    )


def test_a_token_too_large_for_the_place_kept_is_left_out(sealed: Callable[..., bytes]) -> None:
    sound = SoundTimeStamp(dt.datetime(2026, 3, 10, tzinfo=dt.UTC), "", b"", Trust.TRUSTED, "")
    sealed(
        blank(),
        stamp=lambda _digest: Stamped(bytes(20_000), sound),
        expected=PdfSealing("B-B", "sans horodatage : la marque de temps est trop grande"),
    )


class _Clock:
    def __init__(self) -> None:
        self.at = dt.datetime(2026, 3, 10, tzinfo=dt.UTC)

    def now(self) -> dt.datetime:
        return self.at


def test_an_authority_of_time_that_did_not_answer_is_left_alone_for_a_while() -> None:
    asked: list[bytes] = []

    class Down:
        def stamp(self, digest: bytes) -> NotStamped:
            asked.append(digest)
            return NotStamped("l'autorité ne répond pas")

    clock = _Clock()
    resting = RestingTimeStamper(Down(), clock)
    assert resting.stamp(b"1") == resting.stamp(b"2") == NotStamped("l'autorité ne répond pas")
    assert asked == [b"1"]
    clock.at += dt.timedelta(minutes=5)
    resting.stamp(b"3")
    assert asked == [b"1", b"3"]
