"""The value from which a marché is transmitted, by date (legal clock TR-6)."""

from datetime import date
from decimal import Decimal

_THRESHOLDS = (
    (date(2016, 1, 1), date(2019, 12, 31), Decimal(209_000)),
    (date(2020, 1, 1), date(2021, 12, 31), Decimal(214_000)),
    (date(2022, 1, 1), date(2023, 12, 31), Decimal(215_000)),
    (date(2024, 1, 1), date(2025, 12, 31), Decimal(221_000)),
    (date(2026, 1, 1), date(2027, 12, 31), Decimal(216_000)),
)
_LOWEST = min(euros for _, _, euros in _THRESHOLDS)


def market_threshold(day: date) -> Decimal | None:
    """Euros without tax from which a marché is transmitted on a day; None outside the table.

    Source: CGCT D. 2131-5-1 and the notices on the European thresholds, every two years; TR-6.
    """
    return next((euros for start, end, euros in _THRESHOLDS if start <= day <= end), None)


def reaches_threshold(montant_ht: Decimal, day: date | None) -> bool | None:
    """Whether an amount in euros without tax reaches the threshold of a day; None if not known.

    Without a day, only an amount under every threshold of the table has an answer.
    """
    if day is None:
        return False if montant_ht < _LOWEST else None
    threshold = market_threshold(day)
    return None if threshold is None else montant_ht >= threshold
