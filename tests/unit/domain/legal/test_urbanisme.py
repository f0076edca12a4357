"""Urbanism: the reference's own examples."""

from datetime import date

import pytest

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.urbanisme import (
    PermitAppeals,
    appeal_notification_limit,
    barred_after,
    demolition_from,
    felling_from,
    permit_appeals,
    plan_executory,
    scot_executory,
    tacit_permit_start,
)

FR = Calendrier.NATIONAL
_day = date.fromisoformat


def test_a_demolition_and_a_felling_wait() -> None:
    assert demolition_from(date(2026, 5, 12)) == date(2026, 5, 27)
    assert felling_from(date(2026, 1, 31)) == date(2026, 2, 28)


def test_a_tacit_permit_is_controlled_from_its_complete_file() -> None:
    assert tacit_permit_start(date(2026, 3, 10), None) is None
    assert tacit_permit_start(date(2026, 3, 10), date(2026, 3, 20)) == date(2026, 3, 20)
    assert tacit_permit_start(date(2026, 3, 10), date(2026, 1, 5)) == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("posted", "last"), [("2026-02-16", "2026-04-17"), ("2026-03-31", "2026-06-01")]
)
def test_third_parties_have_two_months_from_the_posting_on_the_site(posted: str, last: str) -> None:
    assert permit_appeals(_day(posted), _day(posted), (), FR).last_day == _day(last)


@pytest.mark.parametrize(
    ("decided", "found"),
    [
        ("2025-11-27", PermitAppeals(None, date(2026, 7, 13))),
        ("2025-11-28", PermitAppeals(date(2026, 3, 17), date(2026, 4, 17))),
    ],
)
def test_a_recours_gracieux_extends_nothing_for_a_permit_of_the_reform(
    decided: str, found: PermitAppeals
) -> None:
    gracieux = LegalEvent.at(EventKind.RECOURS_GRACIEUX, date(2026, 3, 10))
    assert permit_appeals(_day(decided), date(2026, 2, 16), (gracieux,), FR) == found


def test_an_appeal_is_notified_within_fifteen_franc_days() -> None:
    assert appeal_notification_limit(date(2026, 4, 13), FR) == date(2026, 4, 29)


def test_without_posting_the_end_of_the_works_bars_in_six_months() -> None:
    assert barred_after(date(2026, 1, 12), FR) == date(2026, 7, 13)


@pytest.mark.parametrize(
    ("covered", "received", "gpu", "plus_one", "day"),
    [
        (False, "2026-03-05", "2026-03-09", True, "2026-04-06"),
        (False, "2026-03-05", "2026-03-09", False, "2026-04-05"),
        (False, "2026-01-30", "2026-02-10", True, "2026-03-01"),
        (False, "2026-03-05", "2026-04-20", True, "2026-04-20"),
        (True, "2026-03-05", "2026-03-09", True, "2026-03-09"),
        (True, "2026-03-15", "2026-03-09", True, "2026-03-15"),
    ],
)
def test_a_plan_has_force_at_once_under_a_scot_else_a_month_later(
    covered: bool, received: str, gpu: str, plus_one: bool, day: str
) -> None:
    found = plan_executory(_day(received), _day(gpu), covered=covered, plus_one=plus_one)
    assert found == _day(day)


def test_a_scot_has_force_two_months_later() -> None:
    received, gpu = date(2026, 3, 5), date(2026, 3, 9)
    assert scot_executory(received, gpu) == date(2026, 5, 6)
    assert scot_executory(received, gpu, plus_one=False) == date(2026, 5, 5)
    assert scot_executory(received, date(2026, 6, 1)) == date(2026, 6, 1)


@pytest.mark.parametrize(("received", "gpu"), [(None, date(2026, 3, 9)), (date(2026, 3, 5), None)])
def test_no_plan_has_force_while_a_formality_is_missing(
    received: date | None, gpu: date | None
) -> None:
    assert plan_executory(received, gpu, covered=True) is None
    assert plan_executory(received, gpu, covered=False) is None
    assert scot_executory(received, gpu) is None
