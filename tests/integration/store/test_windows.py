"""Bytes of a slot: taken while there are some left, never twice, given back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.support.bench import Bench
from transmission.store.tables import window_slot

SLOT = datetime(2023, 3, 10, 8, tzinfo=UTC)


def _spend(bench: Bench, size: int, limit: int, slot: datetime = SLOT, owner: int = 0) -> bool:
    with bench.tools.register() as unit:
        taken = unit.spend(owner or bench.authority_id, slot, size, limit)
        unit.commit()
    return taken


def _spent(bench: Bench) -> list[int]:
    with bench.engine.connect() as connection:
        statement = select(window_slot.c.spent).order_by(
            window_slot.c.collectivite_id, window_slot.c.starts_at
        )
        return list(connection.execute(statement).scalars())


@pytest.mark.parametrize(("size", "fits"), [(99, True), (100, False), (101, False)])
def test_a_parcel_must_leave_something_of_the_slot(bench: Bench, size: int, *, fits: bool) -> None:
    assert _spend(bench, size, 100) is fits
    assert _spent(bench) == [size if fits else 0]


def test_parcels_of_a_slot_add_up_and_the_one_too_many_takes_nothing(bench: Bench) -> None:
    assert [_spend(bench, 40, 100) for _ in range(3)] == [True, True, False]
    assert _spent(bench) == [80]
    assert _spend(bench, 19, 100)


def test_slots_and_authorities_are_counted_apart(bench: Bench) -> None:
    assert _spend(bench, 60, 100)
    assert _spend(bench, 60, 100, SLOT + timedelta(hours=1))
    assert _spend(bench, 60, 100, owner=bench.second_id)
    assert _spent(bench) == [60, 60, 60]


def test_what_is_given_back_may_be_taken_again(bench: Bench) -> None:
    assert _spend(bench, 60, 100)
    with bench.tools.register() as unit:
        unit.give_back(bench.authority_id, SLOT, 60)
        unit.commit()
    assert _spent(bench) == [0]
    assert _spend(bench, 60, 100)


def test_a_rollback_gives_everything_back(bench: Bench) -> None:
    with bench.tools.register() as unit:
        assert unit.spend(bench.authority_id, SLOT, 60, 100)
    assert _spent(bench) == []


def test_many_at_once_never_pass_the_limit(bench: Bench) -> None:
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: _spend(bench, 30, 100), range(8)))
    assert taken.count(True) == 3
    assert _spent(bench) == [90]
