"""How long acts and their proofs are kept (legal clock §13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from transmission.domain.legal.periods import add_months


class Fate(Enum):
    """What follows the time of use; a destruction needs the visa of the archives (RT-1)."""

    PERMANENT = "conservation définitive"
    SORTED = "tri"


@dataclass(frozen=True, slots=True)
class Retention:
    """``years`` of use, from the year's end or from the end of remedies, then ``fate``."""

    years: int
    fate: Fate


RETENTIONS = {
    "registre": Retention(1, Fate.PERMANENT),
    "arrete_temporaire": Retention(5, Fate.SORTED),
    "contentieux": Retention(1, Fate.SORTED),
}
"""Instruction DAF/DPACI/RES/2009/018 of 28 August 2009 (RT-1)."""


def retention(kind: str) -> Retention | None:
    """How long papers of a kind are used, then kept; None for a kind not known here (RT-1)."""
    return RETENTIONS.get(kind)


def proofs_kept_until(last_days: Iterable[date | None]) -> date | None:
    """Day until which proofs are kept at least: the longest open clock, and one year.

    None while a clock has no last day: they are kept. They share the fate of the act beyond.
    Source: RT-2.
    """
    known = list(last_days)
    days = [day for day in known if day is not None]
    return add_months(max(days), 12) if days and len(days) == len(known) else None
