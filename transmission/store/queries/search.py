"""What a person types to find an act: a number, any written form of its identifier, or words.

Every reading of it is answered by an index. Where more acts fit than anybody reads, the search
goes down the list itself, a stretch at a time.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    ScalarSelect,
    Select,
    func,
    select,
    union,
)

from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import IdActe, NomEnveloppe, NomFichier, NumeroInterne
from transmission.store.tables import acte, collectivite, transmission

MOST = 1000
"""Acts found by an index, all ordered and shown; more of them are looked for down the list."""

_SAMPLE = 300

_TYPOLOGIE = re.compile(r"[A-Za-z0-9_]{5}-(?=[0-9]{2}[0-9AB]-[0-9]{9}-)")
_BEGINNING = re.compile(
    r"(?:[0-9]{2}[0-9AB]-)?(?P<siren>[0-9]{9})"
    r"(?:-(?P<year>[0-9]{4})(?P<month>[0-9]{2})?(?P<day>[0-9]{2})?(?:-(?P<numero>[A-Za-z0-9_]*))?)?"
)
# What the trigrams of a pattern are made of.
_TRIGRAM = re.compile(r"[a-z0-9]{3}")
_MARKS = re.compile(r"[\u0300-\u036f]")
_CAPITALS = str.maketrans("ÆÐØÞĐĦŁŊŦ", "æðøþđħłŋŧ")


@dataclass(frozen=True, slots=True)
class Sought:
    """The acts that fit: their ``ids`` when an identifier or a number says it, otherwise ``down``,
    conditions to go down a list with, and ``words``, what an index may find the same acts by,
    those of ``owner``."""

    ids: tuple[int, ...] | None
    down: tuple[ColumnElement[bool], ...] = ()
    words: tuple[str, ...] = ()
    owner: tuple[ColumnElement[bool], ...] = ()

    def by_index(self, connection: Connection) -> tuple[int, ...] | None:
        """The acts that an index finds; None when there is none, or more of them than ``MOST``."""
        if not any(map(_TRIGRAM.search, self.words)):
            return None
        words = _rarest_first(connection, self.words)
        return _few(connection, _where(*(_has(acte.c.words, word) for word in words), *self.owner))


def sought(connection: Connection, text: str, siren: str | None = None) -> Sought:
    """The acts of one authority, or of all, that what was typed names. ``text`` is not blank.

    An IDActe, a file or envelope name of the protocol, or the identifier printed on an act names
    what it says; the beginning of an identifier, all that begin so; a word with a digit, the acts
    adopted under a number that begins so, or sent under that number. Anything else, and numbers
    that nobody has, are words: all are found in the object or the number, whatever their accents
    and case.
    """
    owner = () if siren is None else (acte.c.collectivite_id == owner_id(siren),)
    text = text.strip()
    named = _named(text)
    if named is not None:
        return Sought(_few(connection, _where(*named, *owner)) or ())
    for ids, down in _begun(text):
        found = _few(connection, ids.where(*owner))
        if found is None or found:
            return Sought(found, (*down, *owner))
    return worded(text, owner)


def worded(text: str, owner: tuple[ColumnElement[bool], ...]) -> Sought:
    """The acts that have all the words of a text in their object or number."""
    words = tuple(plain(text).split())
    each = (_has(_unindexed(acte.c.words), word) for word in words)
    return Sought(None, (*each, *owner), words, owner)


def owner_id(siren: str) -> ScalarSelect[int]:
    """The row of an authority: known before the acts are looked at, it leads to their index."""
    return select(collectivite.c.id).where(collectivite.c.siren == siren).scalar_subquery()


def under_number(numero: str, siren: str) -> CompoundSelect[int]:
    """Ids of the acts of an authority adopted or sent under a number."""
    adopted = select(acte.c.id).where(
        acte.c.numero_interne == numero, acte.c.collectivite_id == owner_id(siren)
    )
    sent = _sent_under(numero).where(transmission.c.collectivite_id == owner_id(siren))
    return union(adopted, sent)


def _sent_under(numero: str) -> Select[int]:
    wire_number = func.split_part(transmission.c.id_acte, "-", 4)
    return select(transmission.c.acte_id).where(wire_number == numero)


def _has(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    # Lowered there too, whatever the letters: a database knows more or fewer capitals than we do.
    return column.like(func.lower(f"%{_literally(word)}%"))


def _unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    # Its index has too many of them: nothing may lead to it while the list is gone down.
    return column.concat("")


def _rarest_first(connection: Connection, words: Sequence[str]) -> Sequence[str]:
    # The index goes through the acts of the first word, and asks it of the others under each: three
    # times faster when the first is the rarest, by what the newest acts say.
    if len(words) < 2:
        return words
    newest = select(acte.c.words).order_by(acte.c.id.desc()).limit(_SAMPLE).subquery()
    counts = [func.count().filter(_has(newest.c.words, word)) for word in words]
    found = connection.execute(select(*counts)).one()
    return [word for _, word in sorted(zip(found, words, strict=True))]


def _few(connection: Connection, ids: Select[int]) -> tuple[int, ...] | None:
    found = connection.execute(ids.limit(MOST + 1)).scalars().all()
    return tuple(found) if len(found) <= MOST else None


def _where(*conditions: ColumnElement[bool]) -> Select[int]:
    return select(acte.c.id).where(*conditions)


def _named(text: str) -> Sequence[ColumnElement[bool]] | None:
    """Conditions for a text that names one act, or what was sent about it; None for another."""
    for read in (_file, _enveloppe):
        try:
            return read(text)
        except IdentifierError:
            continue
    return None


def _file(text: str) -> Sequence[ColumnElement[bool]]:
    bare = _TYPOLOGIE.sub("", text, count=1)
    # The printed form stops after the number: any nature completes it, none is looked at.
    readings = ((NomFichier.parse, text), (IdActe.parse, bare), (IdActe.parse, f"{bare}-DE"))
    for read, candidate in readings:
        try:
            named = read(candidate)
        except IdentifierError:
            continue
        day = named.date if isinstance(named, NomFichier) else named.date_decision
        numbered = under_number((named.numero_interne or "").upper(), named.siren)
        return [acte.c.date_decision == day, acte.c.id.in_(numbered)]
    raise IdentifierError(f"« {text} » ne nomme pas un acte.")


def _enveloppe(text: str) -> Sequence[ColumnElement[bool]]:
    named = NomEnveloppe.parse(text).refused()
    sent = select(transmission.c.acte_id).where(
        transmission.c.collectivite_id == owner_id(named.emetteur),
        transmission.c.enveloppe == str(named),
    )
    return [acte.c.id.in_(sent)]


def _begun(
    text: str,
) -> Iterator[tuple[Select[int], tuple[ColumnElement[bool], ...]]]:
    """Acts whose identifier, then whose number, begins so: by an index, and down the list."""
    identified = _identified(text)
    if identified:
        yield _where(*identified), identified
    numero = text.upper()
    if _is_number(numero):
        begins = _begins(acte.c.numero_interne, numero)
        numbered = union(_where(begins), _sent_under(numero)).limit(MOST + 1).subquery()
        down = _begins(_unindexed(acte.c.numero_interne), numero)
        yield _where(acte.c.id.in_(select(numbered))), (down,)


def _identified(text: str) -> tuple[ColumnElement[bool], ...]:
    match = _BEGINNING.fullmatch(text)
    if not match:
        return ()
    year, month, day = (int(match[part] or 0) for part in ("year", "month", "day"))
    conditions = [acte.c.collectivite_id == owner_id(match["siren"])]
    if year:
        try:
            first = date(year, month or 1, day or 1)
        except ValueError:
            return ()
        last = date(year, month or 12, day or monthrange(year, month or 12)[1])
        conditions.append(acte.c.date_decision.between(first, last))
    if match["numero"]:
        conditions.append(_begins(acte.c.numero_interne, match["numero"].upper()))
    return tuple(conditions)


def _begins(column: ColumnElement[str], numero: str) -> ColumnElement[bool]:
    return column.like(_literally(numero) + "%")


def _is_number(text: str) -> bool:
    # Any word could be a number; those of the assemblies have digits, or are very short.
    try:
        return bool(NumeroInterne(text)) and (len(text) < 3 or any(map(str.isdigit, text)))
    except IdentifierError:
        return False


def plain(text: str) -> str:
    """A text as the register keeps what is searched: no accents, no capitals, œ in two letters."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    spread = bare.replace("œ", "oe").replace("Œ", "oe").replace("’", "'")
    return spread.lower().translate(_CAPITALS)


def _literally(text: str) -> str:
    return "".join(chain.from_iterable(("\\", c) if c in "\\%_" else (c,) for c in text))
