"""Public holidays, against the law's own list and an independent package."""

from datetime import date

import holidays as oracle
import pytest

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.calendars import easter, holidays, is_working_day


@pytest.mark.parametrize(
    ("year", "monday", "ascension", "whit_monday"),
    [
        (2024, date(2024, 4, 1), date(2024, 5, 9), date(2024, 5, 20)),
        (2025, date(2025, 4, 21), date(2025, 5, 29), date(2025, 6, 9)),
        (2026, date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25)),
        (2027, date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17)),
        (2028, date(2028, 4, 17), date(2028, 5, 25), date(2028, 6, 5)),
    ],
)
def test_movable_feasts_fall_where_the_reference_says(
    year: int, monday: date, ascension: date, whit_monday: date
) -> None:
    assert {monday, ascension, whit_monday} <= holidays(Calendrier.NATIONAL, year)
    assert len(holidays(Calendrier.NATIONAL, year)) == 11


@pytest.mark.parametrize("year", range(2008, 2100))
def test_the_national_list_is_that_of_an_independent_package(year: int) -> None:
    assert holidays(Calendrier.NATIONAL, year) == set(oracle.France(years=year))


@pytest.mark.parametrize("year", range(2008, 2100))
def test_the_alsace_moselle_list_is_that_of_an_independent_package(year: int) -> None:
    expected = set(oracle.France(subdiv="57", years=year))
    assert holidays(Calendrier.ALSACE_MOSELLE_TEMPLE, year) == expected


def test_alsace_moselle_without_a_temple_works_on_good_friday() -> None:
    good_friday = date(2026, 4, 3)
    assert is_working_day(good_friday, Calendrier.ALSACE_MOSELLE)
    assert not is_working_day(good_friday, Calendrier.ALSACE_MOSELLE_TEMPLE)


@pytest.mark.parametrize(
    ("calendrier", "day"),
    [
        (Calendrier.MAYOTTE, date(2026, 4, 27)),
        (Calendrier.MARTINIQUE, date(2026, 5, 22)),
        (Calendrier.GUADELOUPE, date(2026, 5, 27)),
        (Calendrier.GUYANE, date(2026, 6, 10)),
        (Calendrier.REUNION, date(2027, 12, 20)),
        (Calendrier.SAINT_BARTHELEMY, date(2026, 10, 9)),
        (Calendrier.SAINT_MARTIN, date(2026, 5, 28)),
    ],
)
def test_the_abolition_of_slavery_is_kept_overseas_and_there_alone(
    calendrier: Calendrier, day: date
) -> None:
    assert not is_working_day(day, calendrier)
    assert is_working_day(day, Calendrier.NATIONAL)


def test_easter_is_always_a_sunday_of_spring() -> None:
    for year in range(1900, 2200):
        sunday = easter(year)
        assert sunday.weekday() == 6
        assert date(year, 3, 22) <= sunday <= date(year, 4, 25)


def test_a_bridge_between_a_holiday_and_a_weekend_is_a_working_day() -> None:
    assert is_working_day(date(2026, 5, 15), Calendrier.NATIONAL)
