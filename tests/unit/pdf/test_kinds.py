import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.pdf.kinds import HEAD_LENGTH, FileKind, detect_kind


def zipped(*names: str, first: bytes = b"") -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        if first:
            target.writestr("mimetype", first)
        for name in names:
            target.writestr(name, b"x")
    return archive.getvalue()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n", FileKind.PDF),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", FileKind.JPG),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", FileKind.PNG),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><DocumentBudgetaire/>', FileKind.XML),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<a/>", FileKind.XML),
        ("\ufeff<?xml version='1.0' encoding='UTF-16'?><a/>".encode("utf-16-le"), FileKind.XML),
        (b"\n  <?xml version='1.0'?><a/>", FileKind.XML),
    ],
)
def test_the_four_kinds_of_the_protocol_are_recognised(head: bytes, kind: FileKind) -> None:
    assert detect_kind(head).kind is kind


@pytest.mark.parametrize(
    ("head", "described"),
    [
        (b"", "un fichier vide"),
        (b"\x00\x00\n \x00", "un fichier sans contenu"),
        (b"<!DOCTYPE html><html></html>", "une page HTML"),
        (b"  <HTML><body>", "une page HTML"),
        (b"<?xml version='1.0'?><!DOCTYPE html><html xmlns='x'>", "une page HTML"),
        (b"<?xml version='1.0'?><svg xmlns='x'/>", "une image SVG"),
        (b"<DocumentBudgetaire xmlns='x'>", "un fichier XML sans déclaration <?xml … ?>"),
        (b"GIF89a", "une image GIF"),
        (b"II*\x00\x08", "une image TIFF"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "une image WebP"),
        (b"\x00\x00\x00\x18ftypheic", "une photographie HEIC ou AVIF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "un ancien document Office (Word, Excel…)"),
        (b"{\\rtf1", "un document RTF"),
        (zipped("[Content_Types].xml", "word/document.xml"), "un document Word"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "un classeur Excel"),
        (
            zipped("content.xml", first=b"application/vnd.oasis.opendocument.text"),
            "un document LibreOffice Writer",
        ),
        (zipped("acte.pdf"), "une archive ZIP"),
        (
            bytes.fromhex("30820a1006092a864886f70d010702"),
            "un fichier de signature ou un document signé (.p7s, .p7m)",
        ),
        (b"MZ\x90\x00", "un programme Windows"),
        ("Délibération du 2 mars\n".encode(), "un fichier texte"),
        ("Délibération".encode("utf-16"), "un fichier texte"),
        (b"\x01\x02\x03\x04", "un fichier binaire de type inconnu"),
    ],
)
def test_any_other_file_is_described_in_french(head: bytes, described: str) -> None:
    detection = detect_kind(head)
    assert detection.kind is None
    assert detection.description == described


def test_a_pdf_behind_foreign_bytes_is_recognised_and_reported() -> None:
    detection = detect_kind(b"\x00\x07" + b"x" * 500 + b"%PDF-1.4")
    assert detection.kind is FileKind.PDF
    assert detection.description == "un PDF précédé de 502 octets étrangers"


def test_a_pdf_header_beyond_the_first_kilobyte_does_not_count() -> None:
    assert detect_kind(b"\x07" * 1024 + b"%PDF-1.4").kind is None


def test_another_signature_at_the_start_outweighs_a_pdf_header_further_on() -> None:
    assert detect_kind(b"MZ" + b"x" * 60 + b"%PDF-1.4").kind is None
    assert detect_kind(b"<html><p>%PDF-1.4").description == "une page HTML"
    assert detect_kind(b"\xff\xd8\xff\xfe%PDF-1.4").kind is FileKind.JPG


def test_a_truncated_png_signature_is_not_a_png() -> None:
    assert detect_kind(b"\x89PNG\n").kind is None


def test_each_kind_knows_its_extension_and_its_media_type() -> None:
    assert {kind.extension: kind.mime for kind in FileKind} == {
        "pdf": "application/pdf",
        "xml": "application/xml",
        "jpg": "image/jpeg",
        "png": "image/png",
    }


@given(st.binary(max_size=3000))
def test_any_bytes_get_an_answer_with_words(head: bytes) -> None:
    assert detect_kind(head).description.startswith(("un ", "une "))


@given(st.binary(max_size=64))
def test_what_follows_the_pdf_header_changes_nothing(tail: bytes) -> None:
    assert detect_kind(b"%PDF-" + tail).kind is FileKind.PDF


def test_sixty_four_kilobytes_are_enough_for_the_longest_signature() -> None:
    assert HEAD_LENGTH == 65536
