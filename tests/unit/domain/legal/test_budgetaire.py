"""The budgetary control: the reference's own examples."""

from datetime import date

import pytest

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.budgetaire import (
    VoteLimit,
    accounts_referral_from,
    budget_vote_limit,
    crc_opinion_limit,
    first_budget_limit,
    inscription_limit,
    is_excessive,
    new_vote_limit,
    new_vote_sending_limit,
    opinion_limit,
    payment_limit,
    proposals_limit,
    referral_limit,
    settlement_limit,
)
from transmission.domain.legal.defere import control_of
from transmission.domain.legal.settings import PRUDENT

FR = Calendrier.NATIONAL
_day = date.fromisoformat


def test_a_budget_is_voted_in_april_and_the_day_before_by_prudence() -> None:
    assert budget_vote_limit(2027, renewal=False) == VoteLimit(date(2027, 4, 15), date(2027, 4, 14))
    assert budget_vote_limit(2026, renewal=True) == VoteLimit(date(2026, 4, 30), date(2026, 4, 29))


def test_what_the_state_gives_late_gives_fifteen_days_more() -> None:
    late = budget_vote_limit(2027, renewal=False, information=date(2027, 4, 10))
    assert late.last == date(2027, 4, 25)
    early = budget_vote_limit(2027, renewal=False, information=date(2027, 3, 31))
    assert early.last == date(2027, 4, 15)


@pytest.mark.parametrize(
    ("referred", "shown"),
    [
        ("2027-04-20", "2027-05-20"),
        ("2026-09-01", "2026-10-01"),
        ("2026-07-01", "2026-08-03"),
        # 28 February 2027 is a Sunday.
        ("2027-01-31", "2027-03-01"),
    ],
)
def test_the_chamber_has_a_month_to_give_its_opinion(referred: str, shown: str) -> None:
    assert crc_opinion_limit(_day(referred), FR) == _day(shown)


def test_the_prefet_settles_within_twenty_days() -> None:
    assert settlement_limit(date(2027, 5, 20), FR) == date(2027, 6, 9)


def test_an_unbalanced_budget_goes_through_five_periods() -> None:
    assert referral_limit(date(2026, 4, 30), FR) == date(2026, 6, 1)
    assert proposals_limit(date(2027, 5, 10), FR) == date(2027, 6, 9)
    assert new_vote_limit(date(2027, 6, 7)) == date(2027, 7, 7)
    assert new_vote_sending_limit(date(2027, 7, 5)) == date(2027, 7, 13)
    assert opinion_limit(date(2027, 7, 8), FR) == date(2027, 7, 23)


@pytest.mark.parametrize(
    ("notice", "month", "two"),
    [("2026-03-02", "2026-04-02", "2026-05-02"), ("2026-01-31", "2026-02-28", "2026-03-31")],
)
def test_a_compulsory_expenditure_is_entered_then_paid(notice: str, month: str, two: str) -> None:
    assert inscription_limit(_day(notice)) == _day(month)
    assert payment_limit(_day(notice), large=False) == _day(month)
    assert payment_limit(_day(notice), large=True) == _day(two)


@pytest.mark.parametrize(
    ("deficit", "inhabitants", "found"),
    [(999, 19_999, False), (1000, 19_999, True), (499, 20_000, False), (500, 20_000, True)],
)
def test_too_much_of_a_deficit_depends_on_the_population(
    deficit: int, inhabitants: int, found: bool
) -> None:
    assert is_excessive(deficit, 10_000, commune_under_20_000=inhabitants < 20_000) is found


def test_accounts_not_sent_may_be_referred_the_day_after() -> None:
    assert accounts_referral_from(date(2026, 7, 15)) == date(2026, 7, 16)


def test_a_new_authority_has_three_months_for_its_first_budget() -> None:
    assert first_budget_limit(date(2027, 1, 1)) == date(2027, 4, 1)
    assert first_budget_limit(date(2026, 11, 30)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("received", "referral", "defere"),
    [("2027-04-12", "2027-05-12", "2027-06-14"), ("2026-04-30", "2026-06-01", "2026-07-01")],
)
def test_the_referral_and_the_defere_run_side_by_side(
    received: str, referral: str, defere: str
) -> None:
    assert referral_limit(_day(received), FR) == _day(referral)
    assert control_of(_day(received), (), FR, PRUDENT).last_day == _day(defere)
