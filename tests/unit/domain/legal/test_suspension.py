"""Requests for suspension: the reference's own examples."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.suspension import (
    automatic_suspension,
    emergency_ruling_expected,
    ruling_expected,
)

FR = Calendrier.NATIONAL
PARIS = ZoneInfo("Europe/Paris")


def test_a_request_within_ten_days_suspends_and_both_ends_are_given() -> None:
    found = automatic_suspension(date(2026, 9, 7), date(2026, 9, 17), FR)
    assert found.automatic
    assert found.last_day == date(2026, 9, 18)
    assert found.resumes_literal == date(2026, 10, 7)
    assert found.resumes_prudent == found.resumes == date(2026, 10, 17)


@pytest.mark.parametrize(("franc", "automatic"), [(True, True), (False, False)])
def test_the_eleventh_day_suspends_on_the_franc_reading_alone(franc: bool, automatic: bool) -> None:
    found = automatic_suspension(date(2026, 9, 7), date(2026, 9, 18), FR, franc=franc)
    assert found.automatic is automatic
    assert found.suspends(date(2026, 9, 18)) is automatic


def test_the_ten_days_are_carried_to_a_working_day() -> None:
    found = automatic_suspension(date(2026, 10, 21), date(2026, 11, 3), FR)
    assert found.last_day == date(2026, 11, 2)
    assert not found.automatic


def test_the_act_is_suspended_from_the_request_to_the_later_end_or_the_ruling() -> None:
    found = automatic_suspension(date(2026, 9, 7), date(2026, 9, 17), FR)
    days = [date(2026, 9, 16), date(2026, 9, 17), date(2026, 10, 16), date(2026, 10, 17)]
    assert [found.suspends(day) for day in days] == [False, True, True, False]
    ruled = date(2026, 9, 25)
    assert found.suspends(date(2026, 9, 24), ruled)
    assert not found.suspends(ruled, ruled)


def test_a_ruling_is_expected_within_a_month() -> None:
    assert ruling_expected(date(2026, 5, 4)) == date(2026, 6, 4)
    assert ruling_expected(date(2026, 8, 31)) == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("filed", "expected"),
    [
        (datetime(2026, 9, 4, 15, tzinfo=PARIS), datetime(2026, 9, 6, 15, tzinfo=PARIS)),
        (datetime(2026, 11, 10, 9, tzinfo=PARIS), datetime(2026, 11, 12, 9, tzinfo=PARIS)),
        # The night of 25 October 2026 has an hour more.
        (datetime(2026, 10, 24, 9, tzinfo=PARIS), datetime(2026, 10, 26, 8, tzinfo=PARIS)),
    ],
)
def test_forty_eight_hours_run_night_and_day(filed: datetime, expected: datetime) -> None:
    found = emergency_ruling_expected(filed)
    assert found == expected
    assert found.tzinfo is PARIS
    assert found.astimezone(UTC) - filed.astimezone(UTC) == timedelta(hours=48)


def test_an_hour_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        emergency_ruling_expected(datetime(2026, 9, 4, 15))  # noqa: DTZ001
