"""Transactions as the platform keeps them (S²LOW API §3)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from pathlib import Path

from transmission.mocktdt.letters import Letter
from transmission.mocktdt.parcel import Acte, Message
from transmission.mocktdt.scenarios import Scenario


class Kind(StrEnum):
    """Types of transaction that this mock opens."""

    ACTE = "1"
    COURRIER_SIMPLE = "2"
    DEMANDE_PIECE_COMPLEMENTAIRE = "3"
    LETTRE_OBSERVATIONS = "4"
    DEFERE_TA = "5"
    ANNULATION = "6"
    CLASSIFICATION = "7"


KIND_LABELS = {
    Kind.ACTE: "transmission d'acte",
    Kind.COURRIER_SIMPLE: "courrier simple",
    Kind.DEMANDE_PIECE_COMPLEMENTAIRE: "demande de pièces complémentaires",
    Kind.LETTRE_OBSERVATIONS: "lettre d'observations",
    Kind.DEFERE_TA: "déféré au tribunal administratif",
    Kind.ANNULATION: "annulation",
    Kind.CLASSIFICATION: "demande de classification",
}
LETTER_KINDS = frozenset(
    {
        Kind.COURRIER_SIMPLE,
        Kind.DEMANDE_PIECE_COMPLEMENTAIRE,
        Kind.LETTRE_OBSERVATIONS,
        Kind.DEFERE_TA,
    }
)


class Status(IntEnum):
    """Statuses that this mock reaches (S²LOW API §3.2)."""

    ERROR = -1
    CANCELLED = 0
    POSTED = 1
    READY = 2
    SENT = 3
    ACKNOWLEDGED = 4
    VALIDATED = 5
    REJECTED = 6
    LETTER_RECEIVED = 7
    RECEIPT_SENT = 8
    DEPOSITED_IN_ARCHIVES = 12
    ARCHIVED = 13
    REFUSED_BY_ARCHIVES = 14
    DESTROYED = 16
    AWAITING_POST = 17
    AWAITING_SIGNATURE = 18
    AWAITING_ARCHIVING = 19
    ARCHIVING_FAILED = 20
    LETTER_WITHOUT_RECEIPT = 21
    FILES_UNAVAILABLE = 22


LABELS: dict[int, str] = {
    -1: "Erreur",
    0: "Annulé",
    1: "Posté",
    2: "En attente de transmission",
    3: "Transmis",
    4: "Acquittement reçu",
    5: "Validé",
    6: "Refusé",
    7: "Document reçu",
    8: "Acquittement envoyé",
    9: "Document envoyé",
    10: "Refus d'envoie",
    11: "Acquittement de document reçu",
    12: "Envoyé au SAE",
    13: "Archivé par le SAE",
    14: "Erreur lors de l'archivage",
    15: "Reçu par le SAE",
    16: "Détruite",
    17: "En attente d'être postée",
    18: "En attente d'être signé",
    19: "En attente de transmission au SAE",
    20: "Erreur lors de l'envoi au SAE",
    21: "Document reçu (pas d'AR)",
    22: "Impossible d'envoyer au SAE (documents indisponibles)",
}

# While nothing but these was reached, the files of an act are not listed (S²LOW API §4.12).
UNDER_WAY = frozenset({Status.POSTED, Status.READY, Status.SENT})


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a workflow. `text`: at most 512 characters. `xml`: what the ministry sent."""

    status: Status
    at: datetime
    text: str = ""
    xml: bytes = b""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an act, as the files list shows it."""

    name: str
    posted_filename: str
    mimetype: str
    size: int
    sign: str
    code_pj: str
    id: int = 0


@dataclass(slots=True)
class Envelope:
    """An envelope that the platform keeps.

    `archive`: its file, when it came as one and is still there. `refused`: the ministry rejected it
    whole. `direct`: between the authority and the ministry, without the platform, which knows
    nothing of it. `owner`: the id of the account that posted it, 0 when none of the platform did.
    """

    id: int
    siren: str
    archive: Path | None
    archive_name: str
    xml_name: str
    xml: bytes
    transactions: list["Transaction"] = field(default_factory=list)
    refused: bool = False
    direct: bool = False
    owner: int = 0


@dataclass(slots=True)
class Transaction:
    """One business message and its workflow, oldest step first.

    `faults`: what the platform will find wrong. `unique_id`: known only after the AR.
    `target`: the act that a letter or a cancellation is about, the letter that a reply answers.
    `letter`: on a letter. `receipt`: the 3-2 or 4-2 that the platform sent for it.
    `reply_type`: `type_envoie` of a reply, empty for anything else and when it was left empty.
    `notified`: addresses added by the client. `archive_url`: where it says that the act is kept.
    """

    id: int
    kind: Kind
    envelope: Envelope
    message: Message
    scenario: Scenario
    faults: tuple[str, ...] = ()
    target: "Transaction | None" = None
    files: tuple[StoredFile, ...] = ()
    steps: list[Step] = field(default_factory=list)
    unique_id: str = ""
    retour_name: str = ""
    letter: Letter | None = None
    receipt: bytes = b""
    reply_type: str = ""
    read: bool = False
    notified: str = ""
    archive_url: str = ""

    @property
    def siren(self) -> str:
        return self.envelope.siren

    @property
    def owner(self) -> int:
        """The account it belongs to; a letter and its answer belong to the act's (0: to none)."""
        if self.envelope.owner or self.target is None:
            return self.envelope.owner
        return self.target.owner

    @property
    def acte(self) -> Acte | None:
        return self.message.acte

    @property
    def about(self) -> Acte | None:
        """The act that this is, or is about."""
        if self.acte is not None or self.target is None:
            return self.acte
        return self.target.about

    @property
    def status(self) -> Status:
        return self.steps[-1].status

    def step_of(self, status: Status) -> Step | None:
        """The last time this status was entered."""
        return next((step for step in reversed(self.steps) if step.status is status), None)
