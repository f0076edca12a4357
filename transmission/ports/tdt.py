"""What the services need of a TdT, whoever it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import BinaryIO, Protocol

from transmission.domain.acte import Acte, DemandeClassification
from transmission.domain.collectivite import TdtAccount
from transmission.domain.courriers import CourrierEnvoye
from transmission.domain.errors import TransmissionError
from transmission.domain.outcomes import CannotTell, Finding, Outcome


class TdtConfigurationError(TransmissionError):
    """The account of a TdT cannot be used as configured; the text says what to mend."""


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
    is_late: Callable[[], bool] | None = None
    """Asked at the last moment before the first byte: whether somebody may have decided otherwise
    meanwhile, so that the parcel must not leave any more (a worker frozen, then revived)."""


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

    @property
    def told_at(self) -> datetime | None:
        """The TdT's own clock when it last answered; None when it told none."""
        ...

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
