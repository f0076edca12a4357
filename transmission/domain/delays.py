"""How long acts take to be received: whole days counted, and what is read from the counts.

A delay is in civil days, from the date of decision to the date of reception that the AR bears. No
hour and no clock has a part in it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Self

from transmission.domain.errors import TransmissionError
from transmission.domain.legal.periods import add_months

LONG = 15
"""Days beyond which a delay is told apart: what the law leaves for some acts (legal clock DT-1 to
DT-3), counted here to the receipt, a mark and no verdict."""

MONTHS_MAX = 72
"""Months of the longest period that is read: the term of an assembly."""

_MONTH = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])")


class PeriodError(TransmissionError):
    """What was asked is no period of months that can be read."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Delays that are counted together, from ``first`` to ``last`` days; None has no end."""

    first: int
    last: int | None

    @property
    def is_long(self) -> bool:
        """Whether all of its delays are beyond ``LONG``."""
        return self.first > LONG

    @property
    def label(self) -> str:
        """In words: ``le jour même``, ``4 à 7 jours``."""
        if self.last is None:
            return f"{self.first} jours et plus"
        if self.last != self.first:
            return f"{self.first} à {self.last} jours"
        return "le jour même" if self.first == 0 else f"{self.first} jour"

    @property
    def mark(self) -> str:
        """In figures, to be written under a column: ``0``, ``4–7``, ``31+``."""
        if self.last is None:
            return f"{self.first}+"
        return f"{self.first}" if self.last == self.first else f"{self.first}–{self.last}"

    def holds(self, days: int) -> bool:
        """Whether a delay is counted here."""
        return self.first <= days and (self.last is None or days <= self.last)


BINS = (Bin(0, 0), Bin(1, 1), Bin(2, 3), Bin(4, 7), Bin(8, LONG), Bin(LONG + 1, 30), Bin(31, None))


@dataclass(frozen=True, slots=True)
class Delays:
    """The delays of some acts: how many acts for each number of days, in growing order.

    Not among them: the ``pending``, which are not received yet, and the ``impossible``, whose AR is
    dated before their adoption.
    """

    counts: tuple[tuple[int, int], ...] = ()
    pending: int = 0
    impossible: int = 0

    @classmethod
    def of(cls, counted: Iterable[tuple[int | None, int]]) -> Self:
        """From pairs of days and acts, each number of days once; None counts what is pending."""
        found = dict(counted)
        pending = found.pop(None, 0)
        known = sorted((days, acts) for days, acts in found.items() if days is not None)
        return cls(
            counts=tuple((days, acts) for days, acts in known if days >= 0),
            pending=pending,
            impossible=sum(acts for days, acts in known if days < 0),
        )

    @property
    def acts(self) -> int:
        """How many acts have a delay."""
        return sum(acts for _, acts in self.counts)

    @property
    def bins(self) -> tuple[int, ...]:
        """How many acts in each of ``BINS``."""
        return tuple(sum(acts for days, acts in self.counts if b.holds(days)) for b in BINS)

    @property
    def long(self) -> int:
        """How many acts took more than ``LONG`` days."""
        return sum(acts for days, acts in self.counts if days > LONG)

    @property
    def median(self) -> int | None:
        """Days in which half of the acts were received."""
        return self.percentile(50)

    @property
    def p90(self) -> int | None:
        """Days in which nine acts out of ten were received."""
        return self.percentile(90)

    @property
    def longest(self) -> int | None:
        """The longest delay, in days."""
        return self.counts[-1][0] if self.counts else None

    def percentile(self, percent: int) -> int | None:
        """The fewest days in which at least ``percent`` acts of 100 were received; None of none.

        Always the delay of some act (nearest rank): nothing is interpolated.
        """
        wanted = self.acts * percent
        reached = accumulate(acts for _, acts in self.counts)
        pairs = zip(self.counts, reached, strict=True)
        return next((days for (days, _), acts in pairs if acts * 100 >= wanted), None)


@dataclass(frozen=True, slots=True)
class UsualDelay:
    """How long the last acts of a TdT took from their sending to the record of their AR."""

    acts: int
    p50: timedelta
    p90: timedelta
    p99: timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months, both ends included, each as its first day."""

    first: date
    last: date

    @classmethod
    def usual(cls, today: date) -> Self:
        """The month of ``today`` and the twelve before it."""
        return cls.read("", "", today)

    @classmethod
    def read(cls, depuis: str, jusqu_a: str, today: date) -> Self:
        """From two months written ``AAAA-MM``; an empty end is the month of ``today``, an empty
        beginning a year before the end.

        Raises PeriodError.
        """
        last = _month(jusqu_a) if jusqu_a else today.replace(day=1)
        first = _month(depuis) if depuis else add_months(last, -12)
        read = cls(first, last)
        if last < first:
            raise PeriodError(
                f"La période va de {first:%Y-%m} à {last:%Y-%m} : elle finit avant de commencer. "
                "Échangez les deux mois."
            )
        if add_months(first, MONTHS_MAX) <= last:
            raise PeriodError(
                f"La période compte {len(read.months)} mois : demandez-en {MONTHS_MAX} au plus."
            )
        return read

    @property
    def after(self) -> date:
        """The first day that follows."""
        return add_months(self.last, 1)

    @property
    def months(self) -> tuple[date, ...]:
        """Each month in order, as its first day."""
        years, months = self.last.year - self.first.year, self.last.month - self.first.month
        return tuple(add_months(self.first, rank) for rank in range(12 * years + months + 1))


def _month(text: str) -> date:
    if not _MONTH.fullmatch(text.strip()):
        raise PeriodError(
            f"« {text} » n'est pas un mois : écrivez l'année et le mois, par exemple 2026-03."
        )
    return date.fromisoformat(f"{text.strip()}-01")
