"""The plain last day of the déféré: golden cases of the reference, and its invariants."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.collectivite import Calendrier
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.calendars import is_working_day
from transmission.domain.legal.deadlines import defere_last_day
from transmission.domain.legal.echeances import transmission_limit
from transmission.domain.legal.periods import add_months

GOLDEN = [
    ("G01", "2026-01-12", "FR", "2026-03-13"),
    ("G02", "2025-12-31", "FR", "2026-03-02"),
    ("G03", "2023-12-31", "FR", "2024-03-01"),
    ("G04", "2023-12-30", "FR", "2024-03-01"),
    ("G05", "2026-02-28", "FR", "2026-04-29"),
    ("G06", "2024-02-29", "FR", "2024-04-30"),
    ("G07", "2026-06-30", "FR", "2026-08-31"),
    ("G08", "2026-08-31", "FR", "2026-11-02"),
    ("G09", "2026-07-31", "FR", "2026-10-01"),
    ("G10", "2026-05-13", "FR", "2026-07-15"),
    ("G11", "2025-06-14", "FR", "2025-08-18"),
    ("G12", "2026-02-05", "FR", "2026-04-07"),
    ("G13", "2026-03-13", "FR", "2026-05-15"),
    ("G14", "2026-03-24", "FR", "2026-05-26"),
    ("G15", "2025-03-07", "FR", "2025-05-09"),
    ("G16", "2026-09-10", "FR", "2026-11-12"),
    ("G17", "2027-08-31", "FR", "2027-11-02"),
    ("G18", "2025-10-24", "FR", "2025-12-26"),
    ("G19", "2025-10-24", "FR-AM", "2025-12-29"),
    ("G20", "2026-10-31", "FR", "2027-01-04"),
    ("G21", "2026-11-30", "FR", "2027-02-01"),
    ("G22", "2027-12-31", "FR", "2028-03-01"),
    ("G23", "2026-02-02", "FR", "2026-04-03"),
    ("G24", "2026-02-02", "FR-AM-T", "2026-04-07"),
    ("G25", "2028-03-21", "FR-972", "2028-05-23"),
    ("G26", "2026-04-09", "FR-973", "2026-06-11"),
    ("G27", "2027-10-19", "FR-974", "2027-12-21"),
]
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
LIMITED = (NatureActe.INDIVIDUEL, NatureActe.CONTRAT)


@pytest.mark.parametrize(
    ("nature", "signed", "limit"),
    [
        (NatureActe.INDIVIDUEL, "2026-04-30", "2026-05-15"),
        # A Saturday and a holiday: our own obligation is carried to no later day (CALC-7).
        (NatureActe.INDIVIDUEL, "2026-07-31", "2026-08-15"),
        (NatureActe.INDIVIDUEL, "2026-12-17", "2027-01-01"),
        (NatureActe.CONTRAT, "2026-12-17", "2027-01-01"),
        (NatureActe.CONTRAT, "2028-02-15", "2028-03-01"),
    ],
)
def test_an_individual_decision_or_a_contract_is_sent_within_fifteen_days_of_its_signature(
    nature: NatureActe, signed: str, limit: str
) -> None:
    assert transmission_limit(nature, date.fromisoformat(signed)) == date.fromisoformat(limit)


@pytest.mark.parametrize("nature", [each for each in NatureActe if each not in LIMITED])
def test_the_law_sets_no_limit_to_the_sending_of_any_other_act(nature: NatureActe) -> None:
    assert transmission_limit(nature, date(2026, 3, 10)) is None


@pytest.mark.parametrize(("case", "recu", "calendrier", "expected"), GOLDEN)
def test_golden_case(case: str, recu: str, calendrier: str, expected: str) -> None:
    deadline = defere_last_day(date.fromisoformat(recu), Calendrier(calendrier))
    assert deadline.last_day.isoformat() == expected, case


@given(DAYS, st.sampled_from(Calendrier))
def test_the_last_day_is_always_a_working_day(recu: date, calendrier: Calendrier) -> None:
    assert is_working_day(defere_last_day(recu, calendrier).last_day, calendrier)


@given(DAYS, st.sampled_from(Calendrier))
def test_a_later_receipt_never_ends_earlier(recu: date, calendrier: Calendrier) -> None:
    later = defere_last_day(recu + timedelta(days=1), calendrier)
    assert later.last_day >= defere_last_day(recu, calendrier).last_day


@given(DAYS, st.sampled_from(Calendrier))
def test_a_local_calendar_never_ends_before_the_national_one(
    recu: date, calendrier: Calendrier
) -> None:
    national = defere_last_day(recu, Calendrier.NATIONAL)
    assert defere_last_day(recu, calendrier).last_day >= national.last_day


@given(DAYS, st.integers(0, 36))
def test_months_are_counted_date_to_date(day: date, months: int) -> None:
    reached = add_months(day, months)
    assert (reached.year - day.year) * 12 + reached.month - day.month == months
    assert reached.day == day.day or (reached + timedelta(days=1)).day == 1


def test_the_explanation_names_the_receipt_the_day_and_the_rule() -> None:
    deadline = defere_last_day(date(2023, 3, 10), Calendrier.NATIONAL)
    assert deadline.rule == "DF-1"
    assert "10/03/2023" in deadline.explanation
    assert "11/05/2023" in deadline.explanation
