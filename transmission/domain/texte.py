"""Text that has to survive ISO-8859-1 messages: normalised in the open, never in silence.

The business messages declare ISO-8859-1; what that set lacks can still travel as a numeric
character reference (``œ``, ``€``, ``’``), so those characters are kept. What no French keyboard
or word processor writes (emoji, control and direction marks) is refused by name.
Source: ACTES protocol §1.4; field lessons on the object of acts.
"""

import re
import unicodedata
from dataclasses import dataclass

_SPACES = re.compile(r"[ \t\r\n\v\f\u0085\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_HYPHENS = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "–", "\u2212": "-"})
_KEPT_OUTSIDE_LATIN_1 = frozenset("ŒœŸŠšŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™")
_FOLDED = str.maketrans(
    {
        "Œ": "OE",
        "œ": "oe",
        "Ÿ": "Y",
        "Š": "S",
        "š": "s",
        "Ž": "Z",
        "ž": "z",
        "ƒ": "f",
        "ˆ": "^",
        "˜": "~",
        "–": "-",
        "—": "-",
        "‘": "'",
        "’": "'",
        "‚": ",",
        "“": '"',
        "”": '"',
        "„": '"',
        "†": "+",
        "‡": "+",
        "•": "-",
        "…": "...",
        "‰": " pour mille",
        "‹": "<",
        "›": ">",
        "€": "EUR",
        "™": "TM",
    }
)


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """``text`` as it will be written, and what was changed to get there (French notes)."""

    text: str
    notes: tuple[str, ...]
    refused: tuple[str, ...]
    """Characters that cannot be transmitted, as ``U+1F600 GRINNING FACE``; empty when fine."""


def normalise(text: str) -> NormalisedText:
    """Compose accents (NFC), fold spaces and hyphens to the plain ones, name what cannot travel."""
    composed = unicodedata.normalize("NFC", text)
    notes = ["accents recomposés"] if composed != text else []
    hyphenated = composed.translate(_HYPHENS)
    if hyphenated != composed:
        notes.append("tirets spéciaux remplacés par des tirets simples")
    spaced = _SPACES.sub(" ", hyphenated).strip()
    if spaced != hyphenated:
        notes.append("espaces et retours à la ligne réduits à une espace simple")
    refused = sorted({character for character in spaced if not _can_travel(character)})
    return NormalisedText(spaced, tuple(notes), tuple(_named(character) for character in refused))


def printable(text: str) -> str:
    """One line that can be shown and stored: odd spaces become plain ones, and what cannot be
    printed (control and direction marks, bytes that were no text) the replacement character."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)


def folded_to_latin_1(text: str) -> str:
    """The nearest text of ISO-8859-1 alone, for interfaces which know nothing else."""
    return text.translate(_FOLDED)


def without_accents_case_or_space(text: str) -> str:
    """A form in which an echo may be compared when its encoding was mangled on the way."""
    decomposed = unicodedata.normalize("NFKD", folded_to_latin_1(text))
    return "".join(c for c in decomposed.casefold() if c.isalnum())


def _can_travel(character: str) -> bool:
    if character in _KEPT_OUTSIDE_LATIN_1:
        return True
    return " " <= character <= "~" or "\u00a0" <= character <= "\u00ff"


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, 'caractère de contrôle')}"
