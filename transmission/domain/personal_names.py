"""Does a text seem to name a person? A guess that asks somebody to look, and decides nothing.

Acts on line are read by everybody and kept by search engines; what names a person, and is not
needed for publicity, is masked first (CRPA L. 312-1-2, legal clock RT-3).
"""

import re
from collections.abc import Iterator

MENTIONS_MAX = 5
"""How many are told: enough to see what kind of text it is."""

_CAPITAL = "A-ZÀ-ÖØ-ÞŒ"
_WORD = rf"[{_CAPITAL}][\w'’-]*"
_CIVILITY = (
    r"(?:M\.?\s?et\s?Mme|MM\.|M\.|Mmes?\b\.?|Mlles?\b\.?|Monsieur|Madame|Mademoiselle|Messieurs"
    r"|Mesdames|Me|Maître|Dr\.?|Docteur)"
)
# « Monsieur le Maire » and « Mme la Préfète » are functions: an article stands between.
_NAMED = re.compile(rf"\b{_CIVILITY}\s+{_WORD}(?:[\s-]+(?:de\s|du\s|d['’])?{_WORD}){{0,3}}")
_SURNAME = re.compile(
    rf"\b[{_CAPITAL}][a-zà-öø-ÿœ]+(?:-[{_CAPITAL}][a-zà-öø-ÿœ]+)?\s+[{_CAPITAL}][{_CAPITAL}'’-]{{2,}}\b"
)
_OF_A_PERSON = re.compile(
    r"\bnée?\s+le\s+\d|\bdomicilié(?:e|\(e\))?\b|\bdemeurant\b|\bépouse\s+[A-Z]", re.IGNORECASE
)
_REGISTRY_NUMBER = re.compile(r"\b[12]\s?\d{2}\s?(?:0[1-9]|1[0-2])\s?\d[\dAB]\s?\d{3}\s?\d{3}\b")
_ACCOUNT = re.compile(r"\bFR\d{2}(?:\s?[\dA-Z]{4}){5}\s?[\dA-Z]{3}\b")
_PERSONAL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}\b|\b0[1-9](?:[\s.-]?\d{2}){4}\b")

_KINDS = (_NAMED, _SURNAME, _OF_A_PERSON, _REGISTRY_NUMBER, _ACCOUNT, _PERSONAL)
# Street, school or hall: places bear the names of people who are honoured, most often dead.
_PLACE = re.compile(
    r"\b(?:rue|avenue|boulevard|place|square|impasse|allée|chemin|quai|école|collège|lycée|crèche"
    r"|gymnase|stade|salle|espace|centre|médiathèque|bibliothèque|groupe scolaire|résidence|parc)"
    r"\s+(?:de\s+|du\s+|des\s+|d['’])?$",
    re.IGNORECASE,
)


def personal_mentions(text: str) -> tuple[str, ...]:
    """What in a text seems to name or describe a person, as written, in order of appearance.

    At most ``MENTIONS_MAX``, each once; empty when nothing does, which proves nothing.
    """
    found = sorted(_mentions(text))
    told = dict.fromkeys(" ".join(each.split()) for _, each in found)
    return tuple(told)[:MENTIONS_MAX]


def _mentions(text: str) -> Iterator[tuple[int, str]]:
    for kind in _KINDS:
        for match in kind.finditer(text):
            if not _PLACE.search(text[max(0, match.start() - 40) : match.start()]):
                yield match.start(), match[0]
