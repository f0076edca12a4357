"""What a person types to find an act: words, a number, or any written form of its identifier."""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func

from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import IdActe, NomFichier
from transmission.store.tables import acte, collectivite, transmission

_FOLDED = {
    letter: folded
    for letter in map(chr, range(0xC0, 0x180))
    if (folded := unicodedata.normalize("NFD", letter)[0].lower()) != letter
} | {"’": "'", "\u00a0": " ", "\u202f": " "}
"""Accented letters and capitals of the Latin blocks, and the marks that word processors put."""

_LIGATURES = {"œ": "oe", "Œ": "oe"}
_TYPOLOGIE = re.compile(r"[A-Za-z0-9_]{5}-(?=[0-9]{2}[0-9AB]-[0-9]{9}-)")


def matching(text: str) -> Sequence[ColumnElement[bool]]:
    """Conditions on (acte, collectivite, transmission) for what was typed; none for nothing.

    Takes an IDActe, a file name of the protocol, the identifier printed on an act, or words
    which are all found in the object or the identifier, whatever their accents and case.
    """
    named = _named_acte(text.strip())
    if named is None:
        return [_searched().contains(word, autoescape=True) for word in _fold(text).split()]
    day = named.date if isinstance(named, NomFichier) else named.date_decision
    return [
        collectivite.c.siren == named.siren,
        acte.c.date_decision == day,
        acte.c.numero_interne == (named.numero_interne or "").upper(),
    ]


def _named_acte(text: str) -> IdActe | NomFichier | None:
    bare = _TYPOLOGIE.sub("", text, count=1)
    # The printed form stops after the number: any nature completes it, none is looked at.
    readings = ((NomFichier.parse, text), (IdActe.parse, bare), (IdActe.parse, f"{bare}-DE"))
    for read, candidate in readings:
        try:
            return read(candidate)
        except IdentifierError:
            continue
    return None


def _searched() -> ColumnElement[str]:
    # The database may know no French collation: accents and capitals are folded by hand.
    text: ColumnElement[str] = func.concat(acte.c.objet, " ", transmission.c.id_acte)
    for ligature, letters in _LIGATURES.items():
        text = func.replace(text, ligature, letters)
    return func.lower(func.translate(text, "".join(_FOLDED), "".join(_FOLDED.values())))


def _fold(text: str) -> str:
    for ligature, letters in _LIGATURES.items():
        text = text.replace(ligature, letters)
    return "".join(_FOLDED.get(letter, letter) for letter in text).lower()
