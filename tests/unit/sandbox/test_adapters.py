"""The same answers as without a process apart, and one more for what would have killed us."""

import os
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

from tests.support.scene import pdf
from transmission.actes.budget import NotABudgetError
from transmission.actes.safe_xml import UnreadableXmlError
from transmission.pdf.errors import PdfError, UnprintableTextError, UnreadablePdfError
from transmission.pdf.inspector import ContentInspector
from transmission.pdf.stamper import TamponStamper
from transmission.pdf.texts import PdfTexts
from transmission.ports import StampFacts
from transmission.sandbox.adapters import ApartBudgets, ApartInspector, ApartStamper, ApartTexts
from transmission.sandbox.pool import Sandbox, TooHeavyError

FACTS = StampFacts(
    date(2023, 3, 10), "DOTELEC - iXBus", "99_DE-042", date(2023, 3, 12), "top-right"
)
NAMESPACE = "http://www.minefi.gouv.fr/cp/demat/docbudgetaire"


class _Dead(Sandbox):
    def run(self, *_: Any) -> Any:
        raise TooHeavyError("le lire l'a tué")


class _Lying(Sandbox):
    """A process that a file made its own: it answers what it likes."""

    def run(self, *_: Any) -> Any:
        return {"kind": "exe", "described": 3, "pdf_problem": None, "notes": [1, {"a": 2}]}


CONTENTS = [
    pdf(), pdf("Plan", pages=3), b"%PDF-1.7 nothing", b"%PDF", b"", b"<a/>", b"PK\x03\x04zip",
    pdf()[:-200], b"\x89PNG\r\n\x1a\n", b"du texte",
]  # fmt: skip


@pytest.mark.parametrize("content", CONTENTS, ids=range(len(CONTENTS)))
def test_a_file_is_what_it_is_without_a_process_apart(content: bytes) -> None:
    expected = ContentInspector().examine(BytesIO(content))
    assert ApartInspector().examine(BytesIO(content)) == expected
    with TemporaryFile() as file:
        file.write(content)
        assert ApartInspector().examine(file) == expected


def test_a_file_that_kills_its_reader_has_a_problem_and_is_not_sent() -> None:
    found = ApartInspector(_Dead()).examine(BytesIO(pdf()))
    assert (found.kind, found.pdf_problem) == ("pdf", "le lire l'a tué.")


def test_a_reader_that_lies_chooses_words_alone() -> None:
    found = ApartInspector(_Lying()).examine(BytesIO(pdf()))
    assert (found.kind, found.described) == ("pdf", "un PDF")
    assert found.notes == ("1", "{'a': 2}")


def test_what_reads_a_draft_cannot_write_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def run(_self: Sandbox, _job: str, _given: Any, handles: tuple[int, ...]) -> Any:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(handles[0], b"altered")
        seen.append(len(os.pread(handles[0], 10**6, 0)))
        return {"pdf_problem": None, "notes": []}

    monkeypatch.setattr(Sandbox, "run", run)
    content = pdf()
    with TemporaryFile() as file:
        file.write(content)
        ApartInspector().examine(file)
        ApartInspector().examine(BytesIO(content))
    assert seen == [len(content)] * 2


def test_a_copy_is_stamped_to_the_byte_as_without_a_process_apart(tmp_path: Path) -> None:
    source, expected, found = tmp_path / "acte.pdf", BytesIO(), BytesIO()
    source.write_bytes(pdf())
    TamponStamper().stamp(source, expected, FACTS)
    ApartStamper().stamp(source, found, FACTS)
    assert found.getvalue() == expected.getvalue()
    assert ApartTexts().text_of(source) == PdfTexts().text_of(source) != ""


def test_a_stamp_that_cannot_be_printed_is_refused_by_its_own_error(tmp_path: Path) -> None:
    source = tmp_path / "acte.pdf"
    source.write_bytes(pdf())
    facts = StampFacts(date(2023, 3, 10), "日本", "99_DE-042", None, "top-right")
    with pytest.raises(UnprintableTextError):
        ApartStamper().stamp(source, BytesIO(), facts)
    source.write_bytes(b"%PDF-1.7")
    with pytest.raises(UnreadablePdfError):
        ApartStamper().stamp(source, BytesIO(), FACTS)
    with pytest.raises(PdfError, match="ne peut pas être tamponné : le lire l'a tué"):
        ApartStamper(_Dead()).stamp(source, BytesIO(), FACTS)
    assert ApartTexts(_Dead()).text_of(source) == ""


def test_the_seal_of_a_budget_is_judged_apart() -> None:
    seal = '<Scellement md5="a" sha1="b"/>'
    budget = f'<DocumentBudgetaire xmlns="{NAMESPACE}">{seal}</DocumentBudgetaire>'
    assert ApartBudgets().scellement(BytesIO(budget.encode())) == "ALTERE"
    with pytest.raises(NotABudgetError):
        ApartBudgets().scellement(BytesIO(b"<a/>"))
    with pytest.raises(UnreadableXmlError, match="pas du XML"):
        ApartBudgets().scellement(BytesIO(b"<a>"))
    with pytest.raises(UnreadableXmlError, match="le lire l'a tué"):
        ApartBudgets(_Dead()).scellement(BytesIO(budget.encode()))


def test_the_most_hostile_xml_meets_the_limit_of_memory() -> None:
    small = Sandbox(memory=128 * 1024**2, seconds=20)
    with pytest.raises(UnreadableXmlError) as refused:
        ApartBudgets(small).scellement(BytesIO(b"<a>" + b"<b/>" * 4_000_000 + b"</a>"))
    assert not isinstance(refused.value, NotABudgetError)
    small.close()


def test_a_decompression_bomb_is_a_problem_of_its_file() -> None:
    import pikepdf

    target = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        bomb = pikepdf.Stream(made, b"\x00" * (200 * 1024**2))
        made.Root.Bomb = made.make_indirect(bomb)
        made.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    small = Sandbox(memory=64 * 1024**2, seconds=20)
    found = ApartInspector(small).examine(target)
    assert found.kind == "pdf"
    small.close()
