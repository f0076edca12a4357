"""PDFs of plain lines: stamped copies, bordereaux, letters. Nothing in them passes for real."""

from collections.abc import Sequence
from io import BytesIO

_LEFT, _TOP, _LINE, _LINES_PER_PAGE, _WIDTH, _SIZE = 56, 780, 15, 48, 105, 9


def pdf_of(lines: Sequence[str]) -> bytes:
    """A PDF of `lines`, the first one repeated at the top of each page."""
    from reportlab.pdfgen.canvas import Canvas

    sink = BytesIO()
    canvas = Canvas(sink, invariant=1, pageCompression=0)
    title, *rest = lines
    for start in range(0, max(len(rest), 1), _LINES_PER_PAGE):
        canvas.setFont("Helvetica", _SIZE)
        for rank, line in enumerate((title, *rest[start : start + _LINES_PER_PAGE])):
            canvas.drawString(_LEFT, _TOP - rank * _LINE, line[:_WIDTH])
        canvas.showPage()
    canvas.save()
    return sink.getvalue()
