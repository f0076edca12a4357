"""Numbers of envelopes: every one once, none lost to a rollback."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from tests.support.bench import Bench
from transmission.store.unit_of_work import Register, open_engine

DAY = date(2023, 3, 10)


def test_fifty_takers_at_once_get_fifty_numbers_without_a_gap(
    bench: Bench, database_url: str
) -> None:
    engine = open_engine(database_url, pool_size=16)
    register = Register(engine)

    def take(_: int) -> int:
        with register() as unit:
            number = unit.next_enveloppe_number(bench.authority_id, DAY)
            unit.commit()
            return number

    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(take, range(50)))
    engine.dispose()
    assert sorted(numbers) == list(range(1, 51))


def test_a_number_is_given_back_by_a_rollback_and_counted_by_day_and_authority(
    bench: Bench,
) -> None:
    with bench.tools.register() as unit:
        assert unit.next_enveloppe_number(bench.authority_id, DAY) == 1
    with bench.tools.register() as unit:
        assert unit.next_enveloppe_number(bench.authority_id, DAY) == 1
        assert unit.next_enveloppe_number(bench.authority_id, DAY) == 2
        assert unit.next_enveloppe_number(bench.authority_id, DAY + timedelta(days=1)) == 1
        assert unit.next_enveloppe_number(bench.second_id, DAY) == 1
        unit.commit()
    with bench.tools.register() as unit:
        assert unit.next_enveloppe_number(bench.authority_id, DAY) == 3
