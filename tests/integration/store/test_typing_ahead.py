"""What begins as somebody types."""

from tests.support.bench import Bench
from transmission.store.typing_ahead import numbers_like, sirens_like


def test_numbers_and_sirens_that_begin_so_are_found(bench: Bench, database_url: str) -> None:
    for _ in range(3):
        bench.acte()
    assert list(numbers_like(database_url, "D2023_0", 2)) == ["D2023_003", "D2023_002"]
    assert list(numbers_like(database_url, "%", 2)) == []
    assert list(sirens_like(database_url, "1234567", 9)) == ["123456782", "123456790"]
