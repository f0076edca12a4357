"""Every message of the protocol, built and read: 21 business messages and 3 envelopes.

Built, it is valid against the schema and made of ISO-8859-1 bytes; read, it is taken with
tolerance, its root deciding what it is.
Source: ACTES protocol §1.2 to §1.4, §2, §10.
"""

from datetime import date

from lxml import etree

from transmission.actes import safe_xml
from transmission.actes.catalogue import FORMS
from transmission.actes.forms import Draft, Reading, UnreadableRetourError
from transmission.actes.schema import (
    ACTES,
    INSEE,
    XSI,
    InvalidMessageError,
    local_name,
    require_valid,
    validate,
)
from transmission.domain.acte import Acte, DemandeClassification
from transmission.domain.messages import Message, MessageKind, ReadMessage, kind_of, kind_of_root

_PREFIXES = {"actes": ACTES, "insee": INSEE, "xsi": XSI}
_DECLARATION = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n'
_SCHEMA_NOTES_MAX = 10


def build_message(message: Message) -> bytes:
    """A message as it is put in the archive: ISO-8859-1 bytes, valid against the schema.

    Outer spaces of texts are dropped. Raises InvalidMessageError with all the reasons at once.
    """
    root = etree.Element(f"{{{ACTES}}}{kind_of(message).root}", nsmap=_PREFIXES)
    root.set(f"{{{XSI}}}schemaLocation", f"{ACTES} actesv1_1.xsd")
    draft = Draft()
    FORMS[type(message)].write(root, message, draft)
    if draft.problems:
        raise InvalidMessageError(draft.problems)
    return _serialised(root)


def build_acte(acte: Acte) -> bytes:
    """Message 1-1. Raises as :func:`build_message`."""
    return build_message(acte)


def build_demande_classification(held: date | None) -> bytes:
    """Message 7-1: asks for the classification, saying the date of the one held (§5.4).

    None when none is held: the State then answers with the whole classification.
    """
    return build_message(DemandeClassification(held))


def read_message(raw: bytes, *, emetteur: tuple[str, str] | None = None) -> ReadMessage:
    """Read any message or envelope from its bytes, which stay as they are.

    ``emetteur`` is the département and SIREN of the authority, needed by a 1-1 alone, which names
    neither. Dates are civil dates as written, a time zone being dropped and noted. Raises
    UnreadableRetourError, and nothing else.
    """
    root, kind, notes = open_message(raw)
    return ReadMessage(read_root(root, kind, notes, emetteur), tuple(notes))


def read_acte(raw: bytes, *, departement: str, siren: str) -> Acte:
    """The act that a 1-1 describes: the inverse of build_acte. Raises UnreadableRetourError."""
    message = read_message(raw, emetteur=(departement, siren)).message
    if not isinstance(message, Acte):
        raise UnreadableRetourError("Ce message n'est pas une transmission d'acte (1-1).")
    return message


def open_message(raw: bytes) -> tuple[etree._Element, MessageKind, list[str]]:
    """Root, kind and first notes of a message whose content is not read yet.

    Raises UnreadableRetourError for what is no XML or no message of the protocol.
    """
    try:
        parsed = safe_xml.parse(raw)
    except safe_xml.UnreadableXmlError as error:
        raise UnreadableRetourError(str(error)) from error
    name = local_name(parsed.root)
    kind = kind_of_root(name) if parsed.root.tag == f"{{{ACTES}}}{name}" else None
    if kind is None:
        raise UnreadableRetourError(f"« {name} » n'est pas un message du protocole ACTES.")
    return parsed.root, kind, list(parsed.notes)


def read_root(
    root: etree._Element,
    kind: MessageKind,
    notes: list[str],
    emetteur: tuple[str, str] | None = None,
) -> Message:
    """The content of an opened message; adds to ``notes``. Raises UnreadableRetourError."""
    notes += _schema_notes(root)
    message: Message = FORMS[kind.type].read(root, Reading(kind.root, notes, emetteur))
    return message


def _serialised(root: etree._Element) -> bytes:
    """Bytes in ISO-8859-1; what that set lacks becomes a numeric reference."""
    require_valid(root)
    raw = etree.tostring(root, encoding="ISO-8859-1", xml_declaration=False, pretty_print=True)
    if safe_xml.looks_like_utf_8(raw):
        # Whoever suspects UTF-8 under this declaration, as we do, would read « Ã© » as « é ».
        raw = etree.tostring(root, encoding="US-ASCII", xml_declaration=False, pretty_print=True)
    return _DECLARATION + raw


def _schema_notes(root: etree._Element) -> list[str]:
    problems = validate(root)
    notes = [f"Hors schéma, {p.field} : {p.message}" for p in problems[:_SCHEMA_NOTES_MAX]]
    if len(problems) > _SCHEMA_NOTES_MAX:
        notes.append(f"Hors schéma : {len(problems) - _SCHEMA_NOTES_MAX} autres écarts.")
    return notes
