"""Acts that need not be transmitted: the reference's own examples."""

from dataclasses import replace
from datetime import date

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.non_transmissible import Exposure, exposure, provoked
from transmission.domain.legal.settings import PRUDENT

FR = Calendrier.NATIONAL
EXECUTORY = date(2026, 2, 10)


def test_a_timely_request_opens_two_months_from_the_communication() -> None:
    found = exposure(EXECUTORY, date(2026, 4, 8), date(2026, 4, 20), FR)
    assert found == Exposure(date(2026, 4, 13), admissible=True, last_day=date(2026, 6, 22))


def test_a_request_on_the_last_day_is_timely_and_no_later() -> None:
    assert exposure(EXECUTORY, date(2026, 4, 13), None, FR).admissible
    late = exposure(EXECUTORY, date(2026, 4, 14), date(2026, 4, 20), FR)
    assert late == Exposure(date(2026, 4, 13), admissible=False, last_day=None)


def test_without_a_request_the_exposure_ends_with_the_time_to_ask() -> None:
    found = exposure(EXECUTORY, None, None, FR)
    assert found == Exposure(date(2026, 4, 13), admissible=False, last_day=None)


def test_an_act_not_yet_communicated_has_no_last_day() -> None:
    assert exposure(EXECUTORY, date(2026, 4, 8), None, FR).last_day is None


def test_an_injured_person_opens_two_months_from_the_request() -> None:
    assert provoked(date(2026, 3, 20), FR) == date(2026, 5, 21)


def test_the_two_months_are_read_as_those_of_any_defere() -> None:
    plain = replace(PRUDENT, franc_deferre=False)
    assert provoked(date(2026, 3, 20), FR, plain) == date(2026, 5, 20)
    assert exposure(EXECUTORY, None, None, FR, plain).ask_until == date(2026, 4, 10)
