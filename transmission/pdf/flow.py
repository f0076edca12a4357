"""Text that flows over tagged A4 pages: headings, rows of a label and a value, lists."""

from collections.abc import Iterable
from typing import BinaryIO
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus.paragraph import Paragraph

from transmission.pdf.errors import UnprintableTextError
from transmission.pdf.tagged import ROW_HEADER, TaggedPage
from transmission.pdf.typography import (
    BODY_FONT,
    BOLD_FONT,
    TYPEWRITER_FONT,
    printable,
    register_fonts,
)

_MARGIN = 57.0
_WIDTH = A4[0] - 2 * _MARGIN
_TOP = A4[1] - _MARGIN
_LABEL = 128.0
_SIZE = 9.0
_SCALES = ((48, 1.0), (66, 0.86))
_SMALLEST = 0.76
"""Sizes of a value by the length of its longest word, in characters."""
_RULE_RISE = 4.0
_LONGEST = 2500
"""Characters of a text that are printed: less than a page; the dossier holds the whole of it."""

_ROOM_UNDER_HEADING = 60.0
"""Points that must be left under a heading, for it not to stand alone at the foot of a page."""


class Flow:
    """A document being written from top to bottom; every text may come from anybody."""

    def __init__(self, foot: str) -> None:
        register_fonts()
        self._page = TaggedPage()
        self._foot = foot
        self._y = _TOP
        self._number = 1

    def title(self, text: str) -> None:
        """The title of the document."""
        self._y -= 14
        self._paragraph("H1", text, scale=1.8, bold=True, centred=True)
        self._y -= 4

    def heading(self, text: str) -> None:
        """The heading of a part, under a hairline."""
        made = _made(text, _WIDTH, bold=True)
        self._y -= 14
        self._require(made.height + _ROOM_UNDER_HEADING)
        if self._y < _TOP:
            self._page.rule(_MARGIN, self._y + _RULE_RISE, _WIDTH)
        self._draw("H2", made, _MARGIN)

    def text(
        self, text: str, *, bold: bool = False, scale: float = 1.0, centred: bool = False
    ) -> None:
        """A paragraph."""
        self._paragraph("P", text, bold=bold, scale=scale, centred=centred)

    def rows(self, rows: Iterable[tuple[str, str]]) -> None:
        """A table of labels and values."""
        with self._page.element("Table"):
            for label, value in rows:
                self._row(label, value)

    def items(self, items: Iterable[tuple[str, str]]) -> None:
        """A list: the first words of each, in bold, and what follows under them."""
        with self._page.element("L"):
            for head, body in items:
                self._item(head, body)

    def commands(self, items: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        """A list of what to type: what it is for, in bold, then a command a line."""
        with self._page.element("L"):
            for head, commands in items:
                self._item(head, *commands, typed=True)

    def write(self, target: BinaryIO, *, title: str, author: str, subject: str) -> None:
        """End the document; the same texts give the same bytes."""
        self._end_page()
        self._page.write(target, title=title, author=author, subject=subject)

    def _row(self, label: str, value: str) -> None:
        head = _made(label, _LABEL - 8, grey=True)
        longest = max(map(len, value.split()), default=0)
        # Digests, and names that hold one, keep to one line and can be copied.
        scale = next((size for most, size in _SCALES if longest <= most), _SMALLEST)
        cell = _made(value, _WIDTH - _LABEL, scale=scale)
        self._y -= 3
        self._require(max(head.height, cell.height))
        top = self._y
        with self._page.element("TR"):
            with self._page.element("TH", **ROW_HEADER):
                self._page.text(head, _MARGIN, top - head.height)
            with self._page.element("TD"):
                self._page.text(cell, _MARGIN + _LABEL, top - cell.height)
        self._y = top - max(head.height, cell.height)

    def _item(self, head: str, *bodies: str, typed: bool = False) -> None:
        under = [_made(body, _WIDTH - 12, typed=typed) for body in bodies if body]
        parts = [_made(head, _WIDTH, bold=bool(under)), *under]
        self._y -= 4
        self._require(sum(part.height for part in parts))
        with self._page.element("LI"), self._page.element("LBody"):
            for rank, part in enumerate(parts):
                self._draw("P", part, _MARGIN + 12 * (rank > 0))

    def _paragraph(self, role: str, text: str, **style: float) -> None:
        made = _made(text, _WIDTH, **style)  # type: ignore[arg-type]
        self._y -= 3
        self._require(made.height)
        self._draw(role, made, _MARGIN)

    def _draw(self, role: str, made: Paragraph, x: float) -> None:
        self._y -= made.height
        with self._page.element(role):
            self._page.text(made, x, self._y)

    def _require(self, height: float) -> None:
        if self._y - height < _MARGIN:
            self._end_page()
            self._page.turn()
            self._number += 1
            self._y = _TOP

    def _end_page(self) -> None:
        foot = _made(f"{self._foot} · page {self._number}", _WIDTH, scale=0.8, grey=True)
        self._page.footer(foot, _MARGIN, _MARGIN - 18 - foot.height)


def shown(text: str) -> str:
    """A text that can be printed: what the font lacks becomes its code point."""
    try:
        return printable(text)
    except UnprintableTextError:
        return "".join(map(_shown_character, text))


def _shown_character(character: str) -> str:
    try:
        return printable(character)
    except UnprintableTextError:
        return f"[U+{ord(character):04X}]"


def _made(
    text: str,
    width: float,
    *,
    scale: float = 1.0,
    bold: bool = False,
    centred: bool = False,
    grey: bool = False,
    typed: bool = False,
) -> Paragraph:
    font = BOLD_FONT if bold else BODY_FONT
    style = ParagraphStyle(
        "synthese",
        fontName=TYPEWRITER_FONT if typed else font,
        fontSize=_SIZE * scale,
        leading=_SIZE * scale * 1.3,
        alignment=TA_CENTER if centred else TA_LEFT,
        textColor="#4a4a4a" if grey else "#000000",
        splitLongWords=True,
    )
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} […]"
    made = Paragraph(escape(shown(cut)), style)
    made.wrap(width, A4[1])
    return made
