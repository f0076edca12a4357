"""Exchanges about an act after its transmission: letters of the préfecture, answers, cancellation.

A message of the authority repeats the date of the letter it answers, as the letter says it: take it
from the letter, by the methods below, and from nowhere else.
Source: ACTES protocol §2.2, §2.5, §7.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from transmission.domain.acte import FichierSigne
from transmission.domain.identifiers import IdActe


@dataclass(frozen=True, slots=True)
class Courrier:
    """What every letter and every answer says: which act, and the date of the letter."""

    id_acte: IdActe
    date_courrier_pref: date


@dataclass(frozen=True, slots=True)
class CourrierSimple(Courrier):
    """2-1: a simple letter; it needs no acknowledgement and may be answered once."""

    document: FichierSigne

    def reponse(self, document: FichierSigne) -> "ReponseCourrierSimple":
        """The answer to this letter (2-2)."""
        return ReponseCourrierSimple(self.id_acte, self.date_courrier_pref, document)


@dataclass(frozen=True, slots=True)
class ReponseCourrierSimple(Courrier):
    """2-2: answer to a simple letter."""

    document: FichierSigne


@dataclass(frozen=True, slots=True)
class DemandePieceComplementaire(Courrier):
    """3-1: further documents are asked for; ``description_pieces`` says which."""

    description_pieces: str
    document: FichierSigne

    def accuse(self) -> "ARDemandePieceComplementaire":
        """The acknowledgement owed on receipt (3-2)."""
        return ARDemandePieceComplementaire(self.id_acte, self.date_courrier_pref)

    def refus(self, document: FichierSigne) -> "RefusPieceComplementaire":
        """The explicit refusal (3-3)."""
        return RefusPieceComplementaire(self.id_acte, self.date_courrier_pref, document)

    def pieces(self, documents: tuple[FichierSigne, ...]) -> "PieceComplementaire":
        """The documents asked for (3-4), one at least."""
        return PieceComplementaire(self.id_acte, self.date_courrier_pref, documents)


@dataclass(frozen=True, slots=True)
class ARDemandePieceComplementaire(Courrier):
    """3-2: the request for documents has been received."""


@dataclass(frozen=True, slots=True)
class RefusPieceComplementaire(Courrier):
    """3-3: the authority refuses to give the documents."""

    document: FichierSigne


@dataclass(frozen=True, slots=True)
class PieceComplementaire(Courrier):
    """3-4: the further documents."""

    documents: tuple[FichierSigne, ...]


@dataclass(frozen=True, slots=True)
class ARPieceComplementaire(Courrier):
    """3-5: the State has received the 3-3 or the 3-4. ``date_reception`` is a civil date."""

    date_reception: date


@dataclass(frozen=True, slots=True)
class LettreObservations(Courrier):
    """4-1: letter of observations, for the reason said in ``motif``."""

    motif: str
    document: FichierSigne

    def accuse(self) -> "ARLettreObservations":
        """The acknowledgement owed on receipt (4-2)."""
        return ARLettreObservations(self.id_acte, self.date_courrier_pref)

    def rejet(self, document: FichierSigne) -> "RejetLettreObservations":
        """The explicit refusal (4-3)."""
        return RejetLettreObservations(self.id_acte, self.date_courrier_pref, document)

    def reponse(self, document: FichierSigne) -> "ReponseLettreObservations":
        """The justification (4-4)."""
        return ReponseLettreObservations(self.id_acte, self.date_courrier_pref, document)


@dataclass(frozen=True, slots=True)
class ARLettreObservations(Courrier):
    """4-2: the letter of observations has been received."""


@dataclass(frozen=True, slots=True)
class RejetLettreObservations(Courrier):
    """4-3: the authority rejects the observations."""

    document: FichierSigne


@dataclass(frozen=True, slots=True)
class ReponseLettreObservations(Courrier):
    """4-4: the authority answers the observations."""

    document: FichierSigne


@dataclass(frozen=True, slots=True)
class ARReponseRejetLettreObservations(Courrier):
    """4-5: the State has received the 4-3 or the 4-4. ``date_reception`` is a civil date."""

    date_reception: date


@dataclass(frozen=True, slots=True)
class DefereTA:
    """5-1: the act has been referred to the administrative court on ``date_depot``."""

    id_acte: IdActe
    date_depot: date
    nature_illegalite: str
    pieces_jointes: tuple[FichierSigne, ...]


@dataclass(frozen=True, slots=True)
class Annulation:
    """6-1: cancels the transmission of an act."""

    id_acte: IdActe


@dataclass(frozen=True, slots=True)
class ARAnnulation:
    """6-2: the State has received the cancellation, on ``date_reception``, a civil date."""

    id_acte: IdActe
    date_reception: date


CourrierRecu: TypeAlias = (
    CourrierSimple
    | DemandePieceComplementaire
    | ARPieceComplementaire
    | LettreObservations
    | ARReponseRejetLettreObservations
    | DefereTA
    | ARAnnulation
)
"""What the préfecture writes."""

CourrierEnvoye: TypeAlias = (
    ReponseCourrierSimple
    | ARDemandePieceComplementaire
    | RefusPieceComplementaire
    | PieceComplementaire
    | ARLettreObservations
    | RejetLettreObservations
    | ReponseLettreObservations
    | Annulation
)
"""What the authority writes."""
