"""How periods are counted: the reference's own examples, and what holds for any day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.calendars import is_working_day
from transmission.domain.legal.periods import (
    Carry,
    MonthEnd,
    add_months,
    due_safe,
    franc_days,
    franc_end,
    franc_months,
    plain_days,
    roll,
    tacit_date,
)

FR = Calendrier.NATIONAL
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
_day = date.fromisoformat


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-12", 2, "2026-03-12"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2026-11-30", 2, "2027-01-30"),
        ("2026-10-31", 14, "2027-12-31"),
    ],
)
def test_months_go_from_day_number_to_day_number_or_to_the_month_s_last_day(
    start: str, months: int, end: str
) -> None:
    assert add_months(_day(start), months) == _day(end)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-12", 2, "2026-03-13"),
        ("2018-05-15", 1, "2018-06-18"),
        ("2025-12-31", 2, "2026-03-02"),
    ],
)
def test_neither_the_first_nor_the_last_day_of_a_franc_period_counts(
    start: str, months: int, end: str
) -> None:
    assert franc_months(_day(start), months, FR) == _day(end)


@pytest.mark.parametrize(
    ("rule", "end"),
    [
        (MonthEnd.CLIP_THEN_PLUS_ONE, "2026-04-29"),
        (MonthEnd.DAY_AFTER, "2026-05-04"),
        (MonthEnd.NO_PLUS_ONE, "2026-04-28"),
    ],
)
def test_the_end_of_a_month_is_read_in_three_ways(rule: MonthEnd, end: str) -> None:
    assert franc_months(date(2026, 2, 28), 2, FR, rule) == _day(end)


def test_a_franc_period_in_days_ends_the_day_after_its_last() -> None:
    assert franc_days(date(2026, 4, 13), 15, FR) == date(2026, 4, 29)
    assert franc_days(date(2023, 2, 20), 15, FR) == date(2023, 3, 8)


def test_a_plain_period_in_days_ends_on_its_last() -> None:
    assert plain_days(date(2026, 4, 30), 15) == date(2026, 5, 15)
    assert plain_days(date(2026, 12, 17), 15) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("received", "born"),
    [
        ("2026-03-10", "2026-05-10"),
        ("2026-12-29", "2027-02-28"),
        ("2027-12-30", "2028-02-29"),
        ("2007-06-12", "2007-08-12"),
    ],
)
def test_an_implicit_decision_is_born_even_on_a_sunday(received: str, born: str) -> None:
    assert tacit_date(_day(received)) == _day(born)


@pytest.mark.parametrize(
    ("day", "carried"),
    [
        ("2026-11-01", "2026-11-02"),
        ("2025-12-25", "2025-12-26"),
        ("2027-01-01", "2027-01-04"),
        ("2026-05-15", "2026-05-15"),
    ],
)
def test_a_period_that_ends_on_a_day_off_ends_on_the_next_working_day(
    day: str, carried: str
) -> None:
    assert roll(_day(day), FR) == _day(carried)


@pytest.mark.parametrize(
    ("carry", "shown"),
    [
        (Carry.BACKWARD, "2026-12-31"),
        (Carry.NONE, "2027-01-01"),
        (Carry.FORWARD, "2027-01-04"),
    ],
)
def test_a_duty_that_ends_on_a_day_off_is_shown_as_the_authority_chose(
    carry: Carry, shown: str
) -> None:
    assert due_safe(date(2027, 1, 1), FR, carry) == _day(shown)
    assert due_safe(date(2026, 6, 28), FR) == date(2026, 6, 26)


@given(DAYS, DAYS, st.integers(1, 12), st.sampled_from(MonthEnd), st.sampled_from(Calendrier))
def test_a_later_start_never_ends_a_franc_period_sooner(
    one: date, other: date, months: int, rule: MonthEnd, calendrier: Calendrier
) -> None:
    first, second = sorted((one, other))
    ends = [franc_months(day, months, calendrier, rule) for day in (first, second)]
    assert ends == sorted(ends)
    assert all(is_working_day(end, calendrier) for end in ends)


@given(DAYS, st.integers(1, 12), st.sampled_from(Calendrier))
def test_a_local_calendar_never_ends_a_period_sooner(
    day: date, months: int, calendrier: Calendrier
) -> None:
    assert franc_months(day, months, calendrier) >= franc_months(day, months, FR)


@given(DAYS, st.sampled_from(Calendrier))
def test_the_day_to_show_for_a_duty_is_a_working_day_no_later_than_the_duty(
    due: date, calendrier: Calendrier
) -> None:
    safe = due_safe(due, calendrier)
    assert safe <= due
    assert is_working_day(safe, calendrier)
    assert due - safe < timedelta(days=7)


def test_the_end_of_a_franc_period_is_told_before_it_is_carried() -> None:
    assert franc_end(date(2026, 3, 16), 2) == date(2026, 5, 17)
    assert franc_months(date(2026, 3, 16), 2, FR) == date(2026, 5, 18)
