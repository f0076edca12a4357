"""The threshold of marchés, date by date."""

from datetime import date
from decimal import Decimal

import pytest

from transmission.domain.legal.seuil import market_threshold, reaches_threshold


@pytest.mark.parametrize(
    ("day", "euros"),
    [
        (date(2015, 12, 31), None),
        (date(2016, 1, 1), 209_000),
        (date(2019, 12, 31), 209_000),
        (date(2020, 1, 1), 214_000),
        (date(2021, 12, 31), 214_000),
        (date(2022, 1, 1), 215_000),
        (date(2023, 12, 31), 215_000),
        (date(2024, 1, 1), 221_000),
        (date(2025, 12, 31), 221_000),
        (date(2026, 1, 1), 216_000),
        (date(2027, 12, 31), 216_000),
        (date(2028, 1, 1), None),
    ],
)
def test_the_threshold_changes_every_two_years_and_is_not_known_beyond_the_table(
    day: date, euros: int | None
) -> None:
    assert market_threshold(day) == (None if euros is None else Decimal(euros))


@pytest.mark.parametrize(
    ("montant", "day", "answer"),
    [
        ("216000", date(2026, 2, 1), True),
        ("215999.99", date(2026, 2, 1), False),
        ("215999.99", date(2028, 2, 1), None),
        ("208999.99", None, False),
        ("209000", None, None),
    ],
)
def test_an_amount_reaches_the_threshold_from_the_threshold_itself(
    montant: str, day: date | None, answer: bool | None
) -> None:
    assert reaches_threshold(Decimal(montant), day) is answer
