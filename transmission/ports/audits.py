"""Whoever rereads everything that is stored, and where the background round stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from transmission.domain.audits import Difference, Page, Stage


@dataclass(frozen=True, slots=True)
class Scope:
    """What is reread: everything, or one authority, one act, acts taken in charge since an instant
    (aware UTC)."""

    owner_id: int | None = None
    acte_id: int | None = None
    since: datetime | None = None


EVERYTHING = Scope()


class Auditor(Protocol):
    """Rereads with code of its own, and changes nothing."""

    def reread(self, stage: Stage, after: int, limit: int, scope: Scope) -> Page:
        """What the next ``limit`` subjects of a stage give, above the number ``after``.

        Raises sqlalchemy.exc.DBAPIError when the register is away.
        """
        ...

    def count(self, scope: Scope) -> int:
        """How many acts there are to reread."""
        ...

    def fresh(self) -> "Auditor":
        """One that remembers nothing of what it read: a content is read once by each."""
        ...


@dataclass(frozen=True, slots=True)
class Round:
    """A round: where it stands, ``actes`` to reread when it began, how many were ``reread``.

    ``place`` is the last number reread of ``stage``; ``unread`` counts what could not be read,
    ``last_unread`` says the last of it (French). Instants are aware UTC.
    """

    number: int
    started_at: datetime
    finished_at: datetime | None
    stage: Stage
    place: int
    actes: int
    reread: int
    unread: int
    last_unread: str | None
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class KnownDifference:
    """A difference that lasts: ``stage`` where it was seen, first and last time."""

    difference: Difference
    stage: Stage
    first_seen_at: datetime
    last_seen_at: datetime


class AuditRegister(Protocol):
    """Part of the unit of work."""

    def last_round(self) -> Round | None:
        """The round under way, or the last one."""
        ...

    def last_complete_round(self) -> Round | None: ...

    def begin_round(self, number: int, actes: int, now: datetime) -> bool:
        """Begin a round; False when somebody else did."""
        ...

    def hold_round(self, number: int, now: datetime, until: datetime) -> Round | None:
        """Carry a round on, alone until an instant; None while somebody else does, or when it is
        over."""
        ...

    def keep_page(
        self, held: Round, stage: Stage, upper: int | None, page: Page, now: datetime
    ) -> None:
        """Open the differences of a page, close those of its subjects that are gone.

        The subjects are those above ``held.place`` up to ``upper``, all of them when it is None.
        """
        ...

    def move_round(self, moved: Round) -> bool:
        """Write where a held round stands; False when somebody else holds it by now."""
        ...

    def release_round(self, held: Round) -> None:
        """Let anybody carry a round on, if it is still held so."""
        ...

    def open_differences(self, most: int) -> Sequence[KnownDifference]:
        """Those that last, oldest first."""
        ...

    def count_differences(self) -> int:
        """How many last."""
        ...
