"""What an act says about itself: proposals for a person to confirm, silence rather than a guess."""

import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

import pypdfium2

from transmission.pdf.act_lines import lines_of
from transmission.pdf.errors import PasswordPdfError, UnreadablePdfError
from transmission.pdf.headings import Family, family_of, headings_of, numbers_of
from transmission.pdf.numero_template import NumeroTemplateError, apply_numero_template
from transmission.pdf.opening import opened_pdf
from transmission.pdf.proposals import nature_of, objets, signing_dates, sitting_dates

__all__ = [
    "NumeroTemplateError",
    "PasswordPdfError",
    "ProposedMetadata",
    "UnreadablePdfError",
    "apply_numero_template",
    "extract_text",
    "propose_metadata",
]

T = TypeVar("T")

_MAX_CHARACTERS_A_PAGE = 100_000
_MAX_CHARACTERS_READ = 200_000
# PDFium keeps global state and two threads inside it at once crash the process.
_PDFIUM = threading.Lock()


@dataclass(frozen=True, slots=True)
class ProposedMetadata:
    """What the text states without ambiguity; None for what it does not.

    `numero_imprime` is as printed (`2023.00097`); `date_decision` is a civil date; `objet` is one
    line of 500 characters at most; `nature` is DE, AR, AI, CC or BF, `nature_reason` French.
    """

    numero_imprime: str | None
    date_decision: date | None
    objet: str | None
    nature: str | None
    nature_reason: str


def extract_text(path: Path, max_pages: int = 5) -> str:
    """Text of the first pages of a PDF, pages apart by a form feed; empty for a scan.

    Raises `UnreadablePdfError` or `PasswordPdfError`.
    """
    with _PDFIUM:
        try:
            return "\f".join(_page_texts(path, max_pages))
        except pypdfium2.PdfiumError as error:
            # PDFium may report the error of an earlier file: qpdf tells a password from damage.
            with opened_pdf(path):
                pass
            raise UnreadablePdfError(
                "Le texte du PDF ne peut pas être lu : le fichier est endommagé. "
                "Exportez-le de nouveau depuis le logiciel d'origine, puis déposez-le."
            ) from error


def _page_texts(path: Path, max_pages: int) -> Iterator[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        for index in range(min(len(document), max_pages)):
            text_page = document[index].get_textpage()
            count = min(text_page.count_chars(), _MAX_CHARACTERS_A_PAGE)
            yield text_page.get_text_range(0, count) if count else ""
    finally:
        document.close()


def propose_metadata(text: str) -> ProposedMetadata:
    """Read the text of a PDF or of a Markdown file; two differing statements count as none.

    A délibération bears the date of its sitting, another act the date of its title or signature;
    the dates of the convocation, of the stamp and of the acts cited are never taken. Only the
    first 200,000 characters are read.
    """
    lines = lines_of(text[:_MAX_CHARACTERS_READ])
    headings = headings_of(lines)
    family = family_of(headings)
    objet = _only(objets(lines, headings))
    by_signature = family in (Family.ARRETE, Family.DECISION, Family.CONVENTION)
    dates = signing_dates(lines, headings) if by_signature else sitting_dates(lines)
    titles = " ".join([*(heading.rest for heading in headings), objet or ""])
    nature, nature_reason = nature_of(family, titles)
    return ProposedMetadata(
        numero_imprime=_only(numbers_of(lines, headings)),
        date_decision=_only(dates),
        objet=objet,
        nature=nature,
        nature_reason=nature_reason,
    )


def _only(found: Collection[T]) -> T | None:
    return next(iter(found)) if len(found) == 1 else None
