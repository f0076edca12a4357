"""The judge of deposited files: by content, never by name, and in French."""

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from transmission.pdf.inspector import ContentInspector

AsFile = Callable[[bytes], Path]
INSPECTOR = ContentInspector()
XML = b'<?xml version="1.0"?><DocumentBudgetaire/>'


def test_the_kind_comes_from_the_content_whatever_the_name(
    make_pdf: Callable[..., bytes], tmp_path: Path
) -> None:
    for name, content, kind in (
        ("acte.xml", make_pdf(), "pdf"),
        ("acte.pdf", XML, "xml"),
        ("acte.docx", b"\xff\xd8\xff\xe0" + b"x" * 20, "jpg"),
        ("acte", b"\x89PNG\r\n\x1a\n" + b"x" * 20, "png"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        assert INSPECTOR.kind(path) == kind


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + b"\0" * 26 + b"word/document.xml", "un document Word"),
        (b"MZ\x90\x00", "un programme Windows"),
        (b"", "un fichier vide"),
    ],
)
def test_any_other_content_has_no_kind_and_is_described_in_french(
    as_file: AsFile, content: bytes, words: str
) -> None:
    path = as_file(content)
    assert INSPECTOR.kind(path) is None
    assert words in INSPECTOR.describe(path)


def test_a_large_file_is_judged_on_its_beginning(as_file: AsFile) -> None:
    assert INSPECTOR.kind(as_file(XML + b" " * 200_000)) == "xml"


def test_a_sound_pdf_has_no_problem(make_pdf: Callable[..., bytes], as_file: AsFile) -> None:
    assert INSPECTOR.pdf_problem(as_file(make_pdf(pages=2))) is None


def test_a_pdf_with_a_user_password_is_refused_in_french(
    make_pdf: Callable[..., bytes], as_file: AsFile
) -> None:
    locked = make_pdf(encryption=pikepdf.Encryption(user="secret", owner="secret"))
    problem = INSPECTOR.pdf_problem(as_file(locked))
    assert problem is not None
    assert "mot de passe" in problem


def test_a_pdf_that_opens_only_once_repaired_is_refused(
    make_pdf: Callable[..., bytes], as_file: AsFile
) -> None:
    whole = make_pdf()
    damaged = whole[: whole.rindex(b"startxref")]
    with pikepdf.open(as_file(damaged)) as repaired:
        assert len(repaired.pages) == 1
    problem = INSPECTOR.pdf_problem(as_file(damaged))
    assert problem is not None
    assert "abîmé" in problem


def test_a_pdf_cut_short_is_refused_in_french(
    make_pdf: Callable[..., bytes], as_file: AsFile
) -> None:
    assert INSPECTOR.pdf_problem(as_file(make_pdf()[:200]))
