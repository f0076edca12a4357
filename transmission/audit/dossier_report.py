"""What a reader of a dossier found: differences and holes, each with its place, and a verdict."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from transmission.ports.proof import Trust


class Verdict(Enum):
    """What can be said of the bytes of a dossier; who sealed it and trust are told apart."""

    WHOLE = ("integre", "intègre")
    ALTERED = ("altere", "altéré")
    INCOMPLETE = ("incomplet", "incomplet")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


MEANINGS = {
    Verdict.WHOLE: "rien ne diffère, rien ne manque, toutes les signatures sont approuvées",
    Verdict.ALTERED: "ce fichier ne prouve pas ce qu'il dit",
    Verdict.INCOMPLETE: "rien ne diffère, mais on ne sait pas tout",
}
"""What each says, in a line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something differs from the contract: ``place`` is a member or a part of the container,
    ``offset`` the byte from the beginning of that member (of the file, for the container)."""

    place: str
    said: str
    offset: int | None = None

    def __str__(self) -> str:
        where = self.place if self.offset is None else f"{self.place}, octet {self.offset}"
        return f"{where} : {self.said}"


@dataclass(frozen=True, slots=True)
class Hole:
    """Something is missing, or cannot be established: neither whole nor altered."""

    place: str
    said: str

    def __str__(self) -> str:
        return f"{self.place} : {self.said}"


@dataclass(slots=True)
class Findings:
    """Faults and holes as they are met, each said once."""

    faults: list[Fault] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)

    def fault(self, place: str, said: str, offset: int | None = None) -> None:
        """Something differs."""
        found = Fault(place, said, offset)
        if found not in self.faults:
            self.faults.append(found)

    def hole(self, place: str, said: str) -> None:
        """Something is missing or unknown."""
        found = Hole(place, said)
        if found not in self.holes:
            self.holes.append(found)


class Vouching(Enum):
    """What a signature or a time stamp is there for."""

    DOSSIER = ("sceau_dossier", "sceau du dossier")
    DOSSIER_TIME = ("horodatage_dossier", "horodatage du dossier")
    SEAL = ("sceau", "sceau d'une archive")
    SIGNATURE = ("signature", "signature d'un document")
    TIME = ("horodatage", "horodatage")
    ANCHOR = ("horodatage_ancre", "horodatage d'une ancre du journal")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Vouched:
    """A signature or a time stamp that holds: in which member, over what, by whom, when, and how
    far the certificate is trusted; ``at`` is an instant in UTC, claimed by the signer unless it is
    a time stamp's."""

    vouching: Vouching
    place: str
    over: str
    by: str
    at: datetime | None
    trust: Trust
    why: str


@dataclass(frozen=True, slots=True)
class Told:
    """Which act, received on which civil day, as the dossier says."""

    id_acte: str
    collectivite: str
    objet: str
    date_reception: date | None


@dataclass(frozen=True, slots=True)
class Report:
    """What is said of a dossier; ``acte`` is None when its contents cannot be read."""

    acte: Told | None
    faults: tuple[Fault, ...]
    holes: tuple[Hole, ...]
    notices: tuple[str, ...]
    vouched: tuple[Vouched, ...]
    members: int
    lines: int

    def of(self, *vouchings: Vouching) -> list[Vouched]:
        """What is vouched for these ends, in order."""
        return [each for each in self.vouched if each.vouching in vouchings]

    @property
    def verdict(self) -> Verdict:
        """Whole is said only when nothing differs, nothing lacks, and every certificate leads to a
        root that was given."""
        if self.faults:
            return Verdict.ALTERED
        doubted = any(each.trust is not Trust.TRUSTED for each in self.vouched)
        return Verdict.INCOMPLETE if self.holes or doubted else Verdict.WHOLE
