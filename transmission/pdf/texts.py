"""The words of a PDF, for what a person is asked to look at."""

from pathlib import Path

from transmission.pdf.errors import PdfError
from transmission.pdf.extraction import extract_text

PAGES = 20


class PdfTexts:
    """The port ``TextReader`` over PDFium."""

    def text_of(self, source: Path) -> str:
        """Words of the first ``PAGES`` pages; empty for a scan, and for what cannot be read."""
        try:
            return extract_text(source, PAGES)
        except PdfError:
            return ""
