import math

import pytest

from benchmarks.figures import difference, luhn_siren, per_item_ms, percentile, ratio
from transmission.domain.identifiers import Siren


@pytest.mark.parametrize(("share", "value"), [(0.5, 5), (0.99, 10), (0.0, 1), (1.0, 10)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share) == value


def test_nothing_has_no_percentile_no_mean_and_no_ratio() -> None:
    assert math.isnan(percentile([], 0.5))
    assert math.isnan(per_item_ms(1.0, 0))
    assert math.isnan(ratio(1.0, 0.0))


def test_seconds_are_shared_in_milliseconds() -> None:
    assert per_item_ms(3.0, 1000) == 3.0


def test_a_process_that_has_just_started_counts_from_nothing() -> None:
    used = difference({"worker": 5.0, "mock": 3.0}, {"mock": 1.0})
    assert used == {"worker": 5.0, "mock": 2.0}


def test_invented_sirens_are_valid_and_different() -> None:
    made = [luhn_siren(rank) for rank in range(1, 200)]
    assert [Siren(siren) for siren in made] == made
    assert len(set(made)) == len(made)
