"""The port ``DocumentInspector``: what a deposited file is, and whether it can be read."""

from typing import BinaryIO

from transmission.pdf.errors import PdfError
from transmission.pdf.inspection import inspected
from transmission.pdf.kinds import HEAD_LENGTH, FileKind, detect_kind
from transmission.pdf.notes import notes_on
from transmission.pdf.opening import opened_pdf
from transmission.ports import Examination

_REPAIRED = "ce PDF est abîmé (il ne s'ouvre qu'après réparation)."


class ContentInspector:
    """Judges files by their content, never by their name."""

    def examine(self, content: BinaryIO) -> Examination:
        """Look at a content from its beginning, once. Raises OSError.

        A damaged PDF that a reader would silently repair has a problem: what the préfecture opens
        must be what was adopted.
        """
        content.seek(0)
        detected = detect_kind(content.read(HEAD_LENGTH))
        if detected.kind is FileKind.PDF:
            return _pdf(content, detected.description)
        kind = detected.kind.extension if detected.kind else None
        return Examination(kind, detected.description)


def _pdf(content: BinaryIO, description: str) -> Examination:
    kind = FileKind.PDF.extension
    try:
        with opened_pdf(content) as pdf:
            problem = _REPAIRED if inspected(pdf, content).repaired else None
            return Examination(kind, description, problem, notes_on(pdf))
    except PdfError as error:
        return Examination(kind, description, str(error))
