"""What can be wrong with a file; every message is French and meant for the person who sent it."""

from transmission.domain.errors import TransmissionError


class PdfError(TransmissionError):
    """A file that cannot be used as it is."""


class UnreadablePdfError(PdfError):
    """Damaged, empty, without a page, or not a PDF at all."""


class PasswordPdfError(PdfError):
    """A password is needed to open the file."""


class OversizedPdfError(PdfError):
    """More pages or more objects than the service agrees to walk through."""


class UnprintableTextError(PdfError):
    """A text holds a character that the font cannot draw, so printing it would alter the act."""
