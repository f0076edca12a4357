"""Transmission windows: how many bytes may leave in each hour of the authority's day.

Source: ACTES protocol §8. A window is cut into one-hour slots, each with a counter of its own.
Hours are those of the civil day: where clocks go back the hour that comes twice makes two slots,
where they go forward the hour that is skipped makes none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import combinations

from transmission.domain.collectivite import TransmissionWindow

_HOUR = timedelta(hours=1)
_HOURS_AHEAD = 72
"""A slot comes back within a day or two, even where clocks skip it once."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour of a window: ``starts_at`` (UTC instant) names its counter, ``limit`` is in bytes."""

    starts_at: datetime
    limit: int


def slot_of(windows: Sequence[TransmissionWindow], now: datetime, zone: tzinfo) -> Slot | None:
    """The slot that an aware instant falls in; None outside of every window.

    A parcel may go when ``limit - consumed - size > 0``, or when there is no slot.
    """
    hour = now.astimezone(zone).hour
    for window in windows:
        if window.start_hour <= hour < window.end_hour:
            return Slot(_hour_start(now, zone), window.bytes_per_hour)
    return None


def next_chance(
    windows: Sequence[TransmissionWindow], now: datetime, zone: tzinfo, size: int
) -> datetime | None:
    """When a parcel of ``size`` bytes may be tried, its slot of ``now`` being spent (UTC instant).

    It is the start of the next slot that is larger than the parcel, or the first instant outside
    of every window: ``now`` when it is outside. None when the windows cover the whole day and
    none is large enough.
    """
    if slot_of(windows, now, zone) is None:
        return now.astimezone(UTC)
    for start in _next_hours(now, zone):
        slot = slot_of(windows, start, zone)
        if slot is None or slot.limit > size:
            return start
    return None


def window_problems(windows: Sequence[TransmissionWindow]) -> list[str]:
    """French sentences saying what is wrong with windows; empty when they may serve."""
    problems = [problem for window in windows for problem in _own_problems(window)]
    ordered = sorted(windows, key=lambda window: (window.start_hour, window.end_hour))
    for before, after in combinations(ordered, 2):
        if after.start_hour < before.end_hour:
            problems.append(f"Les fenêtres {_named(before)} et {_named(after)} se recouvrent.")
    return problems


def _own_problems(window: TransmissionWindow) -> Iterator[str]:
    if not 0 <= window.start_hour < window.end_hour <= 24:
        yield (
            f"La fenêtre {_named(window)} doit commencer entre 0 et 23 h et finir plus tard, au "
            "plus à 24 h : coupez en deux celle qui passe minuit."
        )
    if window.bytes_per_hour <= 0:
        yield (
            f"La fenêtre {_named(window)} laisse passer {window.bytes_per_hour} octet par heure : "
            "donnez un nombre positif."
        )


def _named(window: TransmissionWindow) -> str:
    return f"de {window.start_hour} h à {window.end_hour} h"


def _next_hours(now: datetime, zone: tzinfo) -> Iterator[datetime]:
    start = now
    for _ in range(_HOURS_AHEAD):
        start = _hour_start(start, zone) + _HOUR
        yield start


def _hour_start(instant: datetime, zone: tzinfo) -> datetime:
    # Counted back in UTC: the civil hour alone would not tell which of two equal hours it is.
    local = instant.astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return instant.astimezone(UTC) - past
