"""What the services need of files and keys: kept, looked at, stamped, signed."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from transmission.domain.collectivite import Collectivite, SigningKey
from transmission.domain.transmission import StoredFile
from transmission.ports.pdf_seals import PdfSealing, StampDigest


class Draft(Protocol):
    """A document being written: nobody else sees it, and it is gone unless it is kept."""

    @property
    def file(self) -> StoredFile:
        """Digest and size in bytes of what was written so far."""
        ...

    def write(self, block: bytes, /) -> int:
        """Add bytes at the end. Raises OSError when the disk refuses."""
        ...

    def read_again(self) -> BinaryIO:
        """What was written, from its first byte; closed with the draft. Nothing more is written."""
        ...

    def keep(self) -> StoredFile:
        """Keep it, once; durable on return. Raises OSError when the disk refuses."""
        ...


class DocumentStore(Protocol):
    """Content addressed by digest. What was put is never changed; reading checks the digest."""

    def draft(self) -> AbstractContextManager[Draft]:
        """A document to be written; at the end of the context it is gone, unless it was kept."""
        ...

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

    def check(self, file: StoredFile) -> None:
        """Read a content through. Raises DamagedDocumentError when its digest differs."""
        ...

    def path(self, file: StoredFile) -> Path:
        """A local read-only path to the content, its digest checked."""
        ...

    def forget(self, file: StoredFile) -> None:
        """Remove a content for good; nothing happens when it is not there. Raises OSError.

        Only for what a disposal said first: nothing else is ever removed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Examination:
    """What a content is.

    ``kind`` is an extension (``pdf``, ``xml``, ``jpg``, ``png``), None for anything else;
    ``described`` are French words for what it looks like (« un document Word »); ``pdf_problem``
    is a French sentence saying why a PDF cannot be sent, None when it can; ``notes`` are what a
    reader should know of a PDF that is sent all the same: French, no final stop.
    """

    kind: str | None
    described: str
    pdf_problem: str | None = None
    notes: tuple[str, ...] = ()


class DocumentInspector(Protocol):
    """Tells by content what a file is, and whether the ministry can read it."""

    def examine(self, content: BinaryIO) -> Examination:
        """Look at a content, which nobody may change meanwhile, from its beginning."""
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


class TextReader(Protocol):
    """Reads the words of a document, for what a person is asked to look at."""

    def text_of(self, source: Path) -> str:
        """Words of the first pages of a PDF; empty when it has none that can be read."""
        ...


class BudgetReader(Protocol):
    """Reads the seal of a budget document."""

    def scellement(self, content: BinaryIO) -> str:
        """Name of the verdict (``actes.budget.Scellement``).

        Raises NotABudgetError, UnreadableXmlError, OSError.
        """
        ...


class Signer(Protocol):
    """Signs digests with a loaded key."""

    def sign(self, digest: bytes, signing_time: datetime) -> bytes:
        """Detached CMS (DER) over a SHA-256 digest. Raises SignatureError."""
        ...

    def sign_as_text(self, digest: bytes, signing_time: datetime) -> str:
        """Same, as the PEM text that a message's ``Signature`` element carries."""
        ...

    def sign_files(self, digests: Mapping[str, bytes], signing_time: datetime) -> bytes:
        """Detached XAdES over files, given by their SHA-256 digests and relative names.

        Raises SignatureError; ValueError when there is no file.
        """
        ...

    def seal_pdf(
        self, source: BinaryIO, target: IO[bytes], signing_time: datetime, stamp: StampDigest | None
    ) -> PdfSealing:
        """Write a PDF and its seal (PAdES) into an empty ``target``; B-T with ``stamp``, else B-B.

        Raises UnsealablePdfError, SignatureError, OSError.
        """
        ...


class SignerSource(Protocol):
    """Loads and keeps the keys of authorities, and the service's own."""

    def signer(self, key: SigningKey, at: datetime) -> Signer:
        """The signer of a key, valid at that instant. Raises SignatureError."""
        ...

    def of(self, owner: Collectivite, at: datetime) -> Signer | None:
        """The signer of an authority at that instant, None when it names no key.

        Of several keys, the one whose certificate, valid then, ends last. Raises SignatureError
        when none of them can be used.
        """
        ...

    def own(self, at: datetime) -> Signer:
        """The signer of what the service seals by itself. Raises SignatureError, OSError."""
        ...
