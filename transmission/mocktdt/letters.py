"""Letters of the préfecture and the answers to them: codes, roots, messages (ACTES protocol §2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from transmission.mocktdt import xmlio
from transmission.mocktdt.templating import fill

_INDENT = "\n    "


class LetterKind(StrEnum):
    """What the préfecture may write about an act."""

    COURRIER_SIMPLE = "courrier_simple"
    DEMANDE_PIECE_COMPLEMENTAIRE = "demande_piece_complementaire"
    LETTRE_OBSERVATIONS = "lettre_observations"
    DEFERE_TA = "defere_ta"

    @property
    def code(self) -> str:
        """The code of the message: `2-1` to `5-1`."""
        return _CODES[self]


_CODES = {
    LetterKind.COURRIER_SIMPLE: "2-1",
    LetterKind.DEMANDE_PIECE_COMPLEMENTAIRE: "3-1",
    LetterKind.LETTRE_OBSERVATIONS: "4-1",
    LetterKind.DEFERE_TA: "5-1",
}
_ROOTS = {
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
}
# What an authority may write about a letter, by root: receipts, then answers.
OUTGOING_ROOTS = {_ROOTS[code]: code for code in ("3-2", "4-2", "2-2", "3-3", "3-4", "4-3", "4-4")}
RECEIPTS = frozenset({"3-2", "4-2"})
_EXPLANATIONS = {
    LetterKind.DEMANDE_PIECE_COMPLEMENTAIRE: "DescriptionPieces",
    LetterKind.LETTRE_OBSERVATIONS: "Motif",
}
# What type_envoie means, by type of document (S²LOW API §4.17).
_REPLIES = {
    "3": {"3": "3-3", "4": "3-4"},
    "4": {"3": "4-3", "4": "4-4"},
}
USUAL_TEXTS = {
    LetterKind.COURRIER_SIMPLE: "Courrier fictif sur l'acte",
    LetterKind.DEMANDE_PIECE_COMPLEMENTAIRE: "Plan annexé à la délibération (demande fictive)",
    LetterKind.LETTRE_OBSERVATIONS: "Quorum non mentionné (observation fictive)",
    LetterKind.DEFERE_TA: "Incompétence (déféré fictif)",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter. `day`: its DateCourrierPref, or the DateDepot of a déféré; `text`: its reason."""

    kind: LetterKind
    day: date
    text: str

    def message(self, id_acte: str, documents: Sequence[str]) -> bytes:
        """The message of the State that names `documents`."""
        about = xmlio.attribute("actes:IDActe", id_acte)
        if self.kind is LetterKind.DEFERE_TA:
            content = self._defere(documents)
        else:
            about += xmlio.attribute("actes:DateCourrierPref", self.day.isoformat())
            content = self._courrier(documents)
        root = _ROOTS[self.kind.code]
        filled = fill("courrier.xml", root=root, attributes=about, content=content)
        return filled.encode("iso-8859-1", "xmlcharrefreplace")

    def _courrier(self, documents: Sequence[str]) -> str:
        lines = [_document(name) for name in documents]
        if explanation := _EXPLANATIONS.get(self.kind):
            lines.insert(0, f"<actes:{explanation}>{xmlio.text(self.text)}</actes:{explanation}>")
        return _INDENT.join(lines)

    def _defere(self, documents: Sequence[str]) -> str:
        pieces = (f"<actes:PieceJointe>{_name(name)}</actes:PieceJointe>" for name in documents)
        return _INDENT.join(
            (
                f"<actes:DateDepot>{self.day.isoformat()}</actes:DateDepot>",
                f"<actes:NatureIllegalite>{xmlio.text(self.text)}</actes:NatureIllegalite>",
                f"<actes:PiecesJointes>{''.join(pieces)}</actes:PiecesJointes>",
            )
        )


def reply_code(kind: str, type_envoie: str) -> str | None:
    """The code of the answer to a document of type `kind`; None when no answer is possible."""
    return "2-2" if kind == "2" else _REPLIES.get(kind, {}).get(type_envoie)


def outgoing_message(code: str, id_acte: str, letter: Letter, documents: Sequence[str]) -> bytes:
    """What the platform writes about a letter: its receipt (3-2, 4-2), or an answer to it.

    The date of the letter is echoed, never today's (ACTES protocol §7.2).
    """
    if code == "3-4":
        content = f"<actes:Documents>{''.join(map(_document, documents))}</actes:Documents>"
    else:
        content = "".join(map(_document, documents[:1]))
    filled = fill(
        "reponse.xml", root=_ROOTS[code], attributes=_about(id_acte, letter), content=content
    )
    return filled.encode("iso-8859-1", "xmlcharrefreplace")


def ar_reponse(code: str, id_acte: str, letter: Letter, date_reception: date) -> bytes:
    """The State's receipt of an answer (3-5, 4-5)."""
    return fill(
        "ar_reponse.xml",
        root=_ROOTS[code],
        date_reception=date_reception.isoformat(),
        attributes=_about(id_acte, letter),
    ).encode("iso-8859-1", "xmlcharrefreplace")


def _about(id_acte: str, letter: Letter) -> str:
    return xmlio.attribute("actes:IDActe", id_acte) + xmlio.attribute(
        "actes:DateCourrierPref", letter.day.isoformat()
    )


def _document(name: str) -> str:
    return f"<actes:Document>{_name(name)}</actes:Document>"


def _name(name: str) -> str:
    return f"<actes:NomFichier>{xmlio.text(name)}</actes:NomFichier>"
