"""What a person types to find an act: words, a number, or any written form of its identifier."""

import re
from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, func

from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import IdActe, NomFichier
from transmission.store.tables import acte, collectivite, transmission

_PLAIN = str.maketrans(
    "ÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸàâäçéèêëîïôöùûüÿ’\u00a0\u202f",
    "aaaceeeeiioouuuyaaaceeeeiioouuuy'  ",
)
_TYPOLOGIE = re.compile(r"[A-Za-z0-9_]{5}-(?=[0-9]{2}[0-9AB]-[0-9]{9}-)")


def _named_acte(text: str) -> tuple[str, date, str] | None:
    # Printed identifiers lack the nature; the search does not need it either.
    bare = _TYPOLOGIE.sub("", text.strip(), count=1)
    for read, candidate in (
        (NomFichier.parse, text.strip()),
        (IdActe.parse, bare),
        (IdActe.parse, f"{bare}-DE"),
    ):
        try:
            found = read(candidate)
        except IdentifierError:
            continue
        day = found.date if isinstance(found, NomFichier) else found.date_decision
        if day is not None and found.numero_interne:
            return found.siren, day, found.numero_interne.upper()
    return None


def _searched() -> ColumnElement[str]:
    # The database may know no French collation: accents and capitals are folded by hand.
    text = func.concat(acte.c.objet, " ", transmission.c.id_acte)
    for ligature in "œŒ":
        text = func.replace(text, ligature, "oe")
    accented = "".join(map(chr, _PLAIN))
    return func.lower(func.translate(text, accented, accented.translate(_PLAIN)))


def _plain(text: str) -> str:
    return text.translate(_PLAIN).replace("œ", "oe").replace("Œ", "oe").lower()


