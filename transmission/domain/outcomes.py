"""What a call to a TdT may come to. Unknown is neither success nor failure."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Accepted:
    """The TdT took the parcel and gave a reference of its own."""

    reference: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The TdT already has this very parcel: what we wanted has already happened."""

    reference: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The TdT answered no, and keeps nothing. ``reason`` is its text, for people only."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """It is certain that no byte of the parcel was taken; the same call may be made later."""

    reason: str


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The parcel may or may not have been taken. Never re-sent before proof."""

    reason: str


Outcome: TypeAlias = Accepted | Duplicate | Refused | Unavailable | InDoubt


@dataclass(frozen=True, slots=True)
class Found:
    """The TdT has the parcel, under that reference."""

    reference: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The TdT answered clearly that it has nothing under that name."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The TdT could not be asked, or its answer decides nothing."""

    reason: str


Finding: TypeAlias = Found | Absent | CannotTell
