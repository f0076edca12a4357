"""Where the dates of an act go on a line of time, as percentages of its width.

The list beside it says everything in words; the drawing adds nothing but the eye's ease.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from transmission.console.timeline import Happened, Timeline, Told
from transmission.domain.legal.dates import DateKind

_MONTHS = (
    *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)
_MARGIN = 0.03
_FAR = 0.35
_TICKS = 4
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
_CLOSE = 8.0
_LEAST_DAYS = 14


@dataclass(frozen=True, slots=True)
class Tick:
    """A first of a month, with its name."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Marker:
    """One event, or several that are too close to be drawn apart: numbers of the list."""

    x: float
    label: str
    is_supposed: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A date with the stretch that leads to it.

    The stretch goes from ``start`` to ``end``, ``done`` being the part before the present day;
    ``was`` is where the day was before an hypothesis, None when it has not moved.
    """

    told: Told
    start: float
    end: float
    done: float
    starts: tuple[float, ...]
    was: float | None = None

    @property
    def is_point(self) -> bool:
        """Whether the day is a change of state, and no limit."""
        return self.told.legal.kind is DateKind.STATUS


@dataclass(frozen=True, slots=True)
class Drawing:
    """A line of time. ``today`` is None when the present day is far from everything drawn."""

    first: date
    last: date
    ticks: tuple[Tick, ...]
    today: float | None
    markers: tuple[Marker, ...]
    bars: tuple[Bar, ...]


def drawing_of(timeline: Timeline, before: Timeline | None = None) -> Drawing | None:
    """The drawing of a timeline, None without a known date.

    With ``before`` only what differs from it is drawn.
    """
    told = [each for each in timeline.dates if each.day is not None]
    was = {each.legal.name: each.day for each in before.dates} if before else {}
    if before is not None:
        told = [each for each in told if was.get(each.legal.name) != each.day]
    if not told:
        return None
    line = _line(told, timeline.events, timeline.reading.today, was.values())
    bars = tuple(_bar(line, each, was.get(each.legal.name)) for each in told)
    markers = _markers(line, timeline.events)
    today = line.x(timeline.reading.today) if line.today_shows else None
    return Drawing(line.first, line.last, tuple(line.ticks()), today, markers, bars)


@dataclass(frozen=True, slots=True)
class _Line:
    first: date
    last: date
    today: date
    today_shows: bool

    def x(self, day: date) -> float:
        span = (self.last - self.first).days
        return round(100 * (day - self.first).days / span, 2)

    def ticks(self) -> Iterable[Tick]:
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        step = next((each for each in _STEPS if months / each <= _TICKS), _STEPS[-1])
        day = _month_after(self.first, 1)
        while day < self.last:
            if (day.year * 12 + day.month - 1) % step == 0:
                yield Tick(self.x(day), _tick_label(day, step))
            day = _month_after(day, 1)


def _line(
    told: Sequence[Told],
    events: Sequence[Happened],
    today: date,
    others: Iterable[date | None],
) -> _Line:
    days = [day for day in (*(each.day for each in told), *others) if day is not None]
    days += [day for each in told for _, day in each.inputs]
    days += [event.day for event in events]
    first, last = min(days), max(days)
    span = max((last - first).days, _LEAST_DAYS)
    shows = first <= today <= last + timedelta(days=round(span * _FAR))
    last = max(last, first + timedelta(days=_LEAST_DAYS), today if shows else first)
    margin = timedelta(days=max(round(span * _MARGIN), 1))
    return _Line(first - margin, last + margin, today, shows)


def _bar(line: _Line, told: Told, was: date | None) -> Bar:
    assert told.day is not None  # noqa: S101 - only known days are drawn
    before = sorted({day for _, day in told.inputs if day <= told.day})
    start = before[0] if before else told.day
    end = line.x(told.day)
    done = line.x(max(start, min(line.today, told.day)))
    moved = line.x(was) if was is not None and was != told.day else None
    return Bar(told, line.x(start), end, done, tuple(map(line.x, before)), moved)


def _markers(line: _Line, events: Sequence[Happened]) -> tuple[Marker, ...]:
    groups: list[list[Happened]] = []
    for event in sorted(events, key=lambda each: (each.day, each.number)):
        if groups and line.x(event.day) - line.x(groups[-1][0].day) < _CLOSE:
            groups[-1].append(event)
        else:
            groups.append([event])
    return tuple(
        Marker(line.x(group[0].day), _numbers(group), all(event.is_supposed for event in group))
        for group in groups
    )


def _numbers(group: Sequence[Happened]) -> str:
    numbers = sorted(event.number for event in group)
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"


def _month_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _tick_label(day: date, step: int) -> str:
    return str(day.year) if step >= 12 else f"{_MONTHS[day.month - 1]} {day.year}"
