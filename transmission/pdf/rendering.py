"""A4 pages from the text of an act, the same bytes for the same text."""

import io
import textwrap
from collections.abc import Iterator
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, PageBreak, Preformatted, SimpleDocTemplate

from transmission.pdf.errors import UnprintableTextError
from transmission.pdf.markdown import markdown_flowables
from transmission.pdf.typography import (
    BODY_FONT,
    TYPEWRITER_FONT,
    literal_style,
    printable,
    register_fonts,
)

_MARGIN = 57.0
_FRAME_PADDING = 6.0
_WIDTH = A4[0] - 2 * (_MARGIN + _FRAME_PADDING)
_TYPED_COLUMNS = 78
_TYPED_BLOCK = 50


def render_markdown(text: str, title: str) -> bytes:
    """Print a Markdown act on A4 pages; `title` goes to the file's properties, not on the page.

    The fonts are embedded and the text can be selected. Raises `UnprintableTextError` when the
    text is empty or holds a character that cannot be printed.
    """
    register_fonts()
    return _document(markdown_flowables(_unmarked(text), _WIDTH), title)


def render_text(text: str) -> bytes:
    """Print a plain-text act in Courier, 78 characters a line, so that typed columns keep aligned.

    Form feeds start a page. Raises `UnprintableTextError` as `render_markdown` does.
    """
    register_fonts()
    return _document(list(_typed_pages(_unmarked(text))), "")


def _unmarked(text: str) -> str:
    # Editors begin a file with a mark of byte order, which would hide a title from the parser.
    content = text.removeprefix("\ufeff")
    return content if content.strip() else ""


def _typed_pages(text: str) -> Iterator[Flowable]:
    style = literal_style(TYPEWRITER_FONT)
    for number, page in enumerate(text.rstrip().split("\f")):
        if number:
            yield PageBreak()
        lines = [part for line in page.splitlines() for part in _wrapped(line)]
        # Blocks of about a page: splitting one long flowable again and again is quadratic.
        for start in range(0, len(lines), _TYPED_BLOCK):
            yield Preformatted("\n".join(lines[start : start + _TYPED_BLOCK]), style)


def _wrapped(line: str) -> list[str]:
    clean = printable(line.expandtabs(8), TYPEWRITER_FONT).rstrip()
    indent = clean[: min(len(clean) - len(clean.lstrip()), _TYPED_COLUMNS // 2)]
    wrapped = textwrap.wrap(clean, _TYPED_COLUMNS, subsequent_indent=indent, break_on_hyphens=False)
    # Preformatted would drop an empty line at the edge of a block.
    return wrapped or ["\u00a0"]


def _document(flowables: list[Flowable], title: str) -> bytes:
    if not flowables:
        raise UnprintableTextError("Le texte est vide : il n'y a rien à mettre en page.")
    output = io.BytesIO()
    template = SimpleDocTemplate(
        output,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
        lang="fr-FR",
        invariant=1,
    )
    template.build(flowables, canvasmaker=_NumberedCanvas)
    return output.getvalue()


class _NumberedCanvas(Canvas):  # type: ignore[misc]
    """Writes `n / N` at the foot of each page, which needs the last page before the first."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **(options | {"initialFontName": BODY_FONT}))
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for page in self._pages:
            self.__dict__.update(page)
            self.setFont(BODY_FONT, 7.5)
            self.drawCentredString(A4[0] / 2, 30, f"{self._pageNumber} / {len(self._pages)}")
            super().showPage()
        super().save()
