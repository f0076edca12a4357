"""What a dossier de preuve is made with: the register's rows, a container, a summary."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, Protocol

from transmission.domain.dossier import Dossier
from transmission.domain.legal.reading import Reading
from transmission.domain.transmission import KeptPiece, RetourStatus, StoredFile


@dataclass(frozen=True, slots=True)
class Acceptance:
    """When an act was taken in charge (aware UTC), and from whom."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAttempt:
    """A submission: what was asked, as text without secrets, and the raw answer."""

    transmission_id: int
    number: int
    connector: str
    archive_sha256: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    detail: str | None
    request: str | None
    response: StoredFile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRetour:
    """A retour about an act and its documents; ``nom_fichier`` is as the State named it."""

    id: int
    transmission_id: int | None
    file: StoredFile
    kind: str | None
    status: RetourStatus
    received_at: datetime
    date_reception: date | None
    nom_fichier: str | None
    container: bool
    pieces: tuple[KeptPiece, ...]


class DossierRegister(Protocol):
    """Part of the unit of work."""

    def stand_still(self) -> None:
        """Read, until the end, one picture that nobody else moves, and write nothing.

        To be called before anything else.
        """
        ...

    def acceptance(self, acte_id: int) -> Acceptance:
        """Raises NotFoundError."""
        ...

    def attempts_about(self, acte_id: int) -> Sequence[KeptAttempt]:
        """Every submission of an act, in order."""
        ...

    def retours_about(self, acte_id: int) -> Sequence[KeptRetour]:
        """Every retour of an act, in order; a container only when all that it held is of it."""
        ...

    def decisive_retours(self, acte_id: int) -> Mapping[int, int]:
        """By transmission, the retour which it has its day of receipt from."""
        ...


class Container(Protocol):
    """An ASiC-E container being written, member after member (docs/evidence.md [D1])."""

    def add(self, name: str, content: BinaryIO, size: int) -> None:
        """Copy ``size`` bytes. Raises OSError."""
        ...

    def add_bytes(self, name: str, content: bytes) -> None: ...


class Binder(Protocol):
    """Writes containers, and takes certificates out of what was signed."""

    def container(self, target: BinaryIO) -> AbstractContextManager[Container]:
        """A container in ``target``, which can be sought; whole once the context is left."""
        ...

    def manifest(self, names: Sequence[str]) -> bytes:
        """``META-INF/manifest.xml`` of members, in their order."""
        ...

    def certificates(self, signed: bytes) -> Mapping[str, bytes]:
        """PEM of the certificates in a CMS, a XAdES or a time stamp, by the SHA-256 of their DER
        (hexadecimal); none of what cannot be read."""
        ...

    def revocations(self, signed: bytes) -> Mapping[str, bytes]:
        """The same for its revocation lists (DER)."""
        ...


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the journal, in words; ``sending`` is the rank of the one that it is about."""

    at: datetime
    sending: int | None
    label: str
    author: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class StampedMember:
    """A time stamp: what it is over, the instant that it says (aware UTC), who says it."""

    of: str
    at: datetime
    tsa: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryFacts:
    """What the summary tells; ``dossier`` lacks the summary itself.

    ``reading`` is None for an act that the legal clock cannot read.
    """

    dossier: Dossier
    file_name: str
    time_zone: str
    events: tuple[Happened, ...]
    stamps: tuple[StampedMember, ...]
    reading: Reading | None


class Summariser(Protocol):
    """Prints summaries."""

    def summarise(self, facts: SummaryFacts, target: BinaryIO) -> None:
        """Write a PDF; the same facts give the same bytes. Raises PdfError."""
        ...
