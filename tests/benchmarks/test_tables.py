import math

import pytest

from benchmarks.tables import Cell, shown, table


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, "–"),
        (math.nan, "–"),
        ("5 MB", "5 MB"),
        (2000, "2,000"),
        (1234.56, "1,235"),
        (12.345, "12.3"),
        (0.1234, "0.12"),
        (0, "0"),
    ],
)
def test_a_cell_shows_the_figures_that_mean_something(cell: Cell, text: str) -> None:
    assert shown(cell) == text


def test_a_table_puts_numbers_on_the_right() -> None:
    assert table(["load", "acts"], [["standard", 2000]]).splitlines() == [
        "| load | acts |",
        "| --- | ---: |",
        "| standard | 2,000 |",
    ]
