"""What the services need of the register for the legal clock: part of the unit of work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from transmission.domain.legal.cases import LegalCase
from transmission.domain.legal.dates import LegalDate
from transmission.domain.legal.declaration import Declaration
from transmission.domain.legal.entered import Entry, Recorded
from transmission.domain.transmission import Author


@dataclass(frozen=True, slots=True)
class Declared:
    """What was declared of an act, by whom and why; each is the whole of what then counted."""

    declaration: Declaration
    at: datetime
    author: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReading:
    """A reading to keep.

    ``inputs`` is the digest of what was read, ``rules`` the version of the rules, ``states`` codes
    by name; ``next_day`` the first day on which the mere passing of time changes something.
    """

    acte_id: int
    collectivite_id: int
    at: datetime
    inputs: str
    rules: int
    states: Mapping[str, str]
    dates: tuple[LegalDate, ...]
    next_day: date | None


@dataclass(frozen=True, slots=True)
class KeptDate:
    """What a kept reading says of one date: ``day`` is None when it was not known."""

    name: str
    day: date | None
    rule: str


@dataclass(frozen=True, slots=True)
class KeptReading:
    """The reading of an act that counts; ``id`` grows with each that said something new.

    ``at`` (aware UTC) is when it first said so.
    """

    id: int
    acte_id: int
    at: datetime
    inputs: str
    rules: int
    dates: tuple[KeptDate, ...]


class LegalRegister(Protocol):
    """The part of the unit of work that the legal clock needs."""

    def hold_acte(self, acte_id: int) -> None:
        """Make whoever else holds the act wait for this transaction. Raises NotFoundError."""
        ...

    # what people say
    def add_legal_event(self, acte_id: int, entry: Entry, author: Author, at: datetime) -> int:
        """Enter an event, tell the journal, and have the act read again; its number."""
        ...

    def retract_legal_event(self, recorded: Recorded, author: Author, at: datetime) -> None:
        """Take an entry back by a row of its own. Raises ConflictError when it was."""
        ...

    def legal_events(self, acte_ids: Sequence[int]) -> Mapping[int, Sequence[Recorded]]:
        """Entries by act, oldest first, those taken back included."""
        ...

    def add_legal_facts(
        self, acte_id: int, declaration: Declaration, author: Author, at: datetime
    ) -> None:
        """Declare anew all that counts, tell the journal, and have the act read again."""
        ...

    def legal_facts(self, acte_id: int) -> Sequence[Declared]:
        """What was declared of an act, newest first: only the first counts."""
        ...

    # what the clock reads
    def legal_cases(self, acte_ids: Sequence[int]) -> Sequence[LegalCase]:
        """All that the clock reads of some acts, in a handful of statements; any order."""
        ...

    def mark_stale(self, acte_id: int) -> None:
        """Have an act read again."""
        ...

    def mark_all_stale(self, authority_id: int) -> None:
        """Have every act of an authority read again."""
        ...

    def authorities_to_assess(self, now: datetime, rules: int) -> Sequence[int]:
        """Authorities with an act to read again, or to read for the passing of time.

        ``now`` is an aware instant: each has its own civil day. ``rules`` is the version in use.
        """
        ...

    def begin_assessment(self, authority_id: int) -> int | None:
        """Be the only one to read the acts of an authority in this transaction.

        The newest mark of an act to read again, 0 without any; None when somebody else reads.
        """
        ...

    def claim_stale(self, authority_id: int, newest: int, limit: int) -> Sequence[int]:
        """Acts marked up to a mark, oldest first, their marks taken away with this transaction.

        A mark that comes later outlives it, whenever its act is read.
        """
        ...

    def due_readings(
        self, authority_id: int, today: date, rules: int, after: int, limit: int
    ) -> Sequence[int]:
        """Acts above the number ``after`` whose day has come, or read under older rules."""
        ...

    def readings_of(self, acte_ids: Sequence[int]) -> Mapping[int, KeptReading]:
        """The reading of each act that counts, where there is one."""
        ...

    def save_readings(self, readings: Sequence[NewReading]) -> None:
        """Keep readings: one that says nothing new only moves its next day, and its rules.

        The others replace the one that counted, which stays, and the dates shown in lists.
        """
        ...
