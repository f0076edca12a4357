"""The duties of an authority to transmit: until when, and the day to show."""

from dataclasses import replace
from datetime import date

import pytest

from transmission.domain.collectivite import Calendrier
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.budgetaire import budget_vote_limit
from transmission.domain.legal.echeances import (
    Due,
    accounts_due,
    accounts_vote_due,
    budget_due,
    notification_report_due,
    transmission_due,
    transmission_limit,
    year_end,
)
from transmission.domain.legal.periods import Carry
from transmission.domain.legal.settings import PRUDENT

FR = Calendrier.NATIONAL
LIMITED = (NatureActe.INDIVIDUEL, NatureActe.CONTRAT)
_day = date.fromisoformat


@pytest.mark.parametrize("nature", LIMITED)
@pytest.mark.parametrize(
    ("signed", "limit", "safe"),
    [
        ("2026-04-30", "2026-05-15", "2026-05-15"),
        ("2026-07-31", "2026-08-15", "2026-08-14"),
        ("2026-12-17", "2027-01-01", "2026-12-31"),
        ("2028-02-15", "2028-03-01", "2028-03-01"),
    ],
)
def test_an_individual_decision_or_a_contract_is_sent_within_fifteen_days_of_its_signature(
    nature: NatureActe, signed: str, limit: str, safe: str
) -> None:
    rule = "DT-1" if nature is NatureActe.INDIVIDUEL else "DT-2"
    assert transmission_limit(nature, _day(signed)) == _day(limit)
    assert transmission_due(nature, _day(signed), FR, PRUDENT) == Due(rule, _day(limit), _day(safe))


@pytest.mark.parametrize("nature", [each for each in NatureActe if each not in LIMITED])
def test_the_law_sets_no_limit_to_the_sending_of_any_other_act(nature: NatureActe) -> None:
    assert transmission_limit(nature, date(2026, 3, 10)) is None
    assert transmission_due(nature, date(2026, 3, 10), FR, PRUDENT) is None


def test_the_day_to_show_is_as_the_authority_chose() -> None:
    forward = replace(PRUDENT, roll_own_obligations=Carry.FORWARD)
    due = transmission_due(NatureActe.CONTRAT, date(2026, 12, 17), FR, forward)
    assert due == Due("DT-2", date(2027, 1, 1), date(2027, 1, 4))


def test_the_notification_of_a_contract_is_told_within_fifteen_days() -> None:
    due = notification_report_due(date(2026, 2, 10), FR, PRUDENT)
    assert due == Due("DT-2", date(2026, 2, 25), date(2026, 2, 25))


@pytest.mark.parametrize(
    ("year", "renewal", "settled", "day"),
    [
        (2027, False, False, "2027-04-30"),
        (2026, True, False, "2026-05-15"),
        (2027, False, True, "2027-06-16"),
        (2026, True, True, "2026-06-30"),
    ],
)
def test_a_budget_is_sent_fifteen_days_after_the_limit_of_its_vote(
    year: int, renewal: bool, settled: bool, day: str
) -> None:
    limit = budget_vote_limit(year, renewal=renewal, settled_last_year=settled)
    due = budget_due(limit, FR, PRUDENT)
    assert (due.rule, due.day) == ("DT-3", _day(day))


def test_accounts_are_voted_in_june_and_sent_in_july_elections_or_not() -> None:
    assert accounts_vote_due(2025, FR, PRUDENT).day == date(2026, 6, 30)
    assert accounts_due(2025, FR, PRUDENT) == Due("DT-4", date(2026, 7, 15), date(2026, 7, 15))
    assert accounts_due(2026, FR, PRUDENT).day == date(2027, 7, 15)


@pytest.mark.parametrize("year", [2026, 2027])
def test_a_year_ends_in_january(year: int) -> None:
    end = year_end(year, FR, PRUDENT)
    assert end.vote.day == date(year + 1, 1, 21)
    assert end.transmission.day == date(year + 1, 1, 26)
    assert end.payments == date(year + 1, 1, 31)
    assert {end.vote.rule, end.transmission.rule} == {"DT-5"}


def test_a_duty_is_late_the_day_after_and_no_sooner() -> None:
    due = Due("DT-1", date(2026, 5, 15), date(2026, 5, 15))
    assert not due.is_late(None, date(2026, 5, 15))
    assert due.is_late(None, date(2026, 5, 16))
    assert not due.is_late(date(2026, 5, 15), date(2026, 6, 1))
    assert due.is_late(date(2026, 5, 16), date(2026, 6, 1))
