"""What happens to an act in the eyes of the law: an immutable log, which the clock only reads."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from transmission.domain.legal.sujets import PublicityMode

SUPPOSED = "hypothèse"
"""Source of an event that did not happen and is only tried (« et si… »)."""


class EventKind(Enum):
    """What happened: code kept, label shown (legal clock §15.3).

    A letter that asks for no withdrawal nor change is a COURRIER_SIMPLE. Entered by hand: a
    judgment that annuls, with its date (WD-4). An ORDONNANCE ends a suspension, automatic or
    ordered; SUSPENSION_PRONONCEE orders one, until the judge ends it.
    """

    ACCUSE_RECEPTION = ("accuse_reception", "Accusé de réception de l'acte")
    ANOMALIE = ("anomalie", "Anomalie : l'acte n'est pas reçu")
    ANNULATION = ("annulation", "Accusé d'annulation de la transmission")
    PUBLICATION = ("publication", "Mise en ligne, affichage ou publication sur papier")
    AFFICHAGE_URGENCE = ("affichage_urgence", "Affichage en urgence")
    NOTIFICATION = ("notification", "Notification à l'intéressé")
    COURRIER_SIMPLE = ("courrier_simple", "Courrier simple de la préfecture")
    DEMANDE_PIECES = ("demande_pieces", "Demande de pièces complémentaires")
    PIECES = ("pieces", "Pièces demandées, reçues par l'État")
    REFUS_PIECES = ("refus_pieces", "Refus explicite des pièces, reçu par l'État")
    LETTRE_OBSERVATIONS = ("lettre_observations", "Lettre d'observations")
    REPONSE_LETTRE = ("reponse_lettre", "Réponse explicite à la lettre, reçue par l'État")
    REPONSE_ATTENTE = ("reponse_attente", "Réponse d'attente, qui ne tranche rien")
    RENONCIATION = ("renonciation", "Le préfet dit ne pas vouloir déférer")
    DEFERE = ("defere", "Déféré au tribunal administratif")
    SUSPENSION = ("suspension", "Demande de suspension par le préfet")
    ORDONNANCE = ("ordonnance", "Ordonnance du juge sur la suspension")
    SUSPENSION_PRONONCEE = ("suspension_prononcee", "Ordonnance du juge qui suspend l'acte")
    RECOURS_GRACIEUX = ("recours_gracieux", "Recours gracieux d'un tiers")
    DEMANDE_AU_PREFET = ("demande_au_prefet", "Demande d'un tiers au préfet")
    REPONSE_TIERS = ("reponse_tiers", "Réponse expresse, notifiée au tiers")
    RETRAIT = ("retrait", "Retrait de l'acte")
    ABROGATION = ("abrogation", "Abrogation de l'acte")
    JUGEMENT = ("jugement", "Annulation par le juge")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class LegalEvent:
    """One event, in civil dates of the authority.

    ``received`` is when it reached its addressee, which starts a silence; ``sent`` when it was
    dispatched, by which an appeal is in time (CE 13 May 2024 n° 466541; CALC-8). For a receipt it
    is the day on which the act was sent, for a déféré the day of its filing with the court.
    ``complete`` is False for a part of the documents asked for; ``mode`` is that of a publication,
    ``remedies`` whether a notification told how to appeal, None when nobody said. ``source`` says
    in French where the event is known from, and changes nothing.
    """

    kind: EventKind
    received: date
    sent: date
    complete: bool = True
    mode: PublicityMode | None = None
    remedies: bool | None = None
    source: str = field(default="", compare=False)

    @classmethod
    def at(cls, kind: EventKind, received: date, sent: date | None = None) -> "LegalEvent":
        """An event dispatched the day that it was received, unless said otherwise."""
        return cls(kind, received, sent or received)


_FIRST_OF_THE_DAY = (EventKind.ACCUSE_RECEPTION, EventKind.ANNULATION)


def in_order(events: Iterable[LegalEvent]) -> list[LegalEvent]:
    """Each event once, by the day on which it reached its addressee.

    On one day receipts and annulations come first, so that no request of that day is lost to the
    receipt that it follows; then the log's own order holds.
    """
    kept = dict.fromkeys(events)
    return sorted(kept, key=lambda each: (each.received, each.kind not in _FIRST_OF_THE_DAY))
