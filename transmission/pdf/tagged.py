"""A4 pages that a screen reader can follow: reportlab draws, pikepdf adds the structure.

Tags, language, title and metadata are there; conformity to PDF/UA is not claimed.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.paragraph import Paragraph

from transmission.pdf.typography import BODY_FONT, register_fonts

LANGUAGE = "fr-FR"
ROW_HEADER = {"O": "/Table", "Scope": "/Row"}
"""Attributes of a cell (``TH``) that is the title of its row."""


@dataclass(slots=True)
class _Element:
    """A part of the structure, which begins on a page (from 0).

    ``children`` are elements, and marked contents: their page and their number there.
    """

    role: str
    attributes: dict[str, str]
    page: int
    children: list["_Element | tuple[int, int]"] = field(default_factory=list)


class TaggedPage:
    """Pages being drawn, each from its lower left corner, in points. What is drawn outside of an
    element is decoration, which nobody reads aloud."""

    def __init__(self) -> None:
        register_fonts()
        self._file = io.BytesIO()
        # Uncompressed here: pikepdf compresses when it writes the structure.
        self.canvas = Canvas(
            self._file, pagesize=A4, invariant=1, pageCompression=0, initialFontName=BODY_FONT
        )
        self._root = _Element("Document", {}, 0)
        self._open = [self._root]
        self._contents = [0]

    @contextmanager
    def element(self, role: str, **attributes: str) -> Iterator[None]:
        """What is drawn inside belongs to an element of a standard role (``H1``, ``P``, ``TR``)."""
        made = _Element(role, attributes, len(self._contents) - 1)
        self._open[-1].children.append(made)
        self._open.append(made)
        try:
            yield
        finally:
            self._open.pop()

    def text(self, paragraph: Paragraph, x: float, y: float) -> None:
        """Draw a wrapped paragraph, as content of the current element."""
        number = self._contents[-1]
        self._open[-1].children.append((len(self._contents) - 1, number))
        # The first operand is a role of the content alone: the structure says the rest.
        self.canvas.addLiteral(f"/Span <</MCID {number}>> BDC")
        paragraph.drawOn(self.canvas, x, y)
        self.canvas.addLiteral("EMC")
        self._contents[-1] += 1

    def footer(self, paragraph: Paragraph, x: float, y: float) -> None:
        """Draw a wrapped paragraph as decoration."""
        self.canvas.addLiteral("/Artifact BMC")
        paragraph.drawOn(self.canvas, x, y)
        self.canvas.addLiteral("EMC")

    def turn(self) -> None:
        """Go on with a new page; the elements that are open go on too."""
        self.canvas.showPage()
        self._contents.append(0)

    def rule(self, x: float, y: float, width: float) -> None:
        """Draw a hairline to the right."""
        self.canvas.addLiteral("/Artifact BMC")
        self.canvas.setLineWidth(0.5)
        self.canvas.line(x, y, x + width, y)
        self.canvas.addLiteral("EMC")

    def write(self, target: BinaryIO, *, title: str, author: str, subject: str) -> None:
        """End the page and write the file; the same drawing gives the same bytes."""
        self.canvas.showPage()
        self.canvas.save()
        with pikepdf.open(self._file) as pdf:
            self._add_structure(pdf)
            _describe(pdf, title, author, subject)
            pdf.save(target, deterministic_id=True, compress_streams=True)

    def _add_structure(self, pdf: Pdf) -> None:
        owners: dict[tuple[int, int], Object] = {}
        pages = [page.obj for page in pdf.pages]
        tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        tree.K = _structure(pdf, self._root, tree, pages, owners)
        numbers = Array()
        for rank, (page, count) in enumerate(zip(pages, self._contents, strict=True)):
            numbers.append(rank)
            numbers.append(Array([owners[rank, number] for number in range(count)]))
            page.StructParents = rank
            page.Tabs = Name.S
        tree.ParentTree = pdf.make_indirect(Dictionary(Nums=numbers))
        pdf.Root.StructTreeRoot = tree
        pdf.Root.MarkInfo = Dictionary(Marked=True)


def _structure(
    pdf: Pdf,
    element: _Element,
    parent: Object,
    pages: Sequence[Object],
    owners: dict[tuple[int, int], Object],
) -> Object:
    page = pages[element.page]
    made = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name(f"/{element.role}"), P=parent, Pg=page)
    )
    if element.attributes:
        made.A = Dictionary({f"/{key}": Name(value) for key, value in element.attributes.items()})
    children = Array()
    for child in element.children:
        if isinstance(child, _Element):
            children.append(_structure(pdf, child, made, pages, owners))
            continue
        owners[child] = made
        on, number = child
        elsewhere = Dictionary(Type=Name.MCR, Pg=pages[on], MCID=number)
        children.append(number if on == element.page else elsewhere)
    made.K = children
    return made


def _describe(pdf: Pdf, title: str, author: str, subject: str) -> None:
    pdf.Root.Lang = String(LANGUAGE)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    # reportlab's own are its name and, for the sake of equal bytes, a day of the year 2000.
    del pdf.docinfo
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = title
        metadata["dc:creator"] = [author]
        metadata["dc:description"] = subject
        metadata["dc:language"] = [LANGUAGE]
    pdf.docinfo["/Title"], pdf.docinfo["/Author"] = title, author
    pdf.docinfo["/Subject"] = subject
