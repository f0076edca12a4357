"""The arithmetic of the report."""

import math
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of them are, nearest rank; nan for none."""
    if not values:
        return math.nan
    rank = max(1, math.ceil(share * len(values)))
    return sorted(values)[rank - 1]


def per_item_ms(seconds: float, items: int) -> float:
    """Milliseconds for each item; nan when there is none."""
    return 1000 * seconds / items if items else math.nan


def difference(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """What was used between two looks, by name."""
    return {name: value - before.get(name, 0.0) for name, value in after.items()}


def ratio(part: float, whole: float) -> float:
    """``part / whole``; nan when there is nothing to compare with."""
    return part / whole if whole else math.nan


def luhn_siren(rank: int) -> str:
    """The ``rank``-th invented SIREN, valid by its check digit."""
    digits = f"{90_000_000 + rank:08d}"
    # From the right of the whole number, every second digit counts double.
    doubled = (int(d) * (2 if place % 2 else 1) for place, d in enumerate(digits))
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return digits + str(-total % 10)
