"""The table of the messages: code, root element, direction and type of each, said once.

It stands in the domain because names of files, the register and the desk speak of messages by code
without knowing XML; the codec keys its forms by these types, and takes its roots from here.
Source: ACTES protocol §2.2.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeAlias

from transmission.domain.acte import Acte, DemandeClassification
from transmission.domain.courriers import (
    Annulation,
    ARAnnulation,
    ARDemandePieceComplementaire,
    ARLettreObservations,
    ARPieceComplementaire,
    ARReponseRejetLettreObservations,
    CourrierEnvoye,
    CourrierSimple,
    DefereTA,
    DemandePieceComplementaire,
    LettreObservations,
    PieceComplementaire,
    RefusPieceComplementaire,
    RejetLettreObservations,
    ReponseCourrierSimple,
    ReponseLettreObservations,
)
from transmission.domain.enveloppes import EnveloppeCLMISILL, EnveloppeMISILLCL
from transmission.domain.retours import (
    AccuseReception,
    AnomalieActe,
    AnomalieEnveloppe,
    ReponseClassificationSansChangement,
    Retour,
    RetourClassification,
)

Message: TypeAlias = (
    Acte | DemandeClassification | CourrierEnvoye | EnveloppeCLMISILL | EnveloppeMISILLCL | Retour
)
"""Every document of the protocol: 21 business messages and 3 envelopes."""


class Direction(Enum):
    """Who sends a message."""

    OUTGOING = "de la collectivité à l'État"
    INCOMING = "de l'État à la collectivité"


@dataclass(frozen=True, slots=True)
class MessageKind:
    """One row. ``code`` is None for an envelope, which has none; ``root`` is the local name of
    the root element."""

    code: str | None
    root: str
    direction: Direction
    type: type[Any]


_OUT, _IN = Direction.OUTGOING, Direction.INCOMING

MESSAGES = (
    MessageKind("1-1", "Acte", _OUT, Acte),
    MessageKind("1-2", "ARActe", _IN, AccuseReception),
    MessageKind("1-3", "AnomalieActe", _IN, AnomalieActe),
    MessageKind("2-1", "CourrierSimple", _IN, CourrierSimple),
    MessageKind("2-2", "ReponseCourrierSimple", _OUT, ReponseCourrierSimple),
    MessageKind("3-1", "DemandePieceComplementaire", _IN, DemandePieceComplementaire),
    MessageKind("3-2", "ARDemandePieceComplementaire", _OUT, ARDemandePieceComplementaire),
    MessageKind("3-3", "RefusPieceComplementaire", _OUT, RefusPieceComplementaire),
    MessageKind("3-4", "PieceComplementaire", _OUT, PieceComplementaire),
    MessageKind("3-5", "ARPieceComplementaire", _IN, ARPieceComplementaire),
    MessageKind("4-1", "LettreObservations", _IN, LettreObservations),
    MessageKind("4-2", "ARLettreObservations", _OUT, ARLettreObservations),
    MessageKind("4-3", "RejetLettreObservations", _OUT, RejetLettreObservations),
    MessageKind("4-4", "ReponseLettreObservations", _OUT, ReponseLettreObservations),
    MessageKind("4-5", "ARReponseRejetLettreObservations", _IN, ARReponseRejetLettreObservations),
    MessageKind("5-1", "DefereTA", _IN, DefereTA),
    MessageKind("6-1", "Annulation", _OUT, Annulation),
    MessageKind("6-2", "ARAnnulation", _IN, ARAnnulation),
    MessageKind("7-1", "DemandeClassification", _OUT, DemandeClassification),
    MessageKind("7-2", "RetourClassification", _IN, RetourClassification),
    MessageKind(
        "7-3", "ReponseClassificationSansChangement", _IN, ReponseClassificationSansChangement
    ),
    MessageKind(None, "EnveloppeCLMISILL", _OUT, EnveloppeCLMISILL),
    MessageKind(None, "EnveloppeMISILLCL", _IN, EnveloppeMISILLCL),
    MessageKind(None, "AnomalieEnveloppe", _IN, AnomalieEnveloppe),
)

ACTE, ANNULATION = "1-1", "6-1"
LETTERS = ("2-1", "3-1", "4-1", "5-1")
"""What opens a thread under an act."""

ANSWERS = {"2-1": ("2-2",), "3-1": ("3-4", "3-3"), "4-1": ("4-4", "4-3"), "5-1": ()}
"""What the authority may answer to each letter (ACTES protocol §7.1)."""

RECEIPTS = {"3-1": "3-2", "4-1": "4-2"}
"""The acknowledgement owed on receipt of a letter, sent without a person (§7.1)."""

ACKNOWLEDGED_BY = {
    "1-1": "1-2", "3-3": "3-5", "3-4": "3-5", "4-3": "4-5", "4-4": "4-5", "6-1": "6-2"
}  # fmt: skip
"""The AR of the State for each message that has one; the others end when they are handed over."""


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message and a note (French) for every tolerance that reading it took."""

    message: Message
    notes: tuple[str, ...]


def kind_of(message: Message) -> MessageKind:
    """The row of a message."""
    return _by_type()[type(message)]


def label_of(code: str) -> str:
    """French words for a message, by its code. Raises KeyError for an unknown one."""
    return _LABELS[code]


def retour_label(kind: str | None) -> str:
    """French words for a kind of retour: a message by its code, or what was read of another."""
    return _LABELS.get(kind, kind) if kind else "retour"


def kind_of_root(root: str) -> MessageKind | None:
    """The row of a root element, by its local name; None when no message has it."""
    return _by_root().get(root)


@cache
def _by_type() -> dict[type[Any], MessageKind]:
    return {kind.type: kind for kind in MESSAGES}


@cache
def _by_root() -> dict[str, MessageKind]:
    return {kind.root: kind for kind in MESSAGES}


_LABELS = {
    "1-1": "transmission de l'acte",
    "1-2": "accusé de réception de l'acte",
    "1-3": "anomalie d'acte",
    "2-1": "courrier simple",
    "2-2": "réponse à un courrier simple",
    "3-1": "demande de pièces complémentaires",
    "3-2": "accusé d'une demande de pièces complémentaires",
    "3-3": "refus de pièces complémentaires",
    "3-4": "pièces complémentaires",
    "3-5": "accusé des pièces complémentaires ou de leur refus",
    "4-1": "lettre d'observations",
    "4-2": "accusé d'une lettre d'observations",
    "4-3": "rejet d'une lettre d'observations",
    "4-4": "réponse à une lettre d'observations",
    "4-5": "accusé de la réponse à une lettre d'observations ou de son rejet",
    "5-1": "déféré au tribunal administratif",
    "6-1": "annulation de la transmission",
    "6-2": "accusé d'annulation",
    "7-1": "demande de classification",
    "7-2": "classification",
    "7-3": "classification inchangée",
}
