"""The counter of a number is found where there is one, and nothing is said missing by guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.legal.series import Serial, gaps, in_series, serial_of

YEAR = 2026


@pytest.mark.parametrize(
    ("numero", "prefix", "counter", "suffix", "bis"),
    [
        ("2026_001", "2026_", "001", "", ""),
        ("D20260001", "D2026", "0001", "", ""),
        ("2026-12-03", "2026-12-", "03", "", ""),
        ("2025_114", "2025_", "114", "", ""),
        ("12_2026", "", "12", "_2026", ""),
        ("001_DE_2026", "", "001", "_DE_2026", ""),
        ("ARR26012", "ARR", "26012", "", ""),
        ("7", "", "7", "", ""),
        ("2026_012B", "2026_", "012", "", "B"),
        ("2026_012_BIS", "2026_", "012", "", "_BIS"),
        ("012DE", "", "012", "DE", ""),
        ("d2026_9", "D2026_", "9", "", ""),
        ("2019_044", "2019_", "044", "", ""),
    ],
)
def test_a_number_is_cut_at_its_counter(
    numero: str, prefix: str, counter: str, suffix: str, bis: str
) -> None:
    assert serial_of(numero, YEAR) == Serial(numero, prefix, counter, suffix, bis)


@pytest.mark.parametrize("numero", ["D2026", "2026", "VOEU", "", "___", "2025_2026", "A1B2C3_X_Y"])
def test_a_number_without_counter_is_left_alone(numero: str) -> None:
    assert serial_of(numero, YEAR) is None


def test_four_digits_far_from_the_year_are_a_counter() -> None:
    assert serial_of("D1789", YEAR) == Serial("D1789", "D", "1789")


@given(st.text(max_size=30), st.integers(2000, 2100))
def test_any_text_is_read_or_left_alone(numero: str, year: int) -> None:
    serial = serial_of(numero, year)
    if serial is not None:
        written = serial.prefix + serial.counter + serial.bis + serial.suffix
        assert written == numero.strip().upper()
        assert serial.rank >= 0


def test_what_misses_is_written_like_its_neighbour_and_told_with_the_next() -> None:
    (serials,) = in_series(["2026_008", "2026_011", "2026_012"], YEAR).values()
    found = gaps(serials, jump=10)
    assert [each.numero for each in found] == ["2026_009", "2026_010"]
    assert {each.before.numero for each in found} == {"2026_008"}
    assert {each.after.numero for each in found} == {"2026_011"}


def test_nothing_is_known_before_the_first_nor_after_the_last() -> None:
    (serials,) = in_series(["2026_014", "2026_015"], YEAR).values()
    assert gaps(serials, jump=10) == ()


@pytest.mark.parametrize(("last", "count"), [(10, 8), (11, 9), (12, 0)])
def test_a_long_run_of_missing_numbers_is_a_jump(last: int, count: int) -> None:
    (serials,) = in_series(["D1", f"D{last}"], YEAR).values()
    assert len(gaps(serials, jump=10)) == count


def test_a_number_with_a_second_letter_holds_its_place() -> None:
    (serials,) = in_series(["2026_001", "2026_002A", "2026_002B", "2026_003"], YEAR).values()
    assert gaps(serials, jump=10) == ()


def test_a_fixed_end_is_no_part_of_the_counter() -> None:
    numeros = ["D20260009710", "D20260009810", "D20260010010"]
    (serials,) = in_series(numeros, YEAR).values()
    assert [each.numero for each in gaps(serials, jump=10)] == ["D20260009910"]


def test_an_end_shared_by_two_numbers_alone_is_not_taken_to_be_fixed() -> None:
    (serials,) = in_series(["2026_11", "2026_21"], YEAR).values()
    assert [each.counter for each in serials] == ["11", "21"]


def test_numbers_of_several_patterns_are_several_series() -> None:
    found = in_series(["2026_1", "ARR2026_1", "VOEU", "2025_1"], YEAR)
    assert set(found) == {"2026_#", "ARR2026_#", "2025_#"}


@given(st.integers(1, 400), st.integers(3, 60), st.integers(4, 6), st.data())
def test_numbers_taken_out_of_a_count_are_the_ones_that_miss(
    first: int, count: int, width: int, data: st.DataObject
) -> None:
    ranks = range(first, first + count)
    inner = st.sets(st.sampled_from(ranks[1:-1]), max_size=9) if count > 2 else st.just(set())
    out = data.draw(inner)
    kept = [f"D2026_{rank:0{width}d}" for rank in ranks if rank not in out]
    (serials,) = in_series(kept, YEAR).values()
    # A count of which one number in ten is left cannot be told from a step of ten.
    if len({each.prefix + each.suffix for each in serials}) == 1 and not serials[0].suffix:
        found = {each.numero for each in gaps(serials, jump=10)}
        assert found == {f"D2026_{rank:0{width}d}" for rank in out}
