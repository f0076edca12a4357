"""Numbers of acts that count: what in a number is its counter, and what is missing from a count.

A number that does not end in a counter is left alone, for nothing then tells what should follow it.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

_YEAR_LAST = re.compile(r"(?<=[0-9])[^0-9]+(20[0-9]{2})$")
_COUNTER = re.compile(
    r"(?P<prefix>(?:.*[^0-9])?)(?P<counter>[0-9]{1,15})(?P<letters>[_ -]?[A-Z]+)?"
)
_BIS = re.compile(r"[_ -]?(?:[A-Z]|BIS|TER|QUATER)")
_YEAR_DIGITS = 4
_ENOUGH = 3
"""Counters that must end alike before that end is taken to be fixed: of three in a row, no two
end with the same digit."""


@dataclass(frozen=True, slots=True)
class Serial:
    """A number cut in its constant ends and its counter, as digits; ``bis`` follows the counter."""

    numero: str
    prefix: str
    counter: str
    suffix: str = ""
    bis: str = ""

    @property
    def pattern(self) -> str:
        """What the numbers of one series share."""
        return f"{self.prefix}#{self.suffix}"

    @property
    def rank(self) -> int:
        """The counter."""
        return int(self.counter)


@dataclass(frozen=True, slots=True)
class Gap:
    """A number that a series skips, between two that it has."""

    numero: str
    before: Serial
    after: Serial


def serial_of(numero: str, year: int) -> Serial | None:
    """Find the counter of a number adopted in ``year``; None when it has none.

    ``2026_001``, ``D20260001``, ``2026-12-03``, ``12_2026`` and ``2026_012B`` have one, ``D2026``
    and ``VOEU`` have not: four digits that are a year near that of the act are no counter.
    """
    text, suffix = numero.strip().upper(), ""
    last = _YEAR_LAST.search(text)
    if last and _is_near(last[1], year):
        text, suffix = text[: last.start()], text[last.start() :]
    found = _COUNTER.fullmatch(text)
    if not found:
        return None
    prefix, counter = found["prefix"], found["counter"]
    if _is_near(counter[:_YEAR_DIGITS], year):
        prefix, counter = prefix + counter[:_YEAR_DIGITS], counter[_YEAR_DIGITS:]
    if not counter:
        return None
    letters = found["letters"] or ""
    if _BIS.fullmatch(letters):
        return Serial(numero, prefix, counter, suffix, letters)
    return Serial(numero, prefix, counter, letters + suffix)


def in_series(numeros: Iterable[str], year: int) -> Mapping[str, tuple[Serial, ...]]:
    """The numbers that have a counter, by pattern.

    Digits that end all the counters of a pattern are constant, and go to its suffix: a number may
    be made of a counter and of a fixed end (``D2026`` ``00097`` ``10``).
    """
    found: dict[str, list[Serial]] = defaultdict(list)
    for serial in (serial_of(numero, year) for numero in numeros):
        if serial is not None:
            found[serial.pattern].append(serial)
    return {pattern: _without_fixed_end(serials) for pattern, serials in found.items()}


def gaps(serials: Collection[Serial], jump: int) -> tuple[Gap, ...]:
    """Numbers that a series skips.

    ``jump`` numbers missing in a row, or more, are a count that starts again elsewhere. What would
    come before the first or after the last is not known to exist.
    """
    seen = {each.rank: each for each in serials}
    return tuple(
        Gap(_written(seen[after], rank), seen[before], seen[after])
        for before, after in pairwise(sorted(seen))
        if after - before - 1 < jump
        for rank in range(before + 1, after)
    )


def _is_near(digits: str, year: int) -> bool:
    return len(digits) == _YEAR_DIGITS and abs(int(digits) - year) <= 1


def _without_fixed_end(serials: list[Serial]) -> tuple[Serial, ...]:
    end = _fixed_end({each.counter for each in serials})
    if not end:
        return tuple(serials)
    return tuple(
        replace(each, counter=each.counter.removesuffix(end), suffix=end + each.suffix)
        for each in serials
    )


def _fixed_end(counters: set[str]) -> str:
    """Digits by which all the counters end; none when they are few or of several widths."""
    if len(counters) < _ENOUGH or len({len(counter) for counter in counters}) > 1:
        return ""
    one = min(counters)
    ends = (one[start:] for start in range(1, len(one)))
    return next((end for end in ends if all(each.endswith(end) for each in counters)), "")


def _written(like: Serial, rank: int) -> str:
    return f"{like.prefix}{rank:0{len(like.counter)}d}{like.suffix}"
