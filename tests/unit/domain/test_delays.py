from datetime import date, timedelta
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.delays import BINS, LONG, MONTHS_MAX, Delays, Period, PeriodError

TODAY = date(2026, 11, 23)
COUNTED = st.dictionaries(st.integers(0, 5000), st.integers(1, 400), max_size=60)
MONTHS = st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(lambda day: day.replace(day=1))


def listed(counted: dict[int, int]) -> list[int]:
    """Every delay, one by one, in order."""
    return sorted(days for days, acts in counted.items() for _ in range(acts))


def test_bins_follow_each_other_and_hold_every_delay_once() -> None:
    assert [(one.first, one.last) for one in BINS] == [
        *((0, 0), (1, 1), (2, 3), (4, 7), (8, 15), (16, 30), (31, None)),
    ]
    assert all(before.last is not None for before in BINS[:-1])
    assert all(after.first == (before.last or 0) + 1 for before, after in pairwise(BINS))


@given(st.integers(0, 100_000))
def test_a_delay_is_in_one_bin(days: int) -> None:
    assert [one.holds(days) for one in BINS].count(True) == 1


def test_bins_are_named_in_words_and_in_figures() -> None:
    assert [one.label for one in BINS] == [
        *("le jour même", "1 jour", "2 à 3 jours", "4 à 7 jours"),
        *("8 à 15 jours", "16 à 30 jours", "31 jours et plus"),
    ]
    assert [one.mark for one in BINS] == ["0", "1", "2–3", "4–7", "8–15", "16–30", "31+"]


def test_no_bin_is_on_both_sides_of_the_mark() -> None:
    assert [one.is_long for one in BINS] == [one.first > LONG for one in BINS]
    assert all(one.is_long or (one.last is not None and one.last <= LONG) for one in BINS)


def test_without_an_act_nothing_is_known() -> None:
    none = Delays.of([])
    assert (none.acts, none.median, none.p90, none.longest, none.long) == (0, None, None, None, 0)
    assert none.bins == (0,) * len(BINS)


def test_one_act_is_its_own_median_and_longest() -> None:
    one = Delays.of([(20, 1)])
    assert (one.acts, one.median, one.p90, one.longest, one.long) == (1, 20, 20, 20, 1)
    assert one.bins == (0, 0, 0, 0, 0, 1, 0)


def test_a_long_tail_moves_the_longest_and_not_the_median() -> None:
    spread = Delays.of([(1, 98), (3000, 1), (4000, 1)])
    assert (spread.median, spread.p90, spread.percentile(99), spread.longest) == (1, 1, 3000, 4000)


def test_the_median_of_an_even_number_is_the_delay_of_an_act() -> None:
    assert Delays.of([(2, 1), (9, 1)]).median == 2


def test_what_is_not_received_or_cannot_be_is_counted_apart() -> None:
    found = Delays.of([(None, 4), (-1, 2), (-30, 3), (0, 1)])
    assert found == Delays(counts=((0, 1),), pending=4, impossible=5)


@given(COUNTED)
def test_bins_and_tail_count_every_act_once(counted: dict[int, int]) -> None:
    found = Delays.of(counted.items())
    assert found.acts == sum(found.bins) == len(listed(counted))
    beyond = [acts for one, acts in zip(BINS, found.bins, strict=True) if one.is_long]
    assert found.long == sum(beyond) == sum(days > LONG for days in listed(counted))


@given(COUNTED.filter(bool), st.integers(1, 100))
def test_a_percentile_is_that_of_the_delays_one_by_one(
    counted: dict[int, int], percent: int
) -> None:
    delays = listed(counted)
    expected = delays[ceil(percent * len(delays) / 100) - 1]
    assert Delays.of(counted.items()).percentile(percent) == expected


@given(COUNTED.filter(bool))
def test_percentiles_grow_up_to_the_longest(counted: dict[int, int]) -> None:
    found = Delays.of(counted.items())
    grown = [found.percentile(percent) or 0 for percent in range(1, 101)]
    assert grown == sorted(grown)
    assert grown[-1] == found.longest == max(counted)
    assert (found.median, found.p90) == (grown[49], grown[89])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), unique_by=lambda pair: pair[0]))
def test_the_order_in_which_acts_are_counted_changes_nothing(pairs: list[tuple[int, int]]) -> None:
    assert Delays.of(pairs) == Delays.of(reversed(pairs))


def test_the_usual_period_is_this_month_and_the_twelve_before() -> None:
    usual = Period.usual(TODAY)
    assert usual == Period(date(2025, 11, 1), date(2026, 11, 1))
    assert len(usual.months) == 13
    assert usual.after == date(2026, 12, 1)


def test_a_period_is_read_from_its_two_months() -> None:
    read = Period.read("2026-02", " 2026-04", TODAY)
    assert read.months == (date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1))


def test_an_end_that_is_not_given_is_this_month_and_a_beginning_a_year_before() -> None:
    assert Period.read("2026-09", "", TODAY) == Period(date(2026, 9, 1), date(2026, 11, 1))
    assert Period.read("", "2024-02", TODAY) == Period(date(2023, 2, 1), date(2024, 2, 1))


@pytest.mark.parametrize(
    "text", ["2026", "2026-13", "2026-1", "03/2026", "1926-01", "2026-03-01", "٢٠٢٦-٠٣", "-", "x"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(PeriodError, match="n'est pas un mois"):
        Period.read(text, "", TODAY)
    with pytest.raises(PeriodError, match="n'est pas un mois"):
        Period.read("", text, TODAY)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(PeriodError, match="finit avant de commencer"):
        Period.read("2026-05", "2026-04", TODAY)


def test_a_period_longer_than_a_term_is_refused() -> None:
    assert len(Period.read("2020-01", "2025-12", TODAY).months) == MONTHS_MAX
    with pytest.raises(PeriodError, match="compte 73 mois : demandez-en 72 au plus"):
        Period.read("2020-01", "2026-01", TODAY)


@given(MONTHS, st.integers(0, MONTHS_MAX - 1))
def test_the_months_of_a_period_touch_each_other(first: date, more: int) -> None:
    months = first.year * 12 + first.month - 1 + more
    last = date(months // 12, months % 12 + 1, 1)
    period = Period(first, last)
    assert (period.months[0], period.months[-1]) == (first, last)
    assert len(period.months) == more + 1
    assert all(day.day == 1 for day in period.months)
    assert period.after - timedelta(days=1) >= last
