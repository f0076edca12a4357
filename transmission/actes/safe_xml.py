"""The one door through which XML from outside enters: bounded, without DTD, network or entities.

The bytes given are never altered: what has to be decoded otherwise is decoded in memory, and said.
Source: ACTES protocol §1.4, §10 (quirks 12 and 13).
"""

import codecs
import re
from dataclasses import dataclass
from functools import cache

from lxml import etree

from transmission.domain.errors import TransmissionError

MESSAGE_MAX = 8 * 1024 * 1024
"""Bytes of the longest message read; the largest known one, a classification, has 44 kB."""

_MARKS_MAX = 200_000
"""Elements and attributes of the longest message read; the largest known one has a thousand. In
memory each takes up to 250 bytes, whatever its size in the file."""

_DECLARATION = re.compile(
    rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']"""
)
_ONE_BYTE_ENCODINGS = frozenset({"iso8859-1", "iso8859-15", "cp1252", "ascii"})
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnreadableXmlError(TransmissionError):
    """Bytes are not an XML document that we accept to read."""


@dataclass(frozen=True, slots=True)
class ParsedXml:
    """The root of a document without comments, and what had to be tolerated (French notes)."""

    root: etree._Element
    notes: tuple[str, ...]


def parse(raw: bytes, *, max_bytes: int = MESSAGE_MAX) -> ParsedXml:
    """Parse one document of at most ``max_bytes`` bytes.

    UTF-8 under a declaration of a one-byte encoding, byte order marks and windows-1252 are read
    and noted. Raises UnreadableXmlError, and nothing else, for all that cannot be read.
    """
    _require_size(raw, max_bytes)
    text, encoding, notes = _decoded(raw)
    _require_few_marks(text)
    return ParsedXml(_parsed(text, _parser(encoding)), notes)


def parse_exactly(raw: bytes, *, max_bytes: int) -> etree._Element:
    """Parse one document whose digest matters: read as it declares itself, comments and processing
    instructions kept, nothing tolerated. Raises UnreadableXmlError, and nothing else."""
    _require_size(raw, max_bytes)
    return _parsed(raw, _parser(None, whole=True))


def looks_like_utf_8(raw: bytes) -> bool:
    """Whether bytes hold accented text that UTF-8 can read: by chance alone, almost never."""
    try:
        return not raw.isascii() and bool(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _require_size(raw: bytes, max_bytes: int) -> None:
    if not raw:
        raise UnreadableXmlError("Le fichier est vide. Demandez-le à nouveau.")
    if len(raw) > max_bytes:
        raise UnreadableXmlError(
            f"Le fichier fait {len(raw)} octets, plus que les {max_bytes} permis : il n'a pas été "
            "ouvert."
        )


def _require_few_marks(text: bytes) -> None:
    if text.count(b"<") + text.count(b"=") > _MARKS_MAX:
        raise UnreadableXmlError(
            f"Le fichier contient plus de {_MARKS_MAX} balises et attributs, ce qu'aucun message "
            "du protocole n'approche : il n'a pas été ouvert."
        )


def _parsed(text: bytes, parser: etree.XMLParser) -> etree._Element:
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableXmlError(_not_well_formed(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableXmlError(
            "Le fichier contient un DOCTYPE, qu'aucun message du protocole n'utilise : il est "
            "refusé par prudence."
        )
    return root


@cache
def _parser(encoding: str | None, *, whole: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        no_network=True,
        resolve_entities=False,
        load_dtd=False,
        huge_tree=False,
        remove_comments=not whole,
        remove_pis=not whole,
    )


def _decoded(raw: bytes) -> tuple[bytes, str | None, tuple[str, ...]]:
    """Bytes for the parser, the encoding to impose on it (None: as declared), French notes."""
    if raw.startswith(codecs.BOM_UTF8):
        note = "Le fichier commence par une marque UTF-8 : il a été lu en UTF-8."
        return raw.removeprefix(codecs.BOM_UTF8), "utf-8", (note,)
    if raw.startswith(_UTF_16_MARKS):
        note = "Le fichier commence par une marque UTF-16 : il a été lu en UTF-16."
        return _utf_8_from_utf_16(raw), "utf-8", (note,)
    declared = _declared_encoding(raw)
    if _codec(declared) in _ONE_BYTE_ENCODINGS and looks_like_utf_8(raw):
        note = (
            f"Le fichier se déclare en {declared} mais est écrit en UTF-8 : il a été lu en UTF-8."
        )
        return raw, "utf-8", (note,)
    if _codec(declared) == "cp1252":
        return raw, None, (f"Le fichier est en {declared} au lieu d'ISO-8859-1.",)
    return raw, None, ()


def _declared_encoding(raw: bytes) -> str:
    match = _DECLARATION.match(raw)
    return match[1].decode("ascii") if match else "UTF-8"


def _codec(declared: str) -> str:
    try:
        return codecs.lookup(declared).name
    except LookupError:
        return declared


def _utf_8_from_utf_16(raw: bytes) -> bytes:
    try:
        return raw.decode("utf-16").encode("utf-8")
    except UnicodeError as error:
        raise UnreadableXmlError("Le fichier annonce UTF-16 mais n'en est pas.") from error


def _not_well_formed(error: etree.XMLSyntaxError) -> str:
    line, column = error.position
    return (
        f"Le fichier n'est pas du XML bien formé (ligne {line}, colonne {column}). "
        f"Détail technique : {error.msg[:200]}."
    )
