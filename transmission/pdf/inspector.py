"""The port ``DocumentInspector``: what a deposited file is, and whether it can be read."""

from pathlib import Path

from transmission.pdf.errors import PdfError
from transmission.pdf.inspection import inspect_pdf
from transmission.pdf.kinds import Detection, detect_kind
from transmission.pdf.notes import pdf_notes

_HEAD = 64 * 1024


class ContentInspector:
    """Judges files by their content, never by their name."""

    def kind(self, path: Path) -> str | None:
        """Extension by content, None when the type is not one that the protocol accepts."""
        detected = _detect(path).kind
        return detected.extension if detected else None

    def describe(self, path: Path) -> str:
        """French words for what the content looks like."""
        return _detect(path).description

    def pdf_problem(self, path: Path) -> str | None:
        """Why a PDF cannot be sent, in French, or None.

        A damaged file that a reader would silently repair is refused: what the préfecture opens
        must be what was adopted.
        """
        try:
            inspection = inspect_pdf(path)
        except PdfError as error:
            return str(error)
        if inspection.repaired:
            return "ce PDF est abîmé (il ne s'ouvre qu'après réparation)."
        return None

    def pdf_notes(self, path: Path) -> tuple[str, ...]:
        """What a reader should know of a PDF that is taken, in French."""
        return pdf_notes(path)


def _detect(path: Path) -> Detection:
    with path.open("rb") as stream:
        return detect_kind(stream.read(_HEAD))
