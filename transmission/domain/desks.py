"""The desks: what waits for a person, by what it takes to deal with it."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from transmission.domain.coded import Coded
from transmission.domain.people import Right


class Subject(Enum):
    """What a work item is about; the code is kept."""

    SENDING = "envoi"
    RETOUR = "retour"
    LETTER = "courrier"
    NOTICE = "avis"

    @property
    def code(self) -> str:
        return self.value


class Desk(Coded):
    """Code of its address, label, what lies there, the right to deal with it, what is said of it
    and what is said when it is empty (French)."""

    LETTERS = (
        "courriers",
        "Courriers de la préfecture",
        Subject.LETTER,
        Right.FOLLOW,
        "La préfecture a écrit au sujet de ces actes et attend une réponse.",
        "Aucun courrier de la préfecture n'attend de réponse.",
    )
    IN_DOUBT = (
        "incertains",
        "Envois incertains",
        Subject.SENDING,
        Right.UNBLOCK,
        "Nul ne sait encore si le TdT les a reçus. Le service le lui demande, sans rien renvoyer.",
        "Aucun envoi n'est incertain.",
    )
    HELD = (
        "en-attente",
        "Envois en attente d'un opérateur",
        Subject.SENDING,
        Right.UNBLOCK,
        "Le service ne fera plus rien de lui-même : chacun attend la décision d'une personne.",
        "Aucun envoi n'attend de décision.",
    )
    ANOMALIES = (
        "anomalies",
        "Anomalies",
        Subject.SENDING,
        Right.FOLLOW,
        "Ces envois ont été rejetés et rien ne les a remplacés.",
        "Aucun envoi rejeté n'attend d'être corrigé.",
    )
    QUARANTINE = (
        "quarantaine",
        "Retours en quarantaine",
        Subject.RETOUR,
        Right.UNBLOCK,
        "Ces retours n'ont pu être rattachés à un acte avec certitude ; leurs octets sont gardés.",
        "Aucun retour n'est en quarantaine.",
    )
    NOTICES = (
        "avis",
        "Avis et webhooks en échec",
        Subject.NOTICE,
        Right.UNBLOCK,
        "Ces avis ont été refusés, ou abandonnés après plusieurs jours d'essais.",
        "Tous les avis ont été remis, ou le seront.",
    )

    def __init__(
        self, code: str, label: str, subject: Subject, right: Right, said: str, empty: str
    ) -> None:
        self.code = code
        self.label = label
        self.subject = subject
        self.right = right
        self.said = said
        self.empty = empty

    @property
    def may_be_set_aside(self) -> bool:
        """Whether what lies there stays until a person says that nothing more will be done."""
        return self in (Desk.ANOMALIES, Desk.NOTICES)


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Something that waits for a person, and whose it is."""

    subject: Subject
    id: int
    collectivite_id: int


@dataclass(frozen=True, slots=True)
class Charge:
    """Who takes care of a work item, since an aware UTC instant; ``id`` is that of the row."""

    id: int
    person_id: int
    name: str
    taken_at: datetime
