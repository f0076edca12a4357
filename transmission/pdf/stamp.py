"""The stamp (tampon) of the receipt, on a copy of the act (ACTES protocol §11.3).

The original file is opened for reading only. The copy keeps every object of it as it was, gains one
form object, and its pages keep their own content between `q` and `Q`. A file locked by an owner
password comes out unlocked: the copy is made to be read and published, and an attached file must
not be locked (ACTES protocol §3.7). A signature inside the original does not survive in a copy,
and the stamp says so.
"""

import math
import warnings
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf
from pikepdf.exceptions import PageCopyWarning
from reportlab.pdfbase.pdfmetrics import stringWidth

from transmission.domain.french_dates import long_date
from transmission.pdf.errors import UnprintableTextError
from transmission.pdf.inspection import has_signature
from transmission.pdf.opening import opened_pdf
from transmission.pdf.page_content import Overlay
from transmission.pdf.page_geometry import Corner, placement_matrix, visible_area

__all__ = ["Corner", "Placement", "StampResult", "Tampon", "stamp_pdf", "stamp_lines"]

_FONT_SIZE = 8.0
_LEADING = 10.5
_PADDING = 6.0
_FRAME = 0.6
# Off the edge of the form, which clips what is drawn there.
_FRAME_INSET = 1.0
_REGULAR, _BOLD = "Helvetica", "Helvetica-Bold"
_COPY_NOTICE = "Copie : la signature électronique est dans l'original"


@dataclass(frozen=True, slots=True)
class Tampon:
    """The facts printed; both dates are civil days and neither ever comes from a clock.

    `tdt_name` follows `VIA `; `identifiant` is the file identifier cut after the number (ACTES
    protocol §4.4); `marque` is a warning such as `SIMULATION`, printed first.
    """

    date_reception: date
    tdt_name: str
    identifiant: str
    date_mise_en_ligne: date | None = None
    marque: str | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the stamp goes: `margin` is in points, from the edges of the page as displayed."""

    corner: Corner = Corner.TOP_RIGHT
    margin: float = 14.0
    all_pages: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.margin) and self.margin >= 0):
            raise ValueError(f"La marge du tampon doit être positive ou nulle : {self.margin}.")


@dataclass(frozen=True, slots=True)
class StampResult:
    """What was done: `unlocked` when an owner password protected the original."""

    stamped_pages: int
    signed_original: bool
    unlocked: bool


_DEFAULT_PLACEMENT = Placement()


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    font: str = _REGULAR


def stamp_pdf(
    source: Path,
    target: BinaryIO,
    tampon: Tampon,
    placement: Placement = _DEFAULT_PLACEMENT,
) -> StampResult:
    """Write a stamped copy of `source` to `target`, an empty writable and seekable stream.

    The same source, facts and placement give the same bytes. Raises `UnreadablePdfError`,
    `PasswordPdfError`, or `UnprintableTextError` when a fact holds a character that Helvetica
    lacks; `target` may then hold the beginning of a file and must be thrown away.
    """
    with opened_pdf(source) as pdf:
        signed = has_signature(pdf)
        lines = _lines(tampon, signed=signed)
        size = _size(lines)
        overlay = Overlay(pdf, _form(pdf, lines, size))
        pages = list(pdf.pages) if placement.all_pages else list(pdf.pages[:1])
        for page in pages:
            matrix = placement_matrix(visible_area(page), size, placement.corner, placement.margin)
            overlay.draw(page, matrix)
        _save(pdf, target)
        return StampResult(len(pages), signed_original=signed, unlocked=pdf.is_encrypted)


def stamp_lines(tampon: Tampon, *, signed: bool = False) -> tuple[str, ...]:
    """The printed lines, from top to bottom; `signed` adds the notice of a copy."""
    return tuple(line.text for line in _lines(tampon, signed=signed))


def _lines(tampon: Tampon, *, signed: bool) -> list[_Line]:
    lines = [
        _Line("RECU EN PREFECTURE", _BOLD),
        _Line(f"Le {long_date(tampon.date_reception)}"),
        _Line(f"VIA {tampon.tdt_name}"),
        _Line(tampon.identifiant),
    ]
    if tampon.marque:
        lines.insert(0, _Line(tampon.marque, _BOLD))
    if tampon.date_mise_en_ligne:
        lines.append(_Line(f"Date de mise en ligne : {long_date(tampon.date_mise_en_ligne)}"))
    if signed:
        lines.append(_Line(_COPY_NOTICE))
    return lines


def _size(lines: list[_Line]) -> tuple[float, float]:
    widest = max(float(stringWidth(line.text, line.font, _FONT_SIZE)) for line in lines)
    height = _LEADING * (len(lines) - 1) + _FONT_SIZE
    return widest + 2 * _PADDING, height + 2 * _PADDING


def _form(pdf: Pdf, lines: list[_Line], size: tuple[float, float]) -> Object:
    fonts = Dictionary(F1=_font(_REGULAR), F2=_font(_BOLD))
    return pdf.make_stream(
        _content(lines, size),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, round(size[0], 3), round(size[1], 3)]),
        Resources=Dictionary(Font=fonts),
    )


def _font(base: str) -> Dictionary:
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1,
        BaseFont=Name(f"/{base}"),
        Encoding=Name.WinAnsiEncoding,
    )


def _content(lines: list[_Line], size: tuple[float, float]) -> bytes:
    width, height = size
    # The baseline of the first line stands so that capitals touch the padding.
    first = height - _PADDING - 0.78 * _FONT_SIZE
    outline = f"{width - 2 * _FRAME_INSET:.3f} {height - 2 * _FRAME_INSET:.3f}"
    drawing = [
        f"1 g 0 0 {width:.3f} {height:.3f} re f",
        f"0 G {_FRAME} w {_FRAME_INSET} {_FRAME_INSET} {outline} re S",
        f"0 g BT {_LEADING} TL {_PADDING} {first:.3f} Td",
    ]
    for line in lines:
        font = "/F2" if line.font == _BOLD else "/F1"
        drawing.append(f"{font} {_FONT_SIZE} Tf <{_encoded(line.text).hex()}> Tj T*")
    return "\n".join([*drawing, "ET"]).encode("ascii")


def _encoded(text: str) -> bytes:
    try:
        encoded = text.encode("cp1252")
    except UnicodeEncodeError as error:
        raise UnprintableTextError(
            f"Le tampon ne peut pas imprimer « {text} » : sa police n'a pas le caractère "
            f"« {text[error.start]} ». Corrigez le paramétrage ou l'identifiant."
        ) from error
    if any(byte < 32 or byte == 127 for byte in encoded):
        raise UnprintableTextError(f"Le tampon ne peut pas imprimer {text!r} sur une seule ligne.")
    return encoded


def _save(pdf: Pdf, target: BinaryIO) -> None:
    with warnings.catch_warnings():
        # A widget outside the form was so in the original: no news, and none of the copy's doing.
        warnings.simplefilter("ignore", PageCopyWarning)
        pdf.save(
            target,
            encryption=False,
            deterministic_id=True,
            # Streams are copied through as they are: neither decoded, nor held in memory.
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            compress_streams=False,
            fix_metadata_version=False,
        )
