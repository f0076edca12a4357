import datetime as dt
import hashlib
import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.signed_pdfs import DAY, SIGNED, Town, blank
from transmission.domain.pdf_signatures import (
    PdfSignature,
    PdfSignatures,
    SignatureAnswer,
    TimeSource,
    dump_signatures,
    load_signatures,
)
from transmission.signature.signed_pdf import read_signatures

NOW = SIGNED + 2 * DAY
VALID, INVALID, UNKNOWN = SignatureAnswer.VALID, SignatureAnswer.INVALID, SignatureAnswer.UNKNOWN


class Read(Town):
    """The same, with our answers."""

    def read(self, pdf: bytes, now: dt.datetime = NOW) -> PdfSignatures:
        return read_signatures(io.BytesIO(pdf), [self.root], now)

    def one(self, pdf: bytes, now: dt.datetime = NOW) -> PdfSignature:
        (signature,) = self.read(pdf, now).signatures
        return signature


@pytest.fixture(scope="module")
def town() -> Read:
    return Read()


@pytest.fixture(scope="module")
def signed(town: Read) -> bytes:
    return town.sign(blank())


def test_a_whole_signature_is_valid_and_says_who_when_and_what_it_covers(
    town: Read, signed: bytes
) -> None:
    found = town.one(signed)
    assert found.answer is VALID, found
    assert found.signer == "CN=Saint-Exemple\\, maire"
    assert found.issuer == "CN=Saint-Exemple\\, racine"
    assert (found.signed_at, found.time_source) == (SIGNED, TimeSource.CLAIM)
    assert found.coverage == "tout le document"
    assert found.changes == "aucun changement depuis"
    assert found.algorithms == "ECDSA secp256r1, sha256"
    assert found.why == ("son certificat : on ne sait pas s'il était révoqué à cette date",)


def test_without_roots_nobody_can_say(signed: bytes) -> None:
    found = read_signatures(io.BytesIO(signed), [], NOW)
    assert found.answer is UNKNOWN
    assert "aucune racine de confiance" in found.reasons[0]


def test_a_certificate_expired_at_the_signature_makes_it_invalid(town: Read) -> None:
    pdf = town.sign(blank(), town.issue("maire", "racine", end=SIGNED - DAY))
    found = town.one(pdf)
    assert found.answer is INVALID
    assert "il avait expiré le 02/03/2023" in found.why[0]


def test_a_certificate_expired_since_leaves_it_valid(town: Read) -> None:
    pdf = town.sign(blank(), town.issue("maire", "racine", end=SIGNED + DAY))
    assert town.one(pdf, now=SIGNED + 300 * DAY).answer is VALID


def test_a_self_signed_certificate_proves_nobody(town: Read) -> None:
    found = town.one(town.sign(blank(), town.issue("maire", "maire")))
    assert found.answer is UNKNOWN
    assert "ne mène à aucune racine" in found.why[0]


def test_a_certificate_that_is_not_made_to_sign_leaves_a_doubt(town: Read) -> None:
    pdf = town.sign(blank(), town.issue("maire", "racine", usage="key_agreement"))
    assert town.one(pdf).answer is UNKNOWN


def test_a_weak_digest_leaves_a_doubt(town: Read) -> None:
    found = town.one(town.sign(blank(), md_algorithm="sha1"))
    assert found.answer is UNKNOWN
    assert "son empreinte (sha1) est trop faible pour prouver" in found.why


def test_a_document_altered_afterwards_is_found_invalid(town: Read, signed: bytes) -> None:
    altered = signed.replace(b"100 100 l", b"100 109 l")
    found = town.one(altered)
    assert found.answer is INVALID
    assert "le document a été altéré depuis la signature" in found.why


def test_an_update_that_changes_a_page_makes_the_signature_before_it_invalid(
    town: Read, signed: bytes
) -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 m 100 900 l S"))
    writer.update_container(page)
    output = io.BytesIO()
    writer.write(output)
    found = town.one(output.getvalue())
    assert found.answer is INVALID
    assert found.coverage == "une version antérieure du document, entière"
    assert found.changes == "des changements qu'elle n'admet pas"


def test_two_signatures_hold_together(town: Read, signed: bytes) -> None:
    found = town.read(town.sign(signed, field="Adjoint"))
    assert [each.answer for each in found.signatures] == [VALID, VALID]
    assert found.answer is VALID
    assert found.signatures[0].changes == (
        "d'autres signatures ou des champs remplis depuis, ce qu'elle admet"
    )


def test_the_worst_of_several_signatures_is_the_answer(town: Read, signed: bytes) -> None:
    alone = town.issue("maire", "maire")
    found = town.read(town.sign(signed, alone, field="Adjoint"))
    assert [each.answer for each in found.signatures] == [VALID, UNKNOWN]
    assert found.answer is UNKNOWN


def test_a_certified_document_is_valid(town: Read) -> None:
    from pyhanko.sign.fields import MDPPerm

    pdf = town.sign(blank(), certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    assert town.one(pdf).answer is VALID


def test_a_signature_added_where_the_certification_admits_none_breaks_it(
    town: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.signers import PdfSigner

    certified = town.sign(blank(), certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    monkeypatch.setattr(PdfSigner, "_enforce_certification_constraints", lambda *_: None)
    found = town.read(town.sign(certified, field="Adjoint"))
    assert [each.answer for each in found.signatures] == [INVALID, VALID]
    assert found.signatures[0].changes == "des changements qu'elle n'admet pas"


def test_a_revoked_certificate_is_told_by_the_lists_that_the_file_keeps(
    town: Read, signed: bytes
) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.validation.dss import DocumentSecurityStore

    revoked = x509.RevokedCertificateBuilder(town.mayor.serial_number, SIGNED - DAY).build()
    lists = x509.CertificateRevocationListBuilder(town.name("racine"), SIGNED, SIGNED + 9 * DAY)
    crl = lists.add_revoked_certificate(revoked).sign(town.keys["racine"], hashes.SHA256())
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    from asn1crypto import crl as asn1_crl

    DocumentSecurityStore.supply_dss_in_writer(
        writer, None, crls=[asn1_crl.CertificateList.load(crl.public_bytes(Encoding.DER))]
    )
    output = io.BytesIO()
    writer.write(output)
    found = town.one(output.getvalue())
    assert found.answer is INVALID
    assert found.changes == "seules des preuves de validité ont été ajoutées depuis"
    assert "il avait été révoqué le 02/03/2023" in found.why[0]


def test_a_time_to_come_and_no_time_at_all_are_told(town: Read) -> None:
    to_come = town.one(town.sign(blank(), at=NOW + DAY))
    assert to_come.answer is UNKNOWN
    assert "l'heure qu'elle déclare est à venir" in to_come.why
    assert town.one(town.sign(blank(), at=None)).signed_at is None


def test_an_unsigned_pdf_and_an_empty_field_bear_no_signature(town: Read) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    assert town.read(blank()) == PdfSignatures()
    writer = IncrementalPdfFileWriter(io.BytesIO(blank()))
    append_signature_field(writer, SigFieldSpec("Vide"))
    output = io.BytesIO()
    writer.write(output)
    assert town.read(output.getvalue()).answer is None


def test_an_encrypted_pdf_is_not_read(town: Read) -> None:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(blank())) as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(owner="secret", user=""))
    assert town.read(target.getvalue()).answer is UNKNOWN


def test_a_form_that_is_not_verified_here_is_told(town: Read, signed: bytes) -> None:
    other = signed.replace(b"/ETSI.CAdES.detached", b"/adbe.x509.rsa_sha1 ")
    found = town.one(other)
    assert found.answer is UNKNOWN
    assert "adbe.x509.rsa_sha1" in found.why[0]


def _signed_places(signed: bytes) -> Iterator[range]:
    """What the signature covers."""
    opening = signed.rindex(b"/Contents <") + len(b"/Contents ")
    yield range(opening)
    yield range(signed.index(b">", opening) + 1, len(signed))


@given(chosen=st.data())
@settings(max_examples=25)
def test_one_byte_altered_under_the_signature_never_leaves_it_valid(
    town: Read, signed: bytes, chosen: st.DataObject
) -> None:
    ranges = [place for part in _signed_places(signed) for place in part]
    place = chosen.draw(st.sampled_from(ranges))
    altered = bytearray(signed)
    altered[place] ^= chosen.draw(st.integers(1, 255))
    assert town.read(bytes(altered)).answer is not VALID


@given(chosen=st.data())
@settings(max_examples=25)
def test_damaged_and_hostile_bytes_always_get_an_answer(
    town: Read, signed: bytes, chosen: st.DataObject
) -> None:
    start = chosen.draw(st.integers(0, len(signed)))
    length = chosen.draw(st.integers(0, len(signed) - start))
    other = chosen.draw(st.binary(max_size=30))
    found = town.read(signed[:start] + other + signed[start + length :])
    assert found.answer in (None, VALID, INVALID, UNKNOWN)


def test_what_is_found_goes_to_json_and_back(town: Read, signed: bytes) -> None:
    for found in (town.read(signed), PdfSignatures(unread="illisible"), PdfSignatures()):
        assert load_signatures(dump_signatures(found)) == found


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig is not here")
def test_poppler_finds_the_same(town: Read, signed: bytes, tmp_path: Path) -> None:
    for content, expected in (
        (signed, "Signature is Valid."),
        (signed.replace(b"100 100 l", b"100 109 l"), "Digest Mismatch."),
    ):
        file = tmp_path / f"{hashlib.sha256(content).hexdigest()}.pdf"
        file.write_bytes(content)
        told = subprocess.run(
            ["pdfsig", "-nocert", str(file)],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert expected in told.stdout
