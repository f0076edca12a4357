"""Civil dates written in full."""

from datetime import date

import pytest

from transmission.domain.french_dates import long_date


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 1, 12), "12 janvier 2026"),
        (date(2026, 8, 1), "1er août 2026"),
        (date(2027, 2, 28), "28 février 2027"),
        (date(2026, 12, 31), "31 décembre 2026"),
    ],
)
def test_a_date_is_written_in_full_and_a_first_as_an_ordinal(day: date, written: str) -> None:
    assert long_date(day) == written
