"""Time stamps (RFC 3161): who gives them, and what the register remembers of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from transmission.domain.coded import Coded
from transmission.domain.transmission import StoredFile
from transmission.ports.proof import SoundTimeStamp


class TimeStampKind(Coded):
    """What a time stamp is about: code stored, label shown; its subject's number is that of…"""

    SEAL = ("seal", "sceau de l'envoi")
    """…a transmission: over its seal, or over its archive when it has none."""
    AR = ("ar", "accusé de réception")
    """…a retour: over its bytes as received."""
    ANCHOR = ("anchor", "ancre du journal")
    """…an anchor: over its header."""

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Stamped:
    """A token (DER of a ``TimeStampToken``), verified, and what it says."""

    token: bytes
    sound: SoundTimeStamp


@dataclass(frozen=True, slots=True)
class NotStamped:
    """No authority gave a token that holds; ``reason`` is French, without a final stop."""

    reason: str


class TimeStamper(Protocol):
    """The authorities of time that an installation may ask."""

    def stamp(self, digest: bytes) -> Stamped | NotStamped:
        """A time stamp over a SHA-256 digest (32 bytes), from the first authority that gives one.

        What is given leads to a root that was configured. Never raises for what the others do, nor
        for files of the settings that are gone.
        """
        ...


class TimeStampFormat(Protocol):
    """How a time stamp is asked for and read, apart from how it travels."""

    def request(self, digest: bytes, nonce: int) -> bytes:
        """What to send for a SHA-256 digest."""
        ...

    def read(self, answer: bytes, digest: bytes, nonce: int) -> Stamped:
        """What came back, once it holds. Raises UnsoundError."""
        ...


@dataclass(frozen=True, slots=True)
class WantedTimeStamp:
    """One that was asked for and is not yet obtained; ``attempts`` counts the one that begins."""

    id: int
    kind: TimeStampKind
    subject_id: int
    sha256: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Unasked:
    """What should bear a time stamp, and for which none was asked."""

    kind: TimeStampKind
    subject_id: int
    collectivite_id: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class ObtainedTimeStamp:
    """A token as kept. ``at`` is the instant that it says, ``obtained_at`` ours, both aware UTC.

    ``oddity`` says why its instant is not to be relied upon (French), None when it may be.
    """

    token: StoredFile
    at: datetime
    obtained_at: datetime
    tsa: str
    oddity: str | None


@dataclass(frozen=True, slots=True)
class KnownTimeStamp:
    """A time stamp, obtained or not. ``sha256`` is what it is over, ``reason`` why the last attempt
    failed (French)."""

    kind: TimeStampKind
    subject_id: int
    sha256: str
    asked_at: datetime
    attempts: int
    reason: str | None
    obtained: ObtainedTimeStamp | None


@dataclass(frozen=True, slots=True)
class MissingTimeStamps:
    """How many of an authority are not obtained, since when the oldest was asked for, and why its
    last attempt failed."""

    count: int
    oldest_at: datetime
    reason: str | None


class TimeStampRegister(Protocol):
    """Part of the unit of work."""

    def ask_time_stamp(
        self,
        kind: TimeStampKind,
        subject_id: int,
        authority_id: int | None,
        sha256: str,
        at: datetime,
    ) -> None:
        """Ask, in this transaction, for a time stamp over a digest (hex); once, however often.

        Services ask by ``services.time_stamps.ask``, which asks nothing where no TSA is known.
        """
        ...

    def claim_time_stamps(
        self, now: datetime, until: datetime, limit: int
    ) -> Sequence[WantedTimeStamp]:
        """Take those due, those tried least first; nobody else does before ``until``."""
        ...

    def keep_time_stamp(self, wanted_id: int, obtained: ObtainedTimeStamp) -> bool:
        """Fill the hole; False when it was filled meanwhile: the first one stays."""
        ...

    def miss_time_stamp(self, wanted_id: int, reason: str, next_attempt_at: datetime) -> None:
        """Say why none was obtained, and when to try again."""
        ...

    def put_off_time_stamps(self, wanted_ids: Sequence[int], at: datetime) -> None:
        """Give back those that were claimed and not tried, until an instant."""
        ...

    def has_due_time_stamps(self, now: datetime) -> bool: ...

    def unasked_time_stamps(self, limit: int) -> Sequence[Unasked]:
        """Sealed transmissions and AR without one, oldest first."""
        ...

    def time_stamps(
        self, kind: TimeStampKind, subject_ids: Sequence[int]
    ) -> Sequence[KnownTimeStamp]:
        """Those about subjects, in their order of asking."""
        ...

    def time_stamps_about(self, acte_id: int) -> Sequence[KnownTimeStamp]:
        """Those of the transmissions and of the AR of an act, in their order of asking."""
        ...

    def missing_time_stamps(self, authority_id: int) -> MissingTimeStamps | None:
        """What an authority lacks, None when it lacks none."""
        ...
