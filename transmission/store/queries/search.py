"""What a person types to find an act: words, a number, or any written form of its identifier."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, CompoundSelect, func, or_, select, union

from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import IdActe, NomFichier, NumeroInterne
from transmission.store.tables import acte, collectivite, transmission

_TYPOLOGIE = re.compile(r"[A-Za-z0-9_]{5}-(?=[0-9]{2}[0-9AB]-[0-9]{9}-)")

_VARIANTS: defaultdict[str, str] = defaultdict(str, {"'": "’"})
"""For a plain letter, all its written forms in the Latin blocks, capitals and accents."""
for _letter in map(chr, (*range(0x41, 0x5B), *range(0xC0, 0x180))):
    _VARIANTS[unicodedata.normalize("NFD", _letter)[0].lower()] += _letter


def matching(text: str) -> Sequence[ColumnElement[bool]]:
    """Conditions on (acte, collectivite, transmission) for what was typed; none for nothing.

    Takes an IDActe, a file name of the protocol, the identifier printed on an act, or words
    which are all found in the object, the number or the identifier, whatever their accents and
    case. An act has the number that it was adopted under, and those that it was sent under.
    """
    named = _named_acte(text.strip())
    if named is None:
        words = text.split()
        return [_contains(word, alone=len(words) == 1) for word in words]
    day = named.date if isinstance(named, NomFichier) else named.date_decision
    numero = (named.numero_interne or "").upper()
    return [acte.c.date_decision == day, acte.c.id.in_(under_number(numero, named.siren))]


def under_number(numero: str, siren: str | None = None) -> CompoundSelect[int]:
    """Ids of the acts adopted or sent under a number, of one authority or of all."""
    # Aliases, or these would be taken for the tables of the statement around.
    adopted, sent, owner = acte.alias(), transmission.alias(), collectivite.alias()
    wire_number = func.split_part(sent.c.id_acte, "-", 4)
    statements = (
        select(adopted.c.id)
        .join(owner, adopted.c.collectivite_id == owner.c.id)
        .where(adopted.c.numero_interne == numero),
        select(sent.c.acte_id)
        .join(owner, sent.c.collectivite_id == owner.c.id)
        .where(wire_number == numero),
    )
    if siren is not None:
        return union(*(statement.where(owner.c.siren == siren) for statement in statements))
    return union(*statements)


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


def _contains(word: str, *, alone: bool) -> ColumnElement[bool]:
    # The pattern names every accent and capital: the database may know no French collation.
    pattern = pattern_of(word)
    places = [acte.c.objet, acte.c.numero_interne, transmission.c.id_acte]
    found = [place.op("~")(pattern) for place in places]
    if alone and _is_numero(word.upper()):
        # The number of a former sending is in none of them.
        found.append(acte.c.id.in_(under_number(word.upper())))
    return or_(*found)


def _is_numero(text: str) -> bool:
    try:
        return bool(NumeroInterne(text))
    except IdentifierError:
        return False


def pattern_of(word: str) -> str:
    """A PostgreSQL regular expression for a word in any accents and case."""
    composed = unicodedata.normalize("NFC", word)
    plain = "".join(unicodedata.normalize("NFD", letter)[0] for letter in composed).lower()
    spread = plain.replace("œ", "oe").replace("’", "'")
    return "".join(_any_form(part) for part in re.findall(r"oe|.", spread, re.DOTALL))


def _any_form(part: str) -> str:
    if part == "oe":
        return f"(?:{_any_form('o')}{_any_form('e')}|[œŒ])"
    forms = part + _VARIANTS.get(part, "")
    return f"[{forms}]" if len(forms) > 1 else re.sub(r"([^\w\s])", r"\\\1", part)
