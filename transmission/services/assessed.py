"""What the clock has just read of an act, for whatever follows from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from transmission.domain.legal.cases import LegalCase
from transmission.domain.legal.reading import Reading
from transmission.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Moved:
    """A date that the same facts gave otherwise before: the rules of the program have changed.

    ``old`` and ``new`` are None where the day was, or is, not known; ``rule`` gives the new one.
    """

    name: str
    old: date | None
    new: date | None
    rule: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """An act that was read again, and what moved though nothing had happened.

    ``read_at`` (aware UTC) is when the reading before said what it did, None without any.
    """

    case: LegalCase
    reading: Reading
    moved: tuple[Moved, ...]
    read_at: datetime | None = None


AfterReading: TypeAlias = Callable[
    [UnitOfWork, Sequence[Assessed], datetime], Mapping[int, Exception] | None
]
"""What follows from readings, in their transaction and at their instant; by act, the faults that
kept it from following."""
