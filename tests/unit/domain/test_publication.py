"""When to look again at what is on line."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.publication import (
    DAILY,
    MARGIN,
    RETRY,
    SELDOM,
    UNREACHABLE_MAX,
    Verdict,
    next_look,
)

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
MINIMUM = date(2026, 5, 10)
LAST_DAILY = MINIMUM + MARGIN


@pytest.mark.parametrize(
    ("today", "wait"),
    [
        (date(2026, 3, 10), DAILY),
        (MINIMUM, DAILY),
        (LAST_DAILY, DAILY),
        (LAST_DAILY + timedelta(days=1), SELDOM),
    ],
)
def test_looks_are_daily_through_the_two_months_and_a_margin_then_seldom(
    today: date, wait: timedelta
) -> None:
    assert next_look(Verdict.CONFORME, 0, NOW, today, MINIMUM) == NOW + wait


def test_silence_is_looked_at_again_sooner_and_less_and_less_so() -> None:
    tries = range(1, UNREACHABLE_MAX)
    waits = [next_look(Verdict.INJOIGNABLE, n, NOW, MINIMUM, MINIMUM) - NOW for n in tries]
    assert tuple(waits) == RETRY
    assert sorted(waits) == waits
    assert waits[0] < timedelta(hours=1)


def test_before_it_counts_as_absent_a_silence_lasts_about_a_day() -> None:
    assert timedelta(hours=18) < sum(RETRY, timedelta()) < timedelta(hours=36)


@given(st.sampled_from(Verdict), st.integers(0, 100), st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_there_is_always_a_next_look_and_never_more_than_a_month_away(
    verdict: Verdict, tries: int, today: date
) -> None:
    assert timedelta() < next_look(verdict, tries, NOW, today, MINIMUM) - NOW <= SELDOM


def test_a_verdict_is_kept_under_its_code_and_no_other_is_read() -> None:
    assert [Verdict.of(each.code) for each in Verdict] == list(Verdict)
    with pytest.raises(ValueError, match="peut-être"):
        Verdict.of("peut-être")
