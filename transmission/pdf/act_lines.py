"""The text of an act cut into clean lines, whether it comes from a PDF or from Markdown."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from transmission.pdf.french_dates import folded

_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>|~])")
_EMPHASIS = re.compile(r"\*+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|`+")
_HEADING_MARK = re.compile(r"^\s*(?:#{1,6}|>+)\s+")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_COLUMN_GAP = re.compile(r"\s{3,}|\t|\|")
# A letter stands in for what Markdown escaped, until its marks are gone.
_HELD_BACK = 0xE000
_UNFINISHED = re.compile(
    r"(?:\b(?:du|de|des|la|le|les|au|aux|en|par|et|a|dans|sur|pour|avec)|[,'-])$"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: `text` as printed, `folded` for searching, `adjacent` to the one before."""

    text: str
    folded: str
    adjacent: bool

    @property
    def is_upper(self) -> bool:
        """Capitals only, and enough of them to be a title rather than an initial."""
        return self.text.upper() == self.text and sum(c.isalpha() for c in self.text) >= 3

    @property
    def starts_upper(self) -> bool:
        return self.text[:1].isupper()

    @property
    def is_unfinished(self) -> bool:
        """Ends on a word or a mark that calls for another line."""
        return bool(_UNFINISHED.search(self.folded))


def lines_of(text: str) -> tuple[Line, ...]:
    """Cut into non-empty lines without Markdown marks; side-by-side columns become two lines."""
    return tuple(_lines(text))


def _lines(text: str) -> Iterator[Line]:
    adjacent = False
    for raw in unicodedata.normalize("NFC", text).splitlines():
        for piece in _COLUMN_GAP.split(_without_marks(raw)):
            clean = " ".join(piece.split())
            if clean:
                yield Line(clean, folded(clean), adjacent)
                adjacent = True
        if not raw.strip():
            adjacent = False


def _without_marks(raw: str) -> str:
    held = _ESCAPED.sub(lambda match: chr(_HELD_BACK + ord(match[1])), raw)
    held = _HEADING_MARK.sub("", re.sub(r"^\s*[*+]\s+", "- ", held))
    bare = _EMPHASIS.sub("", _TAG.sub("", held))
    bare = re.sub(r"[\ue000-\ue07f]", lambda match: chr(ord(match[0]) - _HELD_BACK), bare)
    # PDFium writes one of these where a line ends on a hyphen.
    return bare.replace("\x02", "-").replace("\ufffe", "-").strip()
