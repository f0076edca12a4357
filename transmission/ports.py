"""What the services need from outside, said without naming who provides it."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from transmission.domain.acte import Acte, DemandeClassification
from transmission.domain.collectivite import Collectivite, SigningKey, TdtAccount
from transmission.domain.courriers import CourrierEnvoye
from transmission.domain.errors import TransmissionError
from transmission.domain.identifiers import IdActe, NatureActe, NumeroInterne
from transmission.domain.lifecycle import Event
from transmission.domain.outcomes import CannotTell, Finding, Outcome
from transmission.domain.retours import EchoDifference
from transmission.domain.transmission import (
    AdoptedActe,
    Author,
    KeptCourrier,
    KeptPiece,
    Piece,
    RetourStatus,
    SealedParcel,
    StoredFile,
    StoredRetour,
    Transmission,
)

# --- documents ---------------------------------------------------------------------------------


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


# --- signature ---------------------------------------------------------------------------------


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


# --- TdT ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ParcelDocument:
    """A file of a parcel, in order; ``open`` gives a new stream over its exact bytes."""

    nom_fichier: str
    code_type_pj: str
    mime: str
    size: int
    signature: str | None
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Bearings:
    """What the TdT already calls the things that a parcel is about: its own references.

    ``acte`` is that of the act, ``courrier`` that of the letter answered, ``known`` every other
    one given about this act: a reference outside of them is news.
    """

    acte: str | None = None
    courrier: str | None = None
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a connector is given: the sealed archive, and the same message field by field."""

    message: Acte | CourrierEnvoye | DemandeClassification
    stem: str
    archive_name: str
    archive_size: int
    archive_sha256: str
    open_archive: Callable[[], BinaryIO]
    documents: tuple[ParcelDocument, ...]
    bearings: Bearings = Bearings()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call and its answer, as evidence.

    ``request`` describes the call without any secret; ``response`` is the raw answer, headers
    first, cut at 1 MiB; empty when none came.
    """

    outcome: Outcome
    request: str
    response: bytes = b""


class Situation(Enum):
    """Where the TdT says that a parcel stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    """The State has it, and has not answered."""
    ANSWERED = "answered"
    REFUSED_BY_TDT = "refused_by_tdt"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Collected:
    """What the TdT says of a parcel: ``body`` is its whole answer, ``message`` the exact bytes of
    the State's XML inside it (None while there is none), ``text`` the TdT's own words."""

    situation: Situation
    body: bytes
    message: bytes | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class InboxItem:
    """Something that the State sent and that the TdT holds for the authority.

    ``key`` names it for ever in this inbox. ``reference`` is what the TdT calls it in an answer,
    ``acte`` what it calls the act that it is about; None where the TdT names neither.
    """

    key: str
    reference: str | None = None
    acte: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a TdT can do and what it bounds (characters, files)."""

    objet_max: int
    annexes_max: int
    numero_unique: bool = True
    """A number serves once per authority, whatever the date and nature."""
    has_status: bool = True
    """It can be asked what became of a reference; otherwise everything comes by the inbox."""
    lists_waiting: bool = False
    """It can list in a few calls everything that still waits."""
    sends_receipts: bool = True
    """It sends by itself the acknowledgements owed on receipt of a letter (3-2, 4-2)."""
    files_per_reply: int = 99
    gives_classification: bool = True
    """It keeps the last classification; otherwise the 7-2 comes by the inbox."""


class TdtConnector(Protocol):
    """One TdT, one account, one kept connection. No call ever raises for what the TdT does."""

    @property
    def capabilities(self) -> Capabilities: ...

    def check(self) -> CannotTell | None:
        """None when the TdT answers and knows the account."""
        ...

    def submit(self, parcel: Parcel) -> Exchange:
        """Post a message about an act, exactly its stored bytes, once, with no retry of any kind.

        Whatever the message: an act, an answer to a letter, a cancellation.
        """
        ...

    def find(self, parcel: Parcel) -> Finding:
        """Ask whether the TdT has this very parcel."""
        ...

    def collect(self, reference: str) -> Collected | CannotTell:
        """What the TdT says of a reference that it gave."""
        ...

    def waiting(self) -> Mapping[str, Collected] | CannotTell:
        """What the TdT lists as still waiting, by reference (``lists_waiting`` only).

        A reference that is not there has moved on, or moved while the lists were read: ask of it
        alone.
        """
        ...

    def inbox(self) -> Sequence[InboxItem] | CannotTell:
        """What the State sent and waits to be taken, oldest first; at most some hundreds."""
        ...

    def fetch(self, item: InboxItem, target: BinaryIO) -> CannotTell | None:
        """Write the exact bytes of an item (an archive, or a mail) into ``target``; None if well.

        Raises OSError when ``target`` refuses.
        """
        ...

    def confirm(self, item: InboxItem) -> CannotTell | None:
        """Tell the TdT that an item is kept here, so that it may forget it; None if well."""
        ...

    def request_classification(self, parcel: Parcel) -> Exchange:
        """Ask for the classification in force; ``parcel`` carries a 7-1."""
        ...

    def fetch_classification(self) -> bytes | CannotTell | None:
        """Exact bytes of the last 7-2 that the TdT holds; None when it has none."""
        ...


class TdtRegistry(Protocol):
    """Gives the connector of an account, kept for the life of the process."""

    def connector(self, account: TdtAccount) -> TdtConnector:
        """Raises TdtConfigurationError when files or names are wrong."""
        ...

    def capabilities(self, account: TdtAccount) -> Capabilities:
        """Bounds of a kind of TdT, without opening anything."""
        ...


# --- register ----------------------------------------------------------------------------------


class TdtConfigurationError(TransmissionError):
    """The account of a TdT cannot be used as configured; the text says what to mend."""


class StaleError(TransmissionError):
    """The row changed since it was read; the late writer writes nothing."""


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """An authority and its key in the register."""

    id: int
    collectivite: Collectivite


@dataclass(frozen=True, slots=True)
class Step:
    """Columns that change together with a state.

    ``next_attempt_at`` and ``waiting_for`` are always written (None clears them); elsewhere None
    means unchanged.
    """

    next_attempt_at: datetime | None = None
    waiting_for: str | None = None
    parcel: SealedParcel | None = None
    reference: str | None = None
    polls: int | None = None
    attempts: int | None = None
    failures: int | None = None
    date_reception: date | None = None
    retour_id: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """The intent written before a submission."""

    number: int
    connector: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """A new transmission about an act: which message, under which identifier, with what files.

    ``pieces`` are those of an answer; an act's are its own. ``fingerprint`` is the digest of all
    that the caller gave for an answer. ``courrier_id`` is the letter answered or acknowledged.
    """

    acte_id: int
    collectivite_id: int
    message: str
    id_acte: IdActe
    date_classification: date | None = None
    courrier_id: int | None = None
    pieces: tuple[Piece, ...] = ()
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A retour as it is first kept.

    ``container`` marks an archive or a mail, which holds messages; ``parent_id`` is the one that
    this message was taken out of, ``nom_fichier`` its name there, ``pieces`` the documents that
    it names. ``reference`` is what the TdT calls it.
    """

    collectivite_id: int
    file: StoredFile
    source: str
    at: datetime
    transmission_id: int | None = None
    container: bool = False
    parent_id: int | None = None
    nom_fichier: str | None = None
    reference: str | None = None
    pieces: tuple[KeptPiece, ...] = ()


@dataclass(frozen=True, slots=True)
class NewCourrier:
    """A letter of the préfecture, to be kept under its act; ``fingerprint`` tells it again."""

    acte_id: int
    collectivite_id: int
    message: str
    date_courrier: date
    texte: str
    fingerprint: str
    retour_id: int
    reference: str | None
    received_at: datetime


class UnitOfWork(Protocol):
    """One transaction over the register. Leaving without ``commit()`` undoes everything."""

    def commit(self) -> None: ...

    # authorities
    def add_authority(self, collectivite: Collectivite, at: datetime) -> int:
        """Raises ConflictError when the SIREN is already known."""
        ...

    def replace_authority(self, collectivite: Collectivite) -> None:
        """Replace the settings of the authority of the same SIREN. Raises NotFoundError."""
        ...

    def authority(self, authority_id: int) -> AuthorityRow: ...

    def authority_by_siren(self, siren: str) -> AuthorityRow:
        """Raises NotFoundError."""
        ...

    def authorities(self) -> Sequence[AuthorityRow]: ...

    # classification
    def add_classification(
        self, authority_id: int, date_classification: date, file: StoredFile, at: datetime
    ) -> bool:
        """False when that date was already held."""
        ...

    def may_ask_classification(self, authority_id: int, at: datetime, since: datetime) -> bool:
        """Take the turn to ask for one; False when it was taken since that instant."""
        ...

    def classification_file(
        self, authority_id: int, version: date | None = None
    ) -> tuple[date, StoredFile] | None:
        """The latest version held, or the one of a date; None when there is none."""
        ...

    # acts
    def idempotent_acte(self, authority_id: int, key: str) -> tuple[int, str] | None:
        """Act and fingerprint recorded under an idempotency key."""
        ...

    def acte_by_legal_key(self, acte: AdoptedActe) -> tuple[int, str] | None:
        """Act and fingerprint under (authority, nature, date of decision, number)."""
        ...

    def add_acte(
        self,
        acte: AdoptedActe,
        author: Author,
        at: datetime,
        key: str | None,
        next_attempt_at: datetime,
    ) -> tuple[int, int]:
        """Store act, pieces and key, and one new transmission in ``accepted``; their ids.

        Raises ConflictError when a concurrent caller was first.
        """
        ...

    def acte(self, acte_id: int) -> AdoptedActe: ...

    def find_acte(
        self, authority_id: int, numero: NumeroInterne, nature: NatureActe | None, day: date | None
    ) -> Sequence[int]:
        """Acts adopted or sent under that number, newest first.

        More than one when the number was used in several years.
        """
        ...

    def set_publication(
        self, acte_id: int, day: date, address: str | None, author: Author, at: datetime
    ) -> None: ...

    def publication(self, acte_id: int) -> date | None: ...

    # transmissions
    def transmission(self, transmission_id: int) -> Transmission:
        """Raises NotFoundError."""
        ...

    def open_transmission(
        self, opening: Opening, author: Author, at: datetime, next_attempt_at: datetime
    ) -> Transmission:
        """One more transmission about an act, in ``accepted``, and its journal row.

        Raises ConflictError when one that forbids it is still alive.
        """
        ...

    def current_transmission(self, acte_id: int) -> Transmission:
        """The latest sending of the act itself (1-1)."""
        ...

    def transmissions_about(
        self, acte_id: int, message: str | None = None
    ) -> Sequence[Transmission]:
        """Everything sent about an act, or only one kind of message, newest first."""
        ...

    def pieces_sent(self, transmission: Transmission) -> tuple[Piece, ...]:
        """Files that a transmission carries, in order: the act's own, or those of an answer."""
        ...

    def bearings(self, transmission: Transmission) -> Bearings:
        """What the TdT calls the act and the letter that a transmission is about."""
        ...

    def lock_transmission(self, transmission_id: int, *, wait: bool = False) -> Transmission | None:
        """Lock the row for this transaction; None when it is unknown or, unless ``wait``, when
        another holds it."""
        ...

    def match_transmission(self, authority_id: int, id_acte: str) -> Sequence[Transmission]:
        """Sendings of acts (1-1) under an identifier, newest first, whatever the case."""
        ...

    def explain(self, told: Sequence[tuple[Transmission, str]]) -> None:
        """Say what each sent transmission waits for (French), and change nothing else."""
        ...

    def match_enveloppe(self, authority_id: int, enveloppe: str) -> Sequence[Transmission]:
        """Transmissions sent in an envelope of that exact name."""
        ...

    def move(
        self,
        transmission: Transmission,
        event: Event,
        author: Author,
        at: datetime,
        step: Step = ...,
        details: dict[str, Any] | None = None,
    ) -> Transmission:
        """Compare-and-set along the lifecycle and append the journal row.

        Raises TransitionError (named refusal) or StaleError when the row moved meanwhile.
        """
        ...

    def note(
        self,
        transmission: Transmission,
        what: str,
        author: Author,
        at: datetime,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Append a journal row that changes no state."""
        ...

    def postpone(self, transmission: Transmission, step: Step) -> None:
        """Change when and why a transmission waits, without changing its state."""
        ...

    def plan_looks(self, transmissions: Sequence[Transmission], at: Sequence[datetime]) -> None:
        """Count one more look at each, and say when the next is due; a few statements in all."""
        ...

    def next_enveloppe_number(self, authority_id: int, day: date) -> int:
        """Next number of the day, taken by this transaction and given back by its rollback."""
        ...

    # attempts
    def start_attempt(self, transmission: Transmission, attempt: Attempt) -> None: ...

    def finish_attempt(
        self,
        transmission_id: int,
        number: int,
        at: datetime,
        outcome: str,
        detail: str,
        request: str,
        response: StoredFile | None,
    ) -> None: ...

    # retours
    def add_retour(self, arrived: Arrived) -> int | None:
        """Keep a retour; None when the very same bytes are already kept for its source."""
        ...

    def pieces_of_retour(self, retour_id: int) -> tuple[KeptPiece, ...]:
        """Documents that came with a message, in its order."""
        ...

    def accuse_reception(self, transmission_id: int) -> StoredFile | None:
        """The AR that gave a transmission its date of receipt, as received."""
        ...

    def lock_retour(self, retour_id: int) -> StoredRetour | None: ...

    def unread_retours(self, before: datetime, limit: int) -> Sequence[int]:
        """Retours kept before an instant and not read since, oldest first."""
        ...

    def settle_retour(
        self,
        retour_id: int,
        status: RetourStatus,
        kind: str,
        *,
        acte_id: int | None = None,
        transmission_id: int | None = None,
        date_reception: date | None = None,
        reason: str | None = None,
        notes: Iterable[str] = (),
        differences: Iterable[EchoDifference] = (),
    ) -> None: ...

    # letters
    def add_courrier(self, new: NewCourrier) -> int | None:
        """Keep a letter; None when the same one is already under its act."""
        ...

    def courrier(self, courrier_id: int) -> KeptCourrier:
        """Raises NotFoundError."""
        ...

    def courriers_of(self, acte_id: int) -> Sequence[KeptCourrier]:
        """Letters about an act, oldest first."""
        ...

    # windows
    def spend(self, collectivite_id: int, slot: datetime, size: int, limit: int) -> bool:
        """Take ``size`` bytes of a slot that allows ``limit``; False, and nothing, past it."""
        ...

    def give_back(self, collectivite_id: int, slot: datetime, size: int) -> None:
        """Undo a ``spend`` of a parcel that certainly did not leave."""
        ...

    # bell
    def ring(self, task: str, subject: int) -> None:
        """Ask, by an outbox row of this transaction, that a task be run for a subject."""
        ...

    def waiting_bells(self) -> Set[tuple[str, int]]:
        """Tasks and subjects of the bells that were rung and not yet relayed."""
        ...

    def due(
        self,
        state_codes: Sequence[str],
        now: datetime,
        limit: int,
        authority_id: int | None = None,
    ) -> Sequence[Transmission]:
        """Transmissions in those states whose time has come, oldest first, locked, unclaimed."""
        ...

    def authorities_with_due(self, state_code: str, now: datetime) -> Sequence[int]:
        """Authorities which have a transmission in that state whose time has come."""
        ...


UnitOfWorkFactory = Callable[[], AbstractContextManager[UnitOfWork]]
