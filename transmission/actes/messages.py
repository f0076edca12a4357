"""Messages that the authority sends: built by lxml, valid by construction, ISO-8859-1.

Source: ACTES protocol §1.2 to §1.4, §2.4 to §2.6.
"""

from collections.abc import Mapping
from datetime import date

from lxml import etree

from transmission.actes import safe_xml
from transmission.actes.fields import attribute, child, child_text, children, civil_date, yes
from transmission.actes.schema import ACTES, INSEE, XSI, InvalidMessageError, require_valid
from transmission.domain.acte import Acte, FichierSigne, Matiere
from transmission.domain.errors import Problem
from transmission.domain.identifiers import IdActe, NatureActe
from transmission.domain.texte import normalise

_PREFIXES = {"actes": ACTES, "insee": INSEE, "xsi": XSI}
_DECLARATION = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n'


def build_acte(acte: Acte) -> bytes:
    """Message 1-1 as it is put in the archive: ISO-8859-1 bytes, valid against the schema.

    Raises InvalidMessageError, or IdentifierError for a number that we do not emit (§4.2).
    """
    form = new_root("Acte")
    form.set(f"{{{ACTES}}}Date", acte.id_acte.date_decision.isoformat())
    form.set(f"{{{ACTES}}}NumeroInterne", acte.numero_interne)
    form.set(f"{{{ACTES}}}CodeNatureActe", str(acte.id_acte.nature.code))
    for level, code in enumerate(acte.matiere.niveaux, start=1):
        append(form, f"CodeMatiere{level}", attributes={"CodeMatiere": str(code)})
    append(form, "Objet", transmissible("objet", acte.objet))
    if acte.precedent is not None:
        append(form, "PrecedentIdentifiantActe", attributes={"IDActe": str(acte.precedent)})
    append(form, "ClassificationDateVersion", acte.date_classification.isoformat())
    append_fichier(form, "Document", acte.document)
    annexes = append(form, "Annexes", attributes={"Nombre": str(len(acte.annexes))})
    for annexe in acte.annexes:
        append_fichier(annexes, "Annexe", annexe)
    append(form, "DocumentPapier", "O" if acte.document_papier else "N")
    return serialised(form)


def build_demande_classification(held: date | None) -> bytes:
    """Message 7-1: asks for the classification, saying the date of the one held (§5.4).

    None when none is held: the State then answers with the whole classification.
    """
    form = new_root("DemandeClassification")
    if held is not None:
        append(form, "DateClassification", held.isoformat())
    return serialised(form)


def read_acte(raw: bytes, *, departement: str, siren: str) -> Acte:
    """The act that a 1-1 of ours describes: the inverse of build_acte.

    The message names neither the département nor the authority, so both are given. Raises
    UnreadableXmlError, InvalidMessageError or IdentifierError.
    """
    form = safe_xml.parse(raw).root
    require_valid(form)
    if form.tag != f"{{{ACTES}}}Acte":
        raise InvalidMessageError([_NOT_AN_ACTE])
    precedent = child(form, "PrecedentIdentifiantActe")
    return Acte(
        id_acte=IdActe(
            departement,
            siren,
            _date(attribute(form, "Date")),
            attribute(form, "NumeroInterne") or "",
            NatureActe.parse(attribute(form, "CodeNatureActe") or ""),
        ),
        matiere=Matiere.parse(".".join(_levels(form))),
        objet=_text(form, "Objet"),
        date_classification=_date(child_text(form, "ClassificationDateVersion")),
        document=_fichiers(form, "Document")[0],
        annexes=_fichiers(children(form, "Annexes")[0], "Annexe"),
        document_papier=yes(child_text(form, "DocumentPapier")),
        precedent=None if precedent is None else IdActe.parse(attribute(precedent, "IDActe") or ""),
    )


def new_root(name: str) -> etree._Element:
    """Root of a message, with the usual prefixes and schema location."""
    root = etree.Element(f"{{{ACTES}}}{name}", nsmap=_PREFIXES)
    root.set(f"{{{XSI}}}schemaLocation", f"{ACTES} actesv1_1.xsd")
    return root


def append(
    parent: etree._Element,
    name: str,
    text: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> etree._Element:
    """Add an element of the ACTES namespace; its attributes take the same namespace (§1.3).

    Raises InvalidMessageError for text that no XML can hold.
    """
    element = etree.SubElement(parent, f"{{{ACTES}}}{name}")
    try:
        element.text = text
        for key, value in (attributes or {}).items():
            element.set(f"{{{ACTES}}}{key}", value)
    except ValueError as error:
        reason = "ce texte contient des caractères que le XML interdit."
        raise InvalidMessageError(
            [Problem(name, "texte", reason, "Retirez ces caractères.")]
        ) from error
    return element


def append_fichier(parent: etree._Element, name: str, fichier: FichierSigne) -> None:
    """Add a file reference, with its detached signature as text when it has one (§2.4)."""
    element = append(parent, name)
    append(element, "NomFichier", fichier.nom_fichier)
    if fichier.signature is not None:
        append(element, "Signature", fichier.signature)


def transmissible(field: str, text: str) -> str:
    """The text itself when it can travel. Raises InvalidMessageError when blank or refused."""
    refused = normalise(text).refused
    if text.strip() and not refused:
        return text
    reason = f"ne peut pas transmettre {', '.join(refused)}." if refused else "est vide."
    remedy = "Retirez ces caractères." if refused else "Écrivez au moins un mot."
    raise InvalidMessageError([Problem(field, "texte", f"ce texte {reason}", remedy)])


def serialised(root: etree._Element) -> bytes:
    """Bytes of a message in ISO-8859-1; what that set lacks becomes a numeric reference.

    Raises InvalidMessageError unless the message is valid.
    """
    require_valid(root)
    raw = etree.tostring(root, encoding="ISO-8859-1", xml_declaration=False, pretty_print=True)
    if safe_xml.looks_like_utf_8(raw):
        # Whoever suspects UTF-8 under this declaration, as we do, would read « Ã© » as « é ».
        raw = etree.tostring(root, encoding="US-ASCII", xml_declaration=False, pretty_print=True)
    return _DECLARATION + raw


_NOT_AN_ACTE = Problem(
    "Acte",
    "racine",
    "ce message n'est pas une transmission d'acte (1-1).",
    "Donnez le bon fichier.",
)


def _levels(form: etree._Element) -> list[str]:
    found = [child(form, f"CodeMatiere{level}") for level in range(1, 6)]
    return [attribute(element, "CodeMatiere") or "" for element in found if element is not None]


def _fichiers(parent: etree._Element, name: str) -> tuple[FichierSigne, ...]:
    return tuple(
        FichierSigne(
            _text(element, "NomFichier"),
            None if (signature := child(element, "Signature")) is None else signature.text,
        )
        for element in children(parent, name)
    )


def _text(parent: etree._Element, name: str) -> str:
    element = child(parent, name)
    return "" if element is None else element.text or ""


def _date(text: str | None) -> date:
    found = civil_date(text)
    if found is None:
        raise InvalidMessageError(
            [Problem("date", "date", f"« {text} » n'est pas une date.", "Écrivez AAAA-MM-JJ.")]
        )
    return found
