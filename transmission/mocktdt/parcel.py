"""What the ministry's reader makes of an archive: XPath on the messages, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lxml import etree

from transmission.mocktdt import letters, names, xmlio
from transmission.mocktdt.accounts import Idcl
from transmission.mocktdt.archive import Member

_PAPER = frozenset({"O", "1"})
_IDCL = "/actes:EnveloppeCLMISILL/actes:Emetteur/actes:IDCL"


class UnreadableParcelError(ValueError):
    """The envelope or a message cannot be read far enough to be recorded."""


@dataclass(frozen=True, slots=True)
class Acte:
    """The form of an act, as text of the XML except where the platform computes with it.

    `matieres`: (level, code) pairs, gaps allowed. `annexes`: file names in order. `paper`: more
    documents follow by post.
    """

    day: date
    number: str
    nature: int
    matieres: tuple[tuple[int, str], ...]
    objet: str
    precedent: str
    classification_date: str
    document: str
    annexes: tuple[str, ...]
    nombre: str
    paper: bool = False

    @property
    def classification(self) -> str:
        """`7.5.1`."""
        return ".".join(code for _, code in self.matieres)


@dataclass(frozen=True, slots=True)
class Message:
    """One outgoing business message. `violation`: of the schema, if any.

    `letter_day`: DateCourrierPref as written, `documents`: file names, both of what is written
    about a letter of the préfecture.
    """

    file_name: str
    code: str
    violation: str | None
    acte: Acte | None = None
    id_acte: str = ""
    classification_date: str = ""
    letter_day: str = ""
    documents: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it names, the main one first."""
        return (self.acte.document, *self.acte.annexes) if self.acte else self.documents


@dataclass(frozen=True, slots=True)
class Heading:
    """An envelope. `content`: bytes of its XML. `forms`: names of the files of its messages."""

    name: str
    content: bytes
    idcl: Idcl
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """An envelope with its messages. `envelope`: bytes of its XML."""

    envelope_name: str
    envelope: bytes
    idcl: Idcl
    messages: tuple[Message, ...]


def read_parcel(members: Mapping[str, Member], envelope_name: str) -> Parcel:
    """Read the envelope XML and each message that it names. Raises UnreadableParcelError."""
    heading = read_heading(members, envelope_name)
    return Parcel(heading.name, heading.content, heading.idcl, read_messages(members, heading))


def read_heading(members: Mapping[str, Member], envelope_name: str) -> Heading:
    """Read the envelope alone. Raises UnreadableParcelError."""
    content = _content(members, envelope_name)
    root = _root(content, envelope_name)
    fault = xmlio.violation(root)
    if xmlio.local_name(root) != "EnveloppeCLMISILL" or fault:
        raise UnreadableParcelError(f"{envelope_name} : enveloppe non conforme ({fault})")
    forms = xmlio.every(root, "actes:FormulairesEnvoyes/actes:Formulaire/actes:NomFichier")
    return Heading(envelope_name, content, _idcl(root), tuple(forms))


def read_messages(members: Mapping[str, Member], heading: Heading) -> tuple[Message, ...]:
    """Read each message that an envelope names. Raises UnreadableParcelError."""
    return tuple(_message(members, name, heading.idcl) for name in heading.forms)


def _idcl(root: etree._Element) -> Idcl:
    attributes = ("insee:SIREN", "actes:Departement", "actes:Arrondissement", "actes:Nature")
    return Idcl(*(xmlio.first(root, f"{_IDCL}/@{name}").strip() for name in attributes))


def _message(members: Mapping[str, Member], name: str, idcl: Idcl) -> Message:
    root = _root(_content(members, name), name)
    fault = xmlio.violation(root)
    match xmlio.local_name(root):
        case "Acte":
            acte = read_acte(root)
            identifier = names.id_acte(
                idcl.departement, idcl.siren, acte.day, acte.number, acte.nature
            )
            return Message(name, "1-1", fault, acte=acte, id_acte=identifier)
        case "Annulation":
            return Message(name, "6-1", fault, id_acte=xmlio.first(root, "@actes:IDActe"))
        case "DemandeClassification":
            day = xmlio.first(root, "actes:DateClassification")
            return Message(name, "7-1", fault, classification_date=day)
        case answer if answer in letters.OUTGOING_ROOTS:
            return _about_letter(root, name, letters.OUTGOING_ROOTS[answer], fault)
        case other:
            raise UnreadableParcelError(
                f"{name} : message {other or root.tag!r} non pris en charge"
            )


def _about_letter(root: etree._Element, name: str, code: str, fault: str | None) -> Message:
    return Message(
        name,
        code,
        fault,
        id_acte=xmlio.first(root, "@actes:IDActe"),
        letter_day=xmlio.first(root, "@actes:DateCourrierPref").strip()[:10],
        documents=tuple(xmlio.every(root, ".//actes:Document/actes:NomFichier")),
    )


def read_acte(root: etree._Element) -> Acte:
    """The form of an act. Raises UnreadableParcelError where no transaction could be recorded."""
    day = names.parsed_day(xmlio.first(root, "@actes:Date")[:10])
    nature = names.nature_of(xmlio.first(root, "@actes:CodeNatureActe"))
    if day is None or nature is None:
        raise UnreadableParcelError("acte sans date de décision ou sans nature lisible")
    levels = (
        (level, xmlio.first(root, f"actes:CodeMatiere{level}/@actes:CodeMatiere"))
        for level in range(1, 6)
    )
    return Acte(
        day=day,
        number=xmlio.first(root, "@actes:NumeroInterne"),
        nature=nature.code,
        matieres=tuple((level, code.strip()) for level, code in levels if code),
        objet=xmlio.first(root, "actes:Objet"),
        precedent=xmlio.first(root, "actes:PrecedentIdentifiantActe/@actes:IDActe"),
        classification_date=xmlio.first(root, "actes:ClassificationDateVersion"),
        document=xmlio.first(root, "actes:Document/actes:NomFichier"),
        annexes=tuple(xmlio.every(root, "actes:Annexes/actes:Annexe/actes:NomFichier")),
        nombre=xmlio.first(root, "actes:Annexes/@actes:Nombre"),
        paper=xmlio.first(root, "actes:DocumentPapier").strip().upper() in _PAPER,
    )


def _content(members: Mapping[str, Member], name: str) -> bytes:
    member = members.get(name)
    if member is None or member.xml is None:
        raise UnreadableParcelError(f"{name} est absent de l'archive")
    return member.xml


def _root(content: bytes, name: str) -> etree._Element:
    try:
        return xmlio.parse(content)
    except xmlio.UnreadableXmlError as error:
        raise UnreadableParcelError(f"{name} : XML illisible ({error})") from None
