"""What the services need of the register: one transaction at a time, everything or nothing."""

from collections.abc import Callable, Iterable, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import TransmissionError
from transmission.domain.identifiers import IdActe, NatureActe, NumeroInterne
from transmission.domain.lifecycle import Event
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
from transmission.ports.access import TokenRegister
from transmission.ports.archiving import ArchivingRegister
from transmission.ports.audits import AuditRegister
from transmission.ports.calls import CallRegister
from transmission.ports.chain import ChainRegister
from transmission.ports.dossiers import DossierRegister
from transmission.ports.file_accesses import FileAccessRegister
from transmission.ports.findings import FindingRegister
from transmission.ports.legal import LegalRegister
from transmission.ports.notices import NoticeRegister
from transmission.ports.people import PersonRegister
from transmission.ports.personal import PersonalRegister
from transmission.ports.publications import PublicationRegister
from transmission.ports.reviews import ReviewRegister
from transmission.ports.scans import ScanRegister
from transmission.ports.signed_pdf import SignedPdfRegister
from transmission.ports.sittings import SittingRegister
from transmission.ports.subscriptions import SubscriptionRegister
from transmission.ports.tdt import Bearings
from transmission.ports.time_stamps import TimeStampRegister
from transmission.ports.uploads import UploadRegister
from transmission.ports.webhooks import WebhookRegister
from transmission.ports.work import WorkRegister

SMALL = 1 << 16
"""Bytes up to which the register itself keeps what the service makes or is told."""


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
class Ending:
    """What became of a submission: ``request`` describes what was sent, ``response`` is the raw
    answer, kept."""

    at: datetime
    outcome: str
    detail: str
    request: str
    response: StoredFile | None


@dataclass(frozen=True, slots=True)
class KnownActe:
    """An act that a new one may repeat or contradict; ``by_key`` when it bears the same
    idempotency key."""

    id: int
    fingerprint: str
    nature: NatureActe
    date_decision: date
    by_key: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """A new transmission about an act: which message, under which identifier, with what files.

    ``pieces`` are those of an answer; an act's are its own. ``fingerprint`` is the digest of all
    that the caller gave for an answer. ``courrier_id`` is the letter answered or acknowledged,
    ``date_limite`` the last day on which the law wants it sent, if there is one.
    """

    acte_id: int
    collectivite_id: int
    message: str
    id_acte: IdActe
    date_classification: date | None = None
    courrier_id: int | None = None
    pieces: tuple[Piece, ...] = ()
    fingerprint: str | None = None
    date_limite: date | None = None


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


@dataclass(frozen=True, slots=True)
class Circuit:
    """Health of a TdT as all authorities see it.

    ``failures`` and ``successes`` are counted in a row, ``since`` is the first of the row. No call
    is made before ``open_until``.
    """

    failures: int
    successes: int
    since: datetime
    open_until: datetime | None = None
    reason: str | None = None


class UnitOfWork(
    LegalRegister,
    FindingRegister,
    NoticeRegister,
    PublicationRegister,
    ReviewRegister,
    SittingRegister,
    SignedPdfRegister,
    TimeStampRegister,
    ChainRegister,
    AuditRegister,
    DossierRegister,
    TokenRegister,
    WebhookRegister,
    SubscriptionRegister,
    UploadRegister,
    CallRegister,
    ArchivingRegister,
    PersonalRegister,
    PersonRegister,
    WorkRegister,
    ScanRegister,
    FileAccessRegister,
    Protocol,
):
    """One transaction over the register. Leaving without ``commit()`` undoes everything."""

    def commit(self) -> None: ...

    def trial(self) -> AbstractContextManager[None]:
        """What is written inside is undone if it raises; what was written before stays."""
        ...

    # documents
    def keep(self, *contents: bytes) -> tuple[StoredFile, ...]:
        """Keep small contents, of at most ``SMALL`` bytes each, with this transaction.

        They are read where all documents are.
        """
        ...

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
    def known_actes(self, acte: AdoptedActe, key: str | None) -> Sequence[KnownActe]:
        """Acts of the authority that bear the idempotency key or the number of a new one.

        A number that an act was sent under counts like the one that it was adopted under.
        """
        ...

    def add_acte(
        self,
        acte: AdoptedActe,
        id_acte: IdActe,
        author: Author,
        at: datetime,
        key: str | None,
        next_attempt_at: datetime,
    ) -> tuple[int, int]:
        """Store act, pieces and key, one new transmission in ``accepted`` under ``id_acte``, and
        ring for it to be sent; ids of the act and of the transmission.

        Raises ConflictError when a concurrent caller was first: nothing else can be done then.
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
        self,
        acte_id: int,
        day: date,
        address: str | None,
        author: Author,
        at: datetime,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Write the day and the place of the last mise en ligne, and its journal row."""
        ...

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
        """The latest sending of the act itself (1-1). Raises NotFoundError."""
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
    def start_attempt(
        self,
        transmission: Transmission,
        attempt: Attempt,
        author: Author,
        step: Step,
        details: dict[str, Any] | None = None,
    ) -> Transmission:
        """Move a prepared transmission to ``submitting`` with the attempt that begins.

        Raises as :meth:`move`.
        """
        ...

    def end_attempt(
        self,
        transmission: Transmission,
        ending: Ending,
        event: Event,
        author: Author,
        step: Step,
        details: dict[str, Any] | None = None,
    ) -> Transmission | None:
        """Complete the attempt of a transmission, and move it along ``event``.

        None when the transmission moved meanwhile: the attempt is then completed alone.
        """
        ...

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

    def note_retour(self, retour: StoredRetour, what: str, author: Author, at: datetime) -> None:
        """Append a journal row about a retour that concerns no act."""
        ...

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

    def settle_courriers(self, most: int) -> int:
        """Mark up to ``most`` letters that want no answer any more; how many were."""
        ...

    # windows
    def spend(self, collectivite_id: int, slot: datetime, size: int, limit: int) -> bool:
        """Take ``size`` bytes of a slot that allows ``limit``; False, and nothing, past it."""
        ...

    def give_back(self, collectivite_id: int, slot: datetime, size: int) -> None:
        """Undo a ``spend`` of a parcel that certainly did not leave."""
        ...

    # circuits
    def circuit(self, tdt: str) -> Circuit | None:
        """What is known of the health of a TdT; None while it never failed."""
        ...

    def lock_circuit(self, tdt: str, now: datetime) -> Circuit:
        """The same, which nobody else changes before the end; of one that never failed, a new one.

        To be taken after any other lock.
        """
        ...

    def set_circuit(self, tdt: str, circuit: Circuit) -> None: ...

    # heartbeats
    def beat(self, name: str, at: datetime, detail: str = "") -> None:
        """Say that work of that name was finished at an instant."""
        ...

    # bell
    def answer(self, task: str, subject: int) -> None:
        """Say that the bell of a lane is being answered: the next one is published again."""
        ...

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

    def claim(
        self, authority_id: int, now: datetime, until: datetime, limit: int, urgent_by: date
    ) -> Sequence[Transmission]:
        """Transmissions of an authority that are to be prepared or sent, and whose time has come.

        Those that the law wants sent by ``urgent_by`` come first. Nobody else gets them before
        ``until``. Each claim is counted, until the transmission moves, is postponed or is given
        back; one whose last claim came to nothing is taken alone, when nothing else is due.
        """
        ...

    def due_at(self, transmission_ids: Sequence[int], at: datetime) -> None:
        """Give back transmissions that were claimed and not touched, due at that instant."""
        ...

    def authorities_with_due(self, state_codes: Sequence[str], now: datetime) -> Sequence[int]:
        """Authorities which have a transmission in one of those states whose time has come."""
        ...


UnitOfWorkFactory = Callable[[], AbstractContextManager[UnitOfWork]]
