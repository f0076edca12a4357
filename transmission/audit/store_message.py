"""A message sent, read again from its bytes and compared with what the register says was sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from transmission.audit.messages import ACTES, ToldMessage, elements, parsed, told_by

_NAMES = {"a": ACTES}
ROOTS = {
    "1-1": "Acte",
    "1-2": "ARActe",
    "1-3": "AnomalieActe",
    "2-1": "CourrierSimple",
    "2-2": "ReponseCourrierSimple",
    "3-1": "DemandePieceComplementaire",
    "3-2": "ARDemandePieceComplementaire",
    "3-3": "RefusPieceComplementaire",
    "3-4": "PieceComplementaire",
    "3-5": "ARPieceComplementaire",
    "4-1": "LettreObservations",
    "4-2": "ARLettreObservations",
    "4-3": "RejetLettreObservations",
    "4-4": "ReponseLettreObservations",
    "4-5": "ARReponseRejetLettreObservations",
    "5-1": "DefereTA",
    "6-1": "Annulation",
    "6-2": "ARAnnulation",
    "7-2": "RetourClassification",
    "7-3": "ReponseClassificationSansChangement",
}
"""Name of the root element of each message, by its code (ACTES protocol §2.2)."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message, and what else evidence rests on.

    The day of the letter and its text; the version of the classification that an act uses, and the
    one that a classification is; whether paper follows; the signature of each file.
    """

    message: ToldMessage
    date_courrier: str | None
    texte: str
    classification: str | None
    version: str | None
    papier: bool
    signatures: tuple[str | None, ...]


def read_told(raw: bytes) -> Told:
    """Read a message whose bytes were checked. Raises UnreadableMessageError."""
    root = parsed(raw)
    message = told_by(root)
    texts = _texts(root, "a:DescriptionPieces | a:Motif | a:NatureIllegalite")
    days = root.xpath("//@a:DateCourrierPref | a:DateDepot/text()", namespaces=_NAMES)
    versions = _texts(root, "a:ClassificationDateVersion")
    dates = _texts(root, "//a:DateClassification")
    return Told(
        message,
        date_courrier=str(days[0]).strip()[:10] if days else None,
        texte=" ".join(" ".join(texts).split()),
        classification=versions[0][:10] if versions else None,
        version=dates[0][:10] if dates else None,
        papier=_texts(root, "a:DocumentPapier") == ["O"],
        signatures=tuple(_signature(each) for each in elements(root, "//a:NomFichier")),
    )


def _signature(name: etree._Element) -> str | None:
    beside = name.getparent()
    found = [] if beside is None else _texts(beside, "a:Signature")
    return "".join(found[0].split()) if found else None


def _texts(root: etree._Element, path: str) -> Sequence[str]:
    return ["".join(map(str, each.itertext())).strip() for each in elements(root, path)]
