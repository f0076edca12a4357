"""Fonts, styles and the one gate that every printed character goes through."""

import unicodedata
from functools import cache

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont

from transmission.pdf.errors import UnprintableTextError

BODY_FONT = "ActeVera"
BOLD_FONT = "ActeVera-Bold"
TYPEWRITER_FONT = "Courier"
_FACES = (
    (BODY_FONT, "Vera.ttf"),
    (BOLD_FONT, "VeraBd.ttf"),
    (f"{BODY_FONT}-Italic", "VeraIt.ttf"),
    (f"{BODY_FONT}-BoldItalic", "VeraBI.ttf"),
)
_INDENT = 18.0
_DEEPEST_INDENT = 8
_HEADING_SIZES = {1: 13.0, 2: 11.5, 3: 10.5}

# Same reading, other code point: spaces of every width, hyphens, marks that print nothing.
_SUBSTITUTES = str.maketrans(
    {
        "\t": "    ",
        "\f": " ",
        "\v": " ",
        "\u2000": " ",
        "\u2001": " ",
        "\u2002": " ",
        "\u2003": " ",
        "\u2007": "\u00a0",
        "\u2009": " ",
        "\u200a": " ",
        "\u202f": "\u00a0",
        "\u2010": "-",
        "\u2011": "-",
        "\u00ad": "",
        "\u200b": "",
        "\u200c": "",
        "\u200d": "",
        "\u2060": "",
        "\ufeff": "",
    }
)


@cache
def register_fonts() -> None:
    """Make the embedded family known to reportlab, once for the process."""
    for name, file in _FACES:
        registerFont(TTFont(name, file))
    registerFontFamily(BODY_FONT, *(name for name, _ in _FACES))


def printable(text: str, font: str = BODY_FONT) -> str:
    """Return the text with look-alikes replaced, ready for `font`.

    Raises `UnprintableTextError` for a character that the font lacks: a blank or a box in its
    place would alter the act.
    """
    clean = unicodedata.normalize("NFC", text).translate(_SUBSTITUTES)
    missing = sorted(set(clean) - _characters_of(font) - {"\n"})
    if missing:
        names = ", ".join(
            f"« {c} » (U+{ord(c):04X})" if c.isprintable() else f"U+{ord(c):04X}"
            for c in missing[:5]
        )
        raise UnprintableTextError(
            f"Le texte contient des caractères qui ne peuvent pas être imprimés : {names}. "
            "Remplacez-les, ou déposez l'acte au format PDF."
        )
    return clean


@cache
def _characters_of(font: str) -> frozenset[str]:
    if font == TYPEWRITER_FONT:
        codes = (bytes([code]).decode("cp1252", errors="ignore") for code in range(32, 256))
        return frozenset("".join(codes)) - {"\x7f"}
    # The bold and italic faces have the same repertoire as the upright one.
    return frozenset(map(chr, TTFont(font, "Vera.ttf").face.charToGlyph)) - {"\x7f"}


def body_style(depth: int = 0, *, tight: bool = False) -> ParagraphStyle:
    """Running text, `depth` levels of list or quotation in; `tight` list items stand closer."""
    level = min(depth, _DEEPEST_INDENT)
    return ParagraphStyle(
        f"body-{level}-{tight}",
        fontName=BODY_FONT,
        fontSize=9.2,
        leading=13,
        leftIndent=_INDENT * level,
        bulletIndent=_INDENT * max(level - 1, 0) + 4,
        bulletFontName=BODY_FONT,
        bulletFontSize=9.2,
        spaceAfter=2.5 if tight else 7,
    )


def heading_style(level: int) -> ParagraphStyle:
    """A title of the given Markdown level, 1 to 6, that stays with what follows it."""
    size = _HEADING_SIZES.get(level, 9.5)
    return ParagraphStyle(
        f"heading-{level}",
        fontName=BOLD_FONT,
        fontSize=size,
        leading=size * 1.35,
        alignment=TA_CENTER if level <= 2 else 0,
        spaceBefore=10,
        spaceAfter=8,
        keepWithNext=1,
    )


def cell_style(alignment: int) -> ParagraphStyle:
    """Text of a table's cell; `alignment` is one of reportlab's constants."""
    return ParagraphStyle(
        f"cell-{alignment}", fontName=BODY_FONT, fontSize=8.4, leading=11, alignment=alignment
    )


def literal_style(font: str, depth: int = 0) -> ParagraphStyle:
    """Lines printed as they were typed."""
    indent = _INDENT * min(depth, _DEEPEST_INDENT)
    return ParagraphStyle(
        f"literal-{font}-{indent}",
        fontName=font,
        fontSize=10 if font == TYPEWRITER_FONT else 8.4,
        leading=12.5 if font == TYPEWRITER_FONT else 11.5,
        leftIndent=indent,
        spaceAfter=0 if font == TYPEWRITER_FONT else 7,
    )
