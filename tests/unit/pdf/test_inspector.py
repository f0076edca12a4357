"""The judge of deposited files: by content, never by name, and in French."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from transmission.pdf.inspector import ContentInspector
from transmission.ports import Examination

AsFile = Callable[[bytes], Path]
INSPECT = ContentInspector().examine
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
        with path.open("rb") as stream:
            assert INSPECT(stream).kind == kind


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + b"\0" * 26 + b"word/document.xml", "un document Word"),
        (b"MZ\x90\x00", "un programme Windows"),
        (b"", "un fichier vide"),
    ],
)
def test_any_other_content_has_no_kind_and_is_described_in_french(
    content: bytes, words: str
) -> None:
    found = INSPECT(BytesIO(content))
    assert (found.kind, found.pdf_problem, found.notes) == (None, None, ())
    assert words in found.described


def test_a_large_file_is_judged_on_its_beginning_wherever_it_stands() -> None:
    stream = BytesIO(XML + b" " * 200_000)
    stream.seek(150_000)
    assert INSPECT(stream).kind == "xml"


def test_a_sound_pdf_has_no_problem(make_pdf: Callable[..., bytes], as_file: AsFile) -> None:
    content = make_pdf(pages=2)
    with as_file(content).open("rb") as stream:
        assert INSPECT(stream) == INSPECT(BytesIO(content)) == Examination("pdf", "un PDF")
        assert not stream.closed


def test_a_pdf_is_opened_once_for_its_problems_and_its_notes(
    make_pdf: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    usual = pikepdf.open

    def counted(source: Any, **options: Any) -> pikepdf.Pdf:
        opened.append(source)
        return usual(source, **options)

    locked = make_pdf(encryption=pikepdf.Encryption(user="", owner="maitre"))
    monkeypatch.setattr(pikepdf, "open", counted)
    found = INSPECT(BytesIO(locked))
    assert (found.kind, found.pdf_problem, len(opened)) == ("pdf", None, 1)
    assert found.notes[0].startswith("ce PDF est verrouillé")


def test_a_pdf_with_a_user_password_is_refused_in_french(
    make_pdf: Callable[..., bytes],
) -> None:
    locked = make_pdf(encryption=pikepdf.Encryption(user="secret", owner="secret"))
    problem = INSPECT(BytesIO(locked)).pdf_problem
    assert problem is not None
    assert "mot de passe" in problem


def test_a_pdf_that_opens_only_once_repaired_is_refused(
    make_pdf: Callable[..., bytes], as_file: AsFile
) -> None:
    whole = make_pdf()
    damaged = whole[: whole.rindex(b"startxref")]
    with pikepdf.open(as_file(damaged)) as repaired:
        assert len(repaired.pages) == 1
    problem = INSPECT(BytesIO(damaged)).pdf_problem
    assert problem is not None
    assert "abîmé" in problem


def test_a_pdf_cut_short_is_refused_in_french(make_pdf: Callable[..., bytes]) -> None:
    assert INSPECT(BytesIO(make_pdf()[:200])).pdf_problem


def test_a_name_that_is_no_text_is_no_problem(make_pdf: Callable[..., bytes]) -> None:
    def attach(pdf: pikepdf.Pdf) -> None:
        name = pikepdf.String(b"\xef\xbb\xbfpi\xe8ce.txt")
        pdf.Root.AF = pikepdf.Array([pikepdf.Dictionary(EF=pikepdf.Dictionary(), F=name)])

    found = INSPECT(BytesIO(make_pdf(attach)))
    assert (found.pdf_problem, found.notes) == (None, ())
