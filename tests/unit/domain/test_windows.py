"""Windows of transmission, on ordinary days and on those of 23 and 25 hours."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.collectivite import TransmissionWindow
from transmission.domain.windows import Slot, next_chance, slot_of, window_problems

PARIS = ZoneInfo("Europe/Paris")
MORNING = TransmissionWindow(8, 12, 1_000)
AFTERNOON = TransmissionWindow(14, 18, 5_000)
DAY = (MORNING, AFTERNOON)

# Where a French authority may be: one hour of summer time, none, and an offset of half an hour.
ZONES = ("Europe/Paris", "America/Miquelon", "Indian/Reunion", "Pacific/Marquesas")
# Days on which Paris and Miquelon change their clocks, in 2026.
DST_DAYS = (
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 3, 8, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
)


def paris(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=PARIS, fold=fold)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    """Within two days of a change of clocks, most often."""
    around = draw(st.sampled_from((*DST_DAYS, datetime(2026, 6, 15, tzinfo=UTC))))
    return around + timedelta(microseconds=draw(st.integers(-86_400_000_000, 2 * 86_400_000_000)))


@st.composite
def window_sets(draw: st.DrawFn) -> tuple[TransmissionWindow, ...]:
    """Windows that do not overlap; sometimes they cover the whole day."""
    bounds = sorted(draw(st.sets(st.integers(0, 24), min_size=0, max_size=8)))
    if draw(st.booleans()):
        bounds = sorted({0, *bounds, 24})
        pairs = list(pairwise(bounds))
    else:
        pairs = list(zip(bounds[::2], bounds[1::2], strict=False))
    return tuple(TransmissionWindow(*pair, draw(st.integers(1, 1_000))) for pair in pairs)


def test_an_instant_outside_of_every_window_has_no_slot() -> None:
    for hour in (0, 7, 12, 13, 18, 23):
        assert slot_of(DAY, paris(2026, 6, 15, hour, 59), PARIS) is None
    assert slot_of((), paris(2026, 6, 15, 9), PARIS) is None


def test_a_slot_is_the_hour_of_the_civil_day_and_has_the_bytes_of_its_window() -> None:
    assert slot_of(DAY, paris(2026, 6, 15, 9, 59, 59), PARIS) == Slot(utc(2026, 6, 15, 7), 1_000)
    assert slot_of(DAY, paris(2026, 1, 15, 17), PARIS) == Slot(utc(2026, 1, 15, 16), 5_000)


def test_an_instant_said_in_another_zone_is_in_the_same_slot() -> None:
    assert slot_of(DAY, utc(2026, 6, 15, 7, 30), PARIS) == Slot(utc(2026, 6, 15, 7), 1_000)


def test_an_hour_that_comes_twice_makes_two_slots() -> None:
    night = (TransmissionWindow(2, 3, 10),)
    first = slot_of(night, paris(2026, 10, 25, 2, 30), PARIS)
    second = slot_of(night, paris(2026, 10, 25, 2, 30, fold=1), PARIS)
    assert first == Slot(utc(2026, 10, 25, 0), 10)
    assert second == Slot(utc(2026, 10, 25, 1), 10)


def test_hours_of_an_offset_of_half_an_hour_begin_at_thirty() -> None:
    slot = slot_of(DAY, utc(2026, 6, 15, 18, 10), ZoneInfo("Pacific/Marquesas"))
    assert slot == Slot(utc(2026, 6, 15, 17, 30), 1_000)


def test_the_next_chance_is_the_next_slot_that_is_larger_than_the_parcel() -> None:
    now = paris(2026, 6, 15, 9, 20)
    assert next_chance(DAY, now, PARIS, 999) == utc(2026, 6, 15, 8)
    assert next_chance((MORNING,), now, PARIS, 1_000) == utc(2026, 6, 15, 10)
    around = (TransmissionWindow(0, 20, 1_000), TransmissionWindow(20, 24, 2_000))
    assert next_chance(around, now, PARIS, 1_000) == utc(2026, 6, 15, 18)


def test_there_is_no_chance_where_windows_cover_the_day_and_none_is_large_enough() -> None:
    around = (TransmissionWindow(0, 20, 1_000), TransmissionWindow(20, 24, 2_000))
    assert next_chance(around, paris(2026, 6, 15, 9), PARIS, 2_000) is None


def test_outside_of_every_window_the_chance_is_now() -> None:
    now = paris(2026, 6, 15, 13, 5)
    assert next_chance(DAY, now, PARIS, 10**9) == now


def test_a_slot_that_clocks_skip_comes_back_on_the_morrow() -> None:
    night = (
        TransmissionWindow(0, 2, 10),
        TransmissionWindow(2, 3, 1_000),
        TransmissionWindow(3, 24, 10),
    )
    chance = next_chance(night, paris(2026, 3, 28, 2, 30), PARIS, 500)
    assert chance == utc(2026, 3, 30, 0)


@given(window_sets(), instants(), st.sampled_from(ZONES))
def test_a_slot_lasts_one_hour_and_holds_its_instant(
    windows: tuple[TransmissionWindow, ...], now: datetime, name: str
) -> None:
    zone = ZoneInfo(name)
    slot = slot_of(windows, now, zone)
    hour = now.astimezone(zone).hour
    limits = [each.bytes_per_hour for each in windows if each.start_hour <= hour < each.end_hour]
    assert [slot.limit] == limits if slot else limits == []
    if slot is not None:
        assert slot.starts_at.utcoffset() == timedelta(0)
        assert slot.starts_at <= now < slot.starts_at + timedelta(hours=1)
        assert slot_of(windows, slot.starts_at, zone) == slot


@given(window_sets(), instants(), st.sampled_from(ZONES), st.integers(1, 1_100))
def test_the_next_chance_is_the_first_and_can_be_taken(
    windows: tuple[TransmissionWindow, ...], now: datetime, name: str, size: int
) -> None:
    zone = ZoneInfo(name)
    chance = next_chance(windows, now, zone, size)
    current = slot_of(windows, now, zone)
    if current is None:
        assert chance == now
        return
    # Told by looking at every half hour, since Marquesas is half an hour off.
    after = current.starts_at + timedelta(hours=1)
    walked = (after + timedelta(minutes=30 * step) for step in range(2 * 72))
    found = (slot_of(windows, each, zone) for each in walked)
    open_at = [n for n, slot in enumerate(found) if slot is None or slot.limit > size]
    assert chance == (after + timedelta(minutes=30 * open_at[0]) if open_at else None)


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("day", DST_DAYS)
def test_slots_of_a_day_of_any_length_follow_one_another(day: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    whole = (TransmissionWindow(0, 24, 10),)
    midnight = day.replace(tzinfo=zone)
    end = (day + timedelta(days=1)).replace(tzinfo=zone)
    starts = []
    now = midnight.astimezone(UTC)
    while now < end.astimezone(UTC):
        slot = slot_of(whole, now, zone)
        assert slot is not None
        starts.append(slot.starts_at)
        now += timedelta(minutes=10)
    hours = (end.astimezone(UTC) - midnight.astimezone(UTC)) // timedelta(hours=1)
    assert len(set(starts)) == hours
    assert starts == sorted(starts)
    assert [starts.count(each) for each in sorted(set(starts))] == [6] * hours


def test_windows_that_touch_are_well() -> None:
    assert window_problems(()) == []
    assert window_problems((TransmissionWindow(12, 24, 1), TransmissionWindow(0, 12, 1))) == []


@pytest.mark.parametrize("hours", [(22, 6), (8, 8), (-1, 5), (20, 25), (24, 24)])
def test_hours_that_make_no_window_are_told(hours: tuple[int, int]) -> None:
    (problem,) = window_problems((TransmissionWindow(*hours, 1),))
    assert f"de {hours[0]} h à {hours[1]} h" in problem


@pytest.mark.parametrize("size", [0, -5])
def test_a_window_that_lets_nothing_through_is_told(size: int) -> None:
    (problem,) = window_problems((TransmissionWindow(8, 12, size),))
    assert f"{size} octet" in problem


def test_windows_that_overlap_are_told_both() -> None:
    problems = window_problems((AFTERNOON, TransmissionWindow(10, 15, 1), MORNING))
    assert problems == [
        "Les fenêtres de 8 h à 12 h et de 10 h à 15 h se recouvrent.",
        "Les fenêtres de 10 h à 15 h et de 14 h à 18 h se recouvrent.",
    ]


def test_a_window_that_holds_several_is_told_with_each() -> None:
    inside = [TransmissionWindow(0, 24, 1), TransmissionWindow(1, 2, 1)]
    assert len(window_problems([*inside, TransmissionWindow(5, 6, 1)])) == 2
