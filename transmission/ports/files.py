"""What the services need of files and keys: kept, looked at, stamped, signed."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from transmission.domain.collectivite import SigningKey
from transmission.domain.transmission import StoredFile


class DocumentStore(Protocol):
    """Content addressed by digest. What was put is never changed; reading checks the digest."""

    def put(self, source: BinaryIO) -> StoredFile:
        """Stream into the store; durable on return. Raises OSError when the disk refuses."""
        ...

    def put_bytes(self, content: bytes) -> StoredFile:
        """Same, for a small content held in memory."""
        ...

    def open(self, file: StoredFile) -> BinaryIO:
        """Open for reading. Raises DamagedDocumentError when missing or not the same size."""
        ...

    def read(self, file: StoredFile) -> bytes:
        """Whole content. Raises DamagedDocumentError when its digest differs."""
        ...

    def path(self, file: StoredFile) -> Path:
        """A local read-only path to the content, its digest checked."""
        ...


class DocumentInspector(Protocol):
    """Tells by content what a file is, and whether the ministry can read it."""

    def kind(self, path: Path) -> str | None:
        """Extension by content (``pdf``, ``xml``, ``jpg``, ``png``), None for anything else."""
        ...

    def describe(self, path: Path) -> str:
        """French words for what the content looks like (« document Word ou archive ZIP »)."""
        ...

    def pdf_problem(self, path: Path) -> str | None:
        """French sentence saying why a PDF cannot be sent, or None."""
        ...

    def pdf_notes(self, path: Path) -> tuple[str, ...]:
        """What a reader should know of a PDF that is sent all the same: French, no final stop."""
        ...


@dataclass(frozen=True, slots=True)
class StampFacts:
    """What is printed on an act that the préfecture has received."""

    date_reception: date
    tdt_name: str
    identifiant: str
    date_mise_en_ligne: date | None
    corner: str


class Stamper(Protocol):
    """Prints the stamp on a copy of a PDF; the original is never touched."""

    def stamp(self, source: Path, target: BinaryIO, facts: StampFacts) -> None:
        """Raises PdfError when the document cannot be stamped."""
        ...


class Signer(Protocol):
    """Signs digests with a loaded key."""

    def sign(self, digest: bytes, signing_time: datetime) -> bytes:
        """Detached CMS (DER) over a SHA-256 digest. Raises SignatureError."""
        ...

    def sign_as_text(self, digest: bytes, signing_time: datetime) -> str:
        """Same, as the PEM text that a message's ``Signature`` element carries."""
        ...


class SignerSource(Protocol):
    """Loads and keeps the keys of authorities."""

    def signer(self, key: SigningKey, at: datetime) -> Signer:
        """The signer of a key, valid at that instant. Raises SignatureError."""
        ...
