"""What a dossier de preuve holds and what it lacks; its contents as ``dossier.json`` tells them.

Source: docs/evidence.md [D1], [D2].
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from transmission.domain.coded import Coded

VERSION = 1
"""Number of the contract that a dossier is held by."""


class Role(Coded):
    """What a member is: code written, label shown."""

    RECEIVED_FILE = ("received_file", "Fichier reçu de la collectivité")
    ARCHIVE = ("archive", "Archive envoyée")
    MESSAGE = ("message", "Message envoyé")
    SEAL = ("seal", "Sceau de l'archive")
    SIGNATURE = ("signature", "Signature d'un document")
    SENT_DOCUMENT = ("sent_document", "Document scellé, tel qu'envoyé")
    REQUEST = ("request", "Demande au tiers de télétransmission")
    RESPONSE = ("response", "Réponse du tiers de télétransmission")
    RETOUR = ("retour", "Retour de la préfecture")
    RETOUR_DOCUMENT = ("retour_document", "Document d'un retour")
    TIME_STAMP = ("time_stamp", "Horodatage")
    JOURNAL = ("journal", "Lignes du journal")
    PROOFS = ("proofs", "Preuves d'inclusion des lignes")
    ANCHOR = ("anchor", "Ancre du journal")
    ANCHOR_TIME_STAMP = ("anchor_time_stamp", "Horodatage d'une ancre")
    CERTIFICATE = ("certificate", "Certificat")
    REVOCATION = ("revocation", "Liste de révocation")
    DEADLINES = ("deadlines", "Échéances, pour un programme")
    DEADLINES_TEXT = ("deadlines_text", "Échéances, expliquées")
    SUMMARY = ("summary", "Synthèse")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


class HoleKind(Coded):
    """What a dossier may lack."""

    NOT_SENT = ("not_sent",)
    NO_RECEPTION = ("no_reception",)
    UNREADABLE_FILE = ("unreadable_file",)
    QUARANTINED_RETOUR = ("quarantined_retour",)
    NO_SEAL = ("no_seal",)
    NO_SIGNATURE = ("no_signature",)
    REPLACED_ARCHIVE = ("replaced_archive",)
    NO_TIME_STAMP = ("no_time_stamp",)
    INTRUDER_LINE = ("intruder_line",)
    NOT_LINKED = ("not_linked",)
    NOT_ANCHORED = ("not_anchored",)
    ANCHOR_TIME_STAMP = ("anchor_time_stamp",)
    NO_REVOCATION = ("no_revocation",)
    NO_DOSSIER_TIME_STAMP = ("no_dossier_time_stamp",)
    SEALED_BY_SERVICE = ("sealed_by_service",)

    def __init__(self, code: str) -> None:
        self.code = code


@dataclass(frozen=True, slots=True)
class Member:
    """A member: its name, its size in bytes, its SHA-256 (hexadecimal), what it is about."""

    name: str
    size: int
    sha256: str
    role: Role
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hole:
    """What is missing and why (a French sentence); ``of`` names what it is about."""

    kind: HoleKind
    message: str
    of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierActe:
    """The act; ``id_acte`` is that of the sending which counts."""

    siren: str
    collectivite: str
    numero_interne: str
    nature: int
    nature_label: str
    matiere: str
    objet: str
    date_decision: date
    id_acte: str
    accepted_at: datetime
    accepted_by: str


@dataclass(frozen=True, slots=True)
class DossierAttempt:
    """A submission and what came of it; instants are aware UTC."""

    number: int
    connector: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    detail: str | None
    archive_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierTransmission:
    """A sending about the act; ``rank`` (from 1) is that of its folder."""

    rank: int
    message: str
    label: str
    id_acte: str
    state: str
    state_label: str
    state_since: datetime
    enveloppe: str | None
    archive_name: str | None
    reference: str | None
    date_reception: date | None
    attempts: tuple[DossierAttempt, ...]


@dataclass(frozen=True, slots=True)
class DossierReception:
    """The civil day of receipt, the rank of the sending, and the member that it was read from."""

    date_reception: date
    transmission: int
    retour: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """The contents of a dossier."""

    made_at: datetime
    made_by: str
    sealed_by: str
    acte: DossierActe
    transmissions: tuple[DossierTransmission, ...]
    reception: DossierReception | None
    members: tuple[Member, ...]
    holes: tuple[Hole, ...]


def dossier_json(dossier: Dossier) -> bytes:
    """``dossier.json``: UTF-8, indented, ended by a newline [D2]; the same contents give the same
    bytes."""
    told = {"version": VERSION} | {name: _plain(value) for name, value in asdict(dossier).items()}
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def instant(at: datetime) -> str:
    """An aware instant in UTC with six decimals [J1]."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Coded):
        return value.code
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
