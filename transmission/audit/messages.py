"""Messages of the ACTES protocol, read a second time by XPath: only what evidence rests on.

Written from the protocol, not from the codec that did the work: the two must agree by themselves.
Source: ACTES protocol §1.4, §2.4, §2.5, §10.
"""

import re
from dataclasses import dataclass
from datetime import date

from lxml import etree

from transmission.domain.errors import TransmissionError

ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
MESSAGE_MAX = 8 * 1024 * 1024
"""Bytes of the longest message opened."""

_NAMES = {"a": ACTES, "i": "http://xml.insee.fr/schema"}
_ABREGES = {1: "DE", 2: "AR", 3: "AI", 4: "CC", 5: "BF", 6: "AU"}
_ACTE = "(self::a:Acte | a:ActeRecu | a:Acte)[1]"
_EMETTEUR = "(a:Emetteur | a:EnveloppeRecue/a:Emetteur)/a:IDCL"
_LETTER = (
    "@a:DateCourrierPref | a:InfosCourrierPref/@a:DateCourrierPref | a:DateDepot[not(*)]/text()"
)
_ONE_BYTE = re.compile(
    rb"""<\?xml[^>]{1,200}encoding\s*=\s*["'](?:iso-?8859-15?|latin-?1|windows-1252)["']""", re.I
)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)


class UnreadableMessageError(TransmissionError):
    """Bytes are not a message of the protocol; the text says why (French)."""


@dataclass(frozen=True, slots=True)
class ToldActe:
    """An act as a message tells it; None or empty for what is absent or unreadable.

    ``date`` is the civil day of the decision; ``document`` and ``annexes`` are names of files.
    """

    numero: str | None
    date: date | None
    nature: int | None
    matieres: tuple[int, ...]
    objet: str
    document: str | None
    annexes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldMessage:
    """A message: the name of its root, the identifier of the act, the civil day of receipt and
    that of the letter (or of the filing of a déféré) where it has them, the act that it tells, the
    authority that an envelope names as its sender, and the files that it names, in order."""

    root: str
    id_acte: str | None
    date_reception: date | None
    date_courrier: date | None
    acte: ToldActe | None
    departement: str | None
    siren: str | None
    files: tuple[str, ...]


def read_message(raw: bytes) -> ToldMessage:
    """Any message or envelope of the protocol, from its bytes.

    A time zone after a day is dropped; UTF-8 under a declaration of one byte is read as UTF-8.
    Raises UnreadableMessageError, and nothing else.
    """
    return told_by(parsed(raw))


def told_by(root: etree._Element) -> ToldMessage:
    """The same from a message parsed already. Raises UnreadableMessageError for another root."""
    name = etree.QName(root)
    if name.namespace != ACTES:
        raise UnreadableMessageError(f"« {name.localname[:40]} » n'est pas un message ACTES.")
    return ToldMessage(
        root=name.localname,
        id_acte=_first(root, "@a:IDActe | a:InfosCourrierPref/@a:IDActe"),
        date_reception=_day(_first(root, "@a:DateReception")),
        date_courrier=_day(_first(root, _LETTER)),
        acte=_acte(root),
        departement=_first(root, f"{_EMETTEUR}/@a:Departement"),
        siren=_first(root, f"{_EMETTEUR}/@i:SIREN"),
        files=tuple(_texts(root, ".//a:NomFichier")),
    )


def same_identifier(one: str | None, other: str | None) -> bool:
    """Whether two identifiers name the same act: the State may change the case (§4.1)."""
    return one is not None and other is not None and one.casefold() == other.casefold()


def identifier_of(departement: str | None, siren: str | None, acte: ToldActe) -> str | None:
    """The identifier of an act, made again from what tells it (§4.1); None when a part lacks."""
    abrege = _ABREGES.get(acte.nature or 0)
    if not (departement and siren and acte.numero and acte.date and abrege):
        return None
    return f"{departement}-{siren}-{acte.date:%Y%m%d}-{acte.numero}-{abrege}"


def _acte(root: etree._Element) -> ToldActe | None:
    found = elements(root, _ACTE)
    if not found:
        return None
    acte = found[0]
    documents = _texts(acte, "a:Document/a:NomFichier")
    return ToldActe(
        numero=_first(acte, "@a:NumeroInterne"),
        date=_day(_first(acte, "@a:Date")),
        nature=_number(_first(acte, "@a:CodeNatureActe")),
        matieres=tuple(_matieres(acte)),
        objet=" ".join(_texts(acte, "a:Objet")),
        document=documents[0] if documents else None,
        annexes=tuple(_texts(acte, "a:Annexes/a:Annexe/a:NomFichier")),
    )


def _matieres(acte: etree._Element) -> list[int]:
    codes = (_first(acte, f"a:CodeMatiere{level}/@a:CodeMatiere") for level in range(1, 6))
    return [number for code in codes if (number := _number(code)) is not None]


def parsed(raw: bytes) -> etree._Element:
    """The root of a document of at most ``MESSAGE_MAX`` bytes. Raises UnreadableMessageError."""
    if len(raw) > MESSAGE_MAX:
        raise UnreadableMessageError(f"Le message dépasse {MESSAGE_MAX} octets.")
    parser = etree.XMLParser(
        encoding="utf-8" if _is_utf_8_in_disguise(raw) else None,
        no_network=True,
        resolve_entities=False,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableMessageError("Le message n'est pas du XML bien formé.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableMessageError("Le message contient un DOCTYPE.")
    return root


def _is_utf_8_in_disguise(raw: bytes) -> bool:
    if raw.isascii() or not _ONE_BYTE.match(raw):
        return False
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def elements(element: etree._Element, path: str) -> list[etree._Element]:
    """The elements of a path, in the order of the document."""
    found = element.xpath(path, namespaces=_NAMES)
    return [each for each in found if isinstance(each, etree._Element)]


def _texts(element: etree._Element, path: str) -> list[str]:
    texts = ("".join(each.itertext()).strip() for each in elements(element, path))
    return [str(text) for text in texts if text]


def _first(element: etree._Element, path: str) -> str | None:
    """The first attribute or text of a path, trimmed; None when absent or blank."""
    found = element.xpath(path, namespaces=_NAMES)
    values = [str(each).strip() for each in found]
    return values[0] or None if values else None


def _day(text: str | None) -> date | None:
    match = _DAY.fullmatch(text or "")
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and _NUMBER.fullmatch(text) else None
