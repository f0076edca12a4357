"""The records that the service keeps: an act taken in charge, its transmissions, its retours."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from transmission.domain.acte import Matiere
from transmission.domain.identifiers import IdActe, NatureActe, NomEnveloppe, NumeroInterne
from transmission.domain.lifecycle import State


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Content kept by digest: ``sha256`` in lower-case hexadecimal, ``size`` in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of an act, in the order given: 1 is the act itself, annexes follow.

    ``extension`` comes from the content, ``nom_original`` from the sender and is only shown.
    """

    ordre: int
    nom_original: str
    code_type_pj: str
    extension: str
    file: StoredFile


@dataclass(frozen=True, slots=True)
class AdoptedActe:
    """An act as taken in charge. ``fingerprint`` is the digest of all that the caller gave."""

    collectivite_id: int
    numero_interne: NumeroInterne
    date_decision: date
    nature: NatureActe
    matiere: Matiere
    objet: str
    date_classification: date
    document_papier: bool
    pieces: tuple[Piece, ...]
    fingerprint: str

    def id_acte(self, departement: str, siren: str) -> IdActe:
        """The identifier which this act will bear on the wire (ACTES protocol §4.1)."""
        return IdActe(departement, siren, self.date_decision, self.numero_interne, self.nature)


@dataclass(frozen=True, slots=True)
class SealedParcel:
    """What preparation made of an act: names, exact bytes to send, detached seal."""

    enveloppe: NomEnveloppe
    archive_name: str
    archive: StoredFile
    message: StoredFile
    seal: StoredFile | None
    signatures: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Transmission:
    """One sending of an act and where it stands.

    Instants are aware UTC. ``date_reception`` is the civil date read from the AR and from
    nowhere else. ``attempts`` numbers the submissions and fences out late writers; ``polls`` and
    ``failures`` count the looks at the TdT and the faults in a row.
    """

    id: int
    acte_id: int
    collectivite_id: int
    state: State
    state_since: datetime
    attempts: int
    polls: int
    failures: int
    next_attempt_at: datetime | None
    waiting_for: str | None
    parcel: SealedParcel | None
    reference: str | None
    id_acte: IdActe | None
    date_reception: date | None


class RetourStatus(Enum):
    """What became of a retour: code stored, label shown."""

    STORED = ("stored", "À lire")
    APPLIED = ("applied", "Prise en compte")
    DUPLICATE = ("duplicate", "Déjà reçue")
    QUARANTINED = ("quarantined", "En quarantaine")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label

    @classmethod
    def of(cls, code: str) -> "RetourStatus":
        """The status stored under a code. Raises ValueError for an unknown one."""
        for status in cls:
            if status.code == code:
                return status
        raise ValueError(f"unknown status {code!r}")


@dataclass(frozen=True, slots=True)
class StoredRetour:
    """Bytes that came from outside, kept before anyone read them.

    ``transmission_id`` is the one whose reference was asked when they came, not yet a match.
    """

    id: int
    collectivite_id: int
    transmission_id: int | None
    file: StoredFile
    status: RetourStatus


@dataclass(frozen=True, slots=True)
class Author:
    """Who did it: a person or a part of the service, and why when a person decides."""

    name: str
    reason: str | None = None


SERVICE = Author("service")
