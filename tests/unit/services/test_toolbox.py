"""Waits: the last of a series repeats."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from transmission.services.toolbox import Delays

NOW = datetime(2023, 3, 10, 9, tzinfo=UTC)
DELAYS = Delays(submission_max=300, settle=60, retry=(30, 60), poll=(10, 20, 40), lost_bell=60)


def _seconds(instants: list[datetime]) -> list[float]:
    return [(instant - NOW).total_seconds() for instant in instants]


def test_each_failure_waits_longer_until_the_last_wait_which_repeats() -> None:
    assert _seconds([DELAYS.retry_at(NOW, failures) for failures in range(4)]) == [30, 60, 60, 60]


def test_each_look_waits_longer_until_the_last_wait_which_repeats() -> None:
    assert _seconds([DELAYS.poll_at(NOW, polls) for polls in range(5)]) == [10, 20, 40, 40, 40]


def test_a_bell_is_held_to_be_lost_after_its_own_delay() -> None:
    assert DELAYS.bell_at(NOW) == NOW + timedelta(seconds=60)


@given(
    st.lists(st.floats(0.001, 1e6), min_size=1, max_size=8).map(tuple),
    st.integers(0, 10_000),
)
def test_every_wait_is_one_of_the_series_and_lies_ahead(
    series: tuple[float, ...], rank: int
) -> None:
    delays = replace(DELAYS, retry=series, poll=series)
    for at in (delays.retry_at(NOW, rank), delays.poll_at(NOW, rank)):
        assert at > NOW
        assert at in {NOW + timedelta(seconds=wait) for wait in series}
