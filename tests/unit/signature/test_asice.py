"""The container: one way only of writing the same members."""

import base64
import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from tests.support.tsa import OpensslTsa, intermediate, tsa_certificate
from transmission.signature.asice import MIMETYPE, AsiceBinder

MEMBERS = {"recu/01-acte.pdf": b"%PDF", "journal/lignes.jsonl": b"{}\n", "dossier.json": b"{}"}


def _written(members: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with AsiceBinder().container(target) as container:
        for name, content in members.items():
            container.add(name, BytesIO(content), len(content))
    return target.getvalue()


def test_the_same_members_give_the_same_bytes() -> None:
    assert _written(MEMBERS) == _written(MEMBERS)


def test_the_first_member_says_what_the_file_is_where_any_program_looks_for_it() -> None:
    content = _written(MEMBERS)
    assert content[30:38] == b"mimetype"
    assert content[38 : 38 + len(MIMETYPE)] == MIMETYPE.encode()


def test_members_are_stored_with_fixed_dates_and_nothing_that_nobody_reads() -> None:
    with zipfile.ZipFile(BytesIO(_written(MEMBERS))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["mimetype", *MEMBERS]
        assert archive.comment == b""
        for each in archive.infolist():
            assert each.compress_type == zipfile.ZIP_STORED
            assert (each.date_time, each.flag_bits) == ((1980, 1, 1, 0, 0, 0), 0)
            assert (each.extra, each.comment, each.external_attr) == (b"", b"", 0o600 << 16)
            assert archive.read(each) == {"mimetype": MIMETYPE.encode(), **MEMBERS}[each.filename]


def test_a_member_that_is_not_of_its_size_is_refused() -> None:
    with (
        pytest.raises(OSError, match="3 bytes instead of 4"),
        AsiceBinder().container(BytesIO()) as container,
    ):
        container.add("recu/01-acte.pdf", BytesIO(b"abc"), 4)


def test_the_manifest_names_each_member_and_its_type_in_order() -> None:
    manifest = AsiceBinder().manifest(list(MEMBERS))
    assert manifest.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest ')
    attributes = [list(each.attrib.values()) for each in etree.fromstring(manifest)]
    assert attributes == [
        ["/", MIMETYPE],
        ["recu/01-acte.pdf", "application/pdf"],
        ["journal/lignes.jsonl", "text/plain"],
        ["dossier.json", "application/json"],
    ]


def test_certificates_are_taken_out_of_a_time_stamp(tmp_path: Path) -> None:
    tsa = OpensslTsa(tmp_path)
    found = AsiceBinder().certificates(tsa.token(sha256(b"x").digest()))
    wanted = {
        sha256(each.public_bytes(Encoding.DER)).hexdigest()
        for each in (tsa.certificate, intermediate())
    }
    assert set(found) == wanted
    for name, pem in found.items():
        der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
        assert sha256(der).hexdigest() == name
    assert AsiceBinder().revocations(tsa.token(sha256(b"y").digest())) == {}


def test_a_certificate_is_taken_out_of_a_xades() -> None:
    der = tsa_certificate().public_bytes(Encoding.DER)
    signed = (
        b'<s xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Certificate>'
        + base64.b64encode(der)
        + b"</ds:X509Certificate></s>"
    )
    assert list(AsiceBinder().certificates(signed)) == [sha256(der).hexdigest()]


@pytest.mark.parametrize(
    "content", [b"", b"x", b"<a", b"<a/>", b"-----BEGIN CMS-----\n!\n", b"0\x80"]
)
def test_what_cannot_be_read_has_no_certificate(content: bytes) -> None:
    assert AsiceBinder().certificates(content) == {}
    assert AsiceBinder().revocations(content) == {}
