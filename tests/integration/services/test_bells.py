"""What waits is rung for once."""

from tests.support.bench import Bench
from transmission.services.bells import ring_new


def test_what_is_rung_for_already_is_not_rung_again(bench: Bench) -> None:
    with bench.tools.register() as unit:
        unit.ring("classify", 1)
        assert ring_new(unit, [("classify", 1), ("classify", 2), ("inbox", 1)]) == 2
        assert ring_new(unit, [("classify", 2)]) == 0
        assert unit.waiting_bells() >= {("classify", 1), ("classify", 2), ("inbox", 1)}


def test_nothing_to_ring_asks_nothing_of_the_register() -> None:
    assert ring_new(None, []) == 0  # type: ignore[arg-type]
