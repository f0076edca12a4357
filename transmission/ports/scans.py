"""What the services need to know that a file carries no virus: who looks, and what was seen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from transmission.domain.coded import Coded
from transmission.domain.transmission import StoredFile


class Verdict(Coded):
    """What an antivirus says of a content; only the first two are kept."""

    CLEAN = ("sain", "aucun virus reconnu")
    FOUND = ("infecte", "virus reconnu")
    UNKNOWN = ("inconnu", "on ne sait pas")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Scanned:
    """One look: ``detail`` is the name of the virus, or why nothing is known (French)."""

    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True, slots=True)
class KeptScan:
    """The last look at a content, and the signature base that it was made with."""

    verdict: Verdict
    detail: str
    base: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A document that came from the State, which nobody has looked at yet."""

    file: StoredFile
    retour_id: int
    nom_fichier: str


class Scanner(Protocol):
    """An antivirus."""

    def base(self) -> str | None:
        """What it recognises viruses by, as it names it; None when it does not answer."""
        ...

    def scan(self, content: BinaryIO) -> Scanned:
        """Look at a content from its beginning. Never raises for what the antivirus does."""
        ...


class ScanRegister(Protocol):
    """Part of the unit of work."""

    def scans_of(self, digests: Collection[str]) -> Mapping[str, KeptScan]:
        """The last look at each content (SHA-256) that was ever looked at."""
        ...

    def keep_scan(self, sha256: str, kept: KeptScan) -> None:
        """Add a look; the same base says the same of the same content."""
        ...

    def arrived_unscanned(self, since: datetime, limit: int) -> Sequence[ArrivedFile]:
        """Documents received from the State since an instant and never looked at, oldest first."""
        ...
