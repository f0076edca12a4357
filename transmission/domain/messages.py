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


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message and a note (French) for every tolerance that reading it took."""

    message: Message
    notes: tuple[str, ...]


def kind_of(message: Message) -> MessageKind:
    """The row of a message."""
    return _by_type()[type(message)]


def kind_of_root(root: str) -> MessageKind | None:
    """The row of a root element, by its local name; None when no message has it."""
    return _by_root().get(root)


@cache
def _by_type() -> dict[type[Any], MessageKind]:
    return {kind.type: kind for kind in MESSAGES}


@cache
def _by_root() -> dict[str, MessageKind]:
    return {kind.root: kind for kind in MESSAGES}
