"""An instant is one; the civil day depends on where the authority is."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.clock import SystemClock, civil_day


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        # In winter Paris is at UTC+1.
        ("2023-03-09T22:59:59", "Europe/Paris", date(2023, 3, 9)),
        ("2023-03-09T23:00:00", "Europe/Paris", date(2023, 3, 10)),
        # In summer, at UTC+2.
        ("2023-07-13T21:59:59", "Europe/Paris", date(2023, 7, 13)),
        ("2023-07-13T22:00:00", "Europe/Paris", date(2023, 7, 14)),
        # The night when the clocks go forward begins in winter time and ends in summer time.
        ("2023-03-25T22:59:59", "Europe/Paris", date(2023, 3, 25)),
        ("2023-03-25T23:00:00", "Europe/Paris", date(2023, 3, 26)),
        ("2023-03-26T21:59:59", "Europe/Paris", date(2023, 3, 26)),
        ("2023-03-26T22:00:00", "Europe/Paris", date(2023, 3, 27)),
        # The night when they go back: twenty-five hours between two midnights.
        ("2023-10-28T22:00:00", "Europe/Paris", date(2023, 10, 29)),
        ("2023-10-29T22:59:59", "Europe/Paris", date(2023, 10, 29)),
        ("2023-10-29T23:00:00", "Europe/Paris", date(2023, 10, 30)),
        # Overseas there is no summer time.
        ("2023-03-10T02:59:59", "America/Cayenne", date(2023, 3, 9)),
        ("2023-03-10T03:00:00", "America/Cayenne", date(2023, 3, 10)),
        ("2023-07-10T02:59:59", "America/Cayenne", date(2023, 7, 9)),
        ("2023-03-09T19:59:59", "Indian/Reunion", date(2023, 3, 9)),
        ("2023-03-09T20:00:00", "Indian/Reunion", date(2023, 3, 10)),
        ("2023-12-31T20:00:00", "Indian/Reunion", date(2024, 1, 1)),
    ],
)
def test_the_civil_day_changes_at_midnight_where_the_authority_is(
    instant: str, zone: str, day: date
) -> None:
    assert civil_day(at(instant), zone) == day


def test_at_one_instant_cayenne_paris_and_la_reunion_may_live_on_two_days() -> None:
    evening = at("2023-03-09T21:00:00")
    assert civil_day(evening, "America/Cayenne") == date(2023, 3, 9)
    assert civil_day(evening, "Europe/Paris") == date(2023, 3, 9)
    assert civil_day(evening, "Indian/Reunion") == date(2023, 3, 10)


@given(
    st.integers(0, 4_000_000_000),
    st.sampled_from(["Europe/Paris", "America/Cayenne", "Indian/Reunion", "Pacific/Noumea"]),
    st.integers(-14, 14),
)
def test_the_zone_in_which_an_instant_is_written_changes_nothing(
    seconds: int, zone: str, hours: int
) -> None:
    instant = datetime.fromtimestamp(seconds, UTC)
    elsewhere = instant.astimezone(timezone(timedelta(hours=hours)))
    assert civil_day(elsewhere, zone) == civil_day(instant, zone)


def test_the_machines_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
