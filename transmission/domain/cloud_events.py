"""What programs are told, as CloudEvents 1.0: numbers, states, dates and links.

Never the object of an act, a text of the préfecture, a reason nor an author: each may name a
person. Whoever may read them follows the links.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from transmission.domain.lifecycle import Event, State
from transmission.domain.messages import ACTE, ANNULATION

PREFIX = "fr.transmission."
CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
"""Of a body in structured mode (CloudEvents HTTP protocol binding §3.2)."""

ANSWERS = frozenset({"2-2", "3-3", "3-4", "4-3", "4-4"})
"""Messages that answer a letter of the préfecture."""

# What a line of the journal says besides, and may be told: days and keys.
_TOLD = ("date_reception", "date_mise_en_ligne")


class EventType(Enum):
    """Every type of events: the end of its code, its French label."""

    ACTE_PRIS_EN_CHARGE = ("acte.pris_en_charge", "Acte pris en charge par le service")
    ACTE_TRANSMIS = ("acte.transmis", "Acte transmis : le TdT l'a pris")
    ACTE_RECU = ("acte.recu", "Accusé de réception de la préfecture reçu")
    ACTE_ANOMALIE = ("acte.anomalie", "Acte rejeté (anomalie)")
    ACTE_EN_ATTENTE = ("acte.en_attente", "Acte en attente d'un opérateur")
    ACTE_INCERTAIN = ("acte.incertain", "Issue de l'envoi inconnue")
    ACTE_RELANCE = ("acte.relance", "Envoi relancé")
    ACTE_ABANDONNE = ("acte.abandonne", "Envoi abandonné par un opérateur")
    ACTE_CERTIFIE = ("acte.certifie", "Certificat de caractère exécutoire délivré")
    ACTE_ANNULATION_DEMANDEE = ("acte.annulation_demandee", "Annulation demandée à la préfecture")
    ACTE_ANNULATION_REFUSEE = ("acte.annulation_refusee", "Annulation refusée ou abandonnée")
    ACTE_ANNULE = ("acte.annule", "Acte annulé, ou retiré avant tout envoi")
    ANNULATION_EN_ATTENTE = ("annulation.en_attente", "Demande d'annulation en attente")
    ANNULATION_INCERTAINE = ("annulation.incertaine", "Issue de la demande d'annulation inconnue")
    COURRIER_RECU = ("courrier.recu", "Courrier de la préfecture reçu")
    REPONSE_PRISE_EN_CHARGE = ("reponse.prise_en_charge", "Réponse prise en charge")
    REPONSE_TRANSMISE = ("reponse.transmise", "Réponse transmise : le TdT l'a prise")
    REPONSE_REMISE = ("reponse.remise", "Réponse remise, sans accusé attendu")
    REPONSE_RECUE = ("reponse.recue", "Accusé de réception de la réponse reçu")
    REPONSE_ANOMALIE = ("reponse.anomalie", "Réponse rejetée (anomalie)")
    REPONSE_EN_ATTENTE = ("reponse.en_attente", "Réponse en attente d'un opérateur")
    REPONSE_INCERTAINE = ("reponse.incertaine", "Issue de l'envoi de la réponse inconnue")
    REPONSE_ABANDONNEE = ("reponse.abandonnee", "Réponse abandonnée par un opérateur")
    PUBLICATION_EN_LIGNE = ("publication.mise_en_ligne", "Acte mis en ligne")
    PUBLICATION_RETIREE = ("publication.retiree", "Acte retiré de la mise en ligne")
    CONSTAT_OUVERT = ("constat.ouvert", "Alerte de conformité ouverte")
    CONSTAT_FERME = ("constat.ferme", "Alerte de conformité fermée")
    ECHEANCE_RAPPEL = ("echeance.rappel", "Échéance légale qui approche")
    ESSAI = ("essai", "Essai demandé par une personne")

    def __init__(self, end: str, label: str) -> None:
        self.code = PREFIX + end
        self.label = label


_T = EventType
_ACTE = {
    State.SUBMITTED: _T.ACTE_TRANSMIS,
    State.ACKNOWLEDGED: _T.ACTE_RECU,
    State.REJECTED: _T.ACTE_ANOMALIE,
    State.HELD: _T.ACTE_EN_ATTENTE,
    State.IN_DOUBT: _T.ACTE_INCERTAIN,
    State.CANCELLING: _T.ACTE_ANNULATION_DEMANDEE,
    State.CANCELLED: _T.ACTE_ANNULE,
}
_REPONSE = {
    State.SUBMITTED: _T.REPONSE_TRANSMISE,
    State.DELIVERED: _T.REPONSE_REMISE,
    State.ACKNOWLEDGED: _T.REPONSE_RECUE,
    State.REJECTED: _T.REPONSE_ANOMALIE,
    State.HELD: _T.REPONSE_EN_ATTENTE,
    State.IN_DOUBT: _T.REPONSE_INCERTAINE,
}
_ANNULATION = {
    State.HELD: _T.ANNULATION_EN_ATTENTE,
    State.IN_DOUBT: _T.ANNULATION_INCERTAINE,
}
# What an event says that its target does not.
_ACTE_BY_EVENT = {
    "accepted": _T.ACTE_PRIS_EN_CHARGE,
    "certified": _T.ACTE_CERTIFIE,
    Event.ABANDONED.code: _T.ACTE_ABANDONNE,
    Event.CANCEL_REFUSED.code: _T.ACTE_ANNULATION_REFUSEE,
    Event.ABSENT_AT_TDT.code: _T.ACTE_RELANCE,
    Event.RELEASED_TO_PREPARE.code: _T.ACTE_RELANCE,
    Event.RELEASED_TO_SUBMIT.code: _T.ACTE_RELANCE,
}
_REPONSE_BY_EVENT = {
    "accepted": _T.REPONSE_PRISE_EN_CHARGE,
    Event.ABANDONED.code: _T.REPONSE_ABANDONNEE,
}
_OF_ANY_MESSAGE = {
    "courrier_received": _T.COURRIER_RECU,
    "published": _T.PUBLICATION_EN_LIGNE,
    "unpublished": _T.PUBLICATION_RETIREE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActeNamed:
    """The act that an event is about."""

    id: int
    numero_interne: str
    date_decision: date
    nature: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """A line of the journal about an act; the rest is of the sending that it is about, if any."""

    id: int
    at: datetime
    event: str
    details: Mapping[str, Any]
    acte: ActeNamed
    source: State | None = None
    target: State | None = None
    transmission_id: int | None = None
    message: str | None = None
    id_acte: str | None = None
    date_reception: date | None = None

    @property
    def type(self) -> EventType | None:
        """What programs are told that it is; None for what concerns the machine alone."""
        if self.event in _OF_ANY_MESSAGE:
            return _OF_ANY_MESSAGE[self.event]
        if self.message in ANSWERS:
            return _found(self, _REPONSE_BY_EVENT, _REPONSE)
        if self.message == ANNULATION:
            return _found(self, {}, _ANNULATION)
        return _found(self, _ACTE_BY_EVENT, _ACTE) if self.message == ACTE else None

    def told(self) -> dict[str, Any]:
        """What is told of it, in JSON."""
        said = {name: self.details[name] for name in _TOLD if self.details.get(name)}
        if self.target is State.ACKNOWLEDGED and self.date_reception is not None:
            # An operator who upholds an AR says again what it is, not what it holds.
            said.setdefault("date_reception", self.date_reception.isoformat())
        if self.type is EventType.COURRIER_RECU:
            letter = {"id": "courrier", "message": "message", "date": "date"}
            return said | {"courrier": {k: self.details.get(v) for k, v in letter.items()}}
        if self.target is not None:
            source = self.source and self.source.code
            said["etat"] = {"de": source, "vers": self.target.code, "libelle": self.target.label}
        if self.transmission_id is not None:
            said["envoi"] = {
                "id": self.transmission_id, "message": self.message, "id_acte": self.id_acte
            }  # fmt: skip
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """A finding of the compliance checks that opened or closed, of an act or of none."""

    id: int
    at: datetime
    opened: bool
    finding_id: int
    check: str
    severity: str
    rule: str | None
    acte: ActeNamed | None

    @property
    def type(self) -> EventType:
        """What programs are told that it is."""
        return EventType.CONSTAT_OUVERT if self.opened else EventType.CONSTAT_FERME

    def told(self) -> dict[str, Any]:
        """What is told of it, in JSON."""
        return {
            "constat": {
                "id": self.finding_id, "controle": self.check, "gravite": self.severity,
                "regle": self.rule,
            }
        }  # fmt: skip


Happened = JournalLine | FindingChange


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose events are told, with what address of the console before paths, None without one."""

    siren: str
    console: str | None = None

    def event(self, happened: Happened) -> dict[str, Any]:
        """One event as a CloudEvent; ``happened`` has a type."""
        kind = happened.type
        assert kind is not None  # noqa: S101 - whoever reads the journal leaves the others out
        log = "journal" if isinstance(happened, JournalLine) else "constat"
        acte = happened.acte
        about = {} if acte is None else {"acte": _acte(acte), "liens": self._links(acte.id)}
        return self.envelope(
            kind, f"{log}:{happened.id}", happened.at, about | happened.told(),
            subject=None if acte is None else acte.numero_interne,
        )  # fmt: skip

    def envelope(
        self,
        kind: EventType,
        key: str,
        at: datetime,
        said: dict[str, Any],
        subject: str | None = None,
    ) -> dict[str, Any]:
        """A CloudEvent; ``key`` names it for ever in its authority."""
        event = {
            "specversion": "1.0",
            "id": f"{self.siren}:{key}",
            "source": f"/collectivites/{self.siren}",
            "type": kind.code,
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "data": {"siren": self.siren, **said},
        }
        if subject is not None:
            event["subject"] = subject
        return event

    def _links(self, acte_id: int) -> dict[str, str]:
        base = self.console or ""
        links = {"api": f"{base}/api/v1/actes/{acte_id}"}
        return links | ({"console": f"{base}/actes/{acte_id}"} if base else {})


def numbered(event: dict[str, Any], sequence: int) -> dict[str, Any]:
    """The event under its number in a subscription, from 1, no number left out (CloudEvents
    extension « sequence »: compared as text, hence the zeros)."""
    return event | {"sequence": f"{sequence:012d}"}


def _acte(acte: ActeNamed) -> dict[str, Any]:
    return {
        "id": acte.id,
        "numero_interne": acte.numero_interne,
        "date_decision": acte.date_decision.isoformat(),
        "nature": acte.nature,
    }


def _found(
    line: JournalLine, by_event: Mapping[str, EventType], by_target: Mapping[State, EventType]
) -> EventType | None:
    found = by_event.get(line.event)
    if found is None and line.target is not None:
        found = by_target.get(line.target)
    return found
