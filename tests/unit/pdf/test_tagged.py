"""The structure that a screen reader follows."""

import io
from typing import Any

import pikepdf
import pytest
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus.paragraph import Paragraph

from transmission.pdf.tagged import ROW_HEADER, TaggedPage
from transmission.pdf.typography import BODY_FONT, register_fonts


def _paragraph(text: str) -> Paragraph:
    register_fonts()
    made = Paragraph(text, ParagraphStyle("essai", fontName=BODY_FONT))
    made.wrap(300, 300)
    return made


@pytest.fixture
def pdf() -> pikepdf.Pdf:
    """A page with a title, a table of one row, and a line that nobody reads aloud."""
    page, target = TaggedPage(), io.BytesIO()
    with page.element("H1"):
        page.text(_paragraph("Titre"), 50, 700)
    page.rule(50, 690, 300)
    with page.element("Table"), page.element("TR"):
        with page.element("TH", **ROW_HEADER):
            page.text(_paragraph("Nature"), 50, 600)
        with page.element("TD"):
            page.text(_paragraph("Délibération"), 150, 600)
    page.write(target, title="Un titre", author="Un auteur", subject="Un sujet")
    return pikepdf.open(target)


def _tree(element: Any) -> Any:
    """Role and children: elements as such trees, contents as their numbers."""
    children = [
        _tree(child) if isinstance(child, pikepdf.Dictionary) else int(child) for child in element.K
    ]
    return str(element.S), children


def test_elements_are_nested_in_the_order_in_which_they_are_read(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root.StructTreeRoot
    assert _tree(root.K) == (
        "/Document",
        [("/H1", [0]), ("/Table", [("/TR", [("/TH", [1]), ("/TD", [2])])])],
    )
    assert pdf.Root.MarkInfo.Marked is True


def test_each_content_leads_back_to_its_element(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[0].obj
    key, owners = pdf.Root.StructTreeRoot.ParentTree.Nums
    assert int(key) == int(page.StructParents) == 0
    assert [str(owner.S) for owner in owners] == ["/H1", "/TH", "/TD"]
    assert all(owner.Pg.objgen == page.objgen for owner in owners)


def test_the_title_of_a_row_says_that_it_is_one(pdf: pikepdf.Pdf) -> None:
    _, header, cell = pdf.Root.StructTreeRoot.ParentTree.Nums[1]
    assert (str(header.A.O), str(header.A.Scope)) == ("/Table", "/Row")
    assert "/A" not in cell


def test_all_that_is_drawn_is_marked_as_text_or_as_decoration(pdf: pikepdf.Pdf) -> None:
    depth, marks, drawn = 0, [], 0
    for operands, operator in pikepdf.parse_content_stream(pdf.pages[0]):
        match str(operator):
            case "BDC" | "BMC":
                depth += 1
                marks.append(str(operands[0]))
            case "EMC":
                depth -= 1
            case "Tj" | "TJ" | "S" | "f" | "'":
                drawn += 1
                assert depth == 1
    assert depth == 0
    assert marks == ["/Span", "/Artifact", "/Span", "/Span"]
    assert drawn >= 4


def test_the_language_and_the_title_are_those_of_the_document(pdf: pikepdf.Pdf) -> None:
    assert str(pdf.Root.Lang) == "fr-FR"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle is True
    assert str(pdf.docinfo.Title) == "Un titre"
    assert str(pdf.pages[0].obj.Tabs) == "/S"
