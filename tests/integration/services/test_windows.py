"""Transmission windows: parcels wait for their hour, and give back what they did not use."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.bench import Bench
from transmission.domain.collectivite import TransmissionWindow
from transmission.domain.lifecycle import State
from transmission.domain.outcomes import Accepted, InDoubt, Unavailable
from transmission.domain.transmission import Author, Transmission
from transmission.services.release import release
from transmission.services.submit import submit
from transmission.services.sweep import sweep
from transmission.store.tables import window_slot

# The scene starts at 10:00 in Paris (09:00 UTC).
MORNING = (8, 12)


def _size(made: Transmission) -> int:
    assert made.parcel is not None
    return made.parcel.archive.size


def _windows(bench: Bench, *windows: tuple[int, int, int]) -> None:
    made = tuple(TransmissionWindow(*window) for window in windows)
    bench.changed(lambda known: replace(known, tdt=replace(known.tdt, windows=made)))


def _spent(bench: Bench) -> list[int]:
    with bench.engine.connect() as connection:
        statement = select(window_slot.c.spent).order_by(window_slot.c.starts_at)
        return list(connection.execute(statement).scalars())


def _submit(bench: Bench, made: Transmission) -> Transmission:
    submit(bench.tools, bench.now_of(made.id))
    return bench.now_of(made.id)


def test_without_a_window_everything_leaves_and_nothing_is_counted(bench: Bench) -> None:
    assert _submit(bench, bench.prepared()).state is State.SUBMITTED
    assert _spent(bench) == []


def test_outside_of_every_window_everything_leaves(bench: Bench) -> None:
    _windows(bench, (13, 18, 1))
    assert _submit(bench, bench.prepared()).state is State.SUBMITTED
    assert _spent(bench) == []


def test_a_parcel_that_fits_leaves_and_its_bytes_are_counted(bench: Bench) -> None:
    made = bench.prepared()
    _windows(bench, (*MORNING, 10 * _size(made)))
    assert _submit(bench, made).state is State.SUBMITTED
    assert _spent(bench) == [_size(made)]


def test_a_parcel_that_no_longer_fits_waits_for_the_next_hour_then_leaves(bench: Bench) -> None:
    first, second = bench.prepared(), bench.prepared()
    _windows(bench, (*MORNING, _size(first) + _size(second)))
    assert _submit(bench, first).state is State.SUBMITTED
    waiting = _submit(bench, second)
    assert (waiting.state, waiting.attempts) == (State.PREPARED, 0)
    assert waiting.waiting_for == "la prochaine fenêtre de transmission"
    assert waiting.next_attempt_at == bench.clock.now().replace(minute=0) + timedelta(hours=1)
    assert bench.tdt.times("submit") == 1
    bench.silence()
    bench.clock.advance(3599)
    sweep(bench.tools)
    assert ("submit", second.id) not in bench.bells()
    bench.clock.advance(1)
    sweep(bench.tools)
    bench.run("submit")
    assert bench.now_of(second.id).state is State.SUBMITTED
    assert _spent(bench) == [_size(first), _size(second)]


def test_a_parcel_larger_than_its_hour_waits_for_the_end_of_the_window(bench: Bench) -> None:
    made = bench.prepared()
    _windows(bench, (*MORNING, _size(made)))
    waiting = _submit(bench, made)
    assert waiting.state is State.PREPARED
    assert waiting.next_attempt_at == bench.clock.now() + timedelta(hours=2)


def test_a_parcel_that_no_window_admits_is_held_and_leaves_once_they_are_widened(
    bench: Bench,
) -> None:
    made = bench.prepared()
    _windows(bench, (0, 24, _size(made)))
    held = _submit(bench, made)
    assert held.state is State.HELD
    assert f"pèse {_size(made)} octets" in str(held.waiting_for)
    assert bench.tdt.times("submit") == 0
    _windows(bench, (0, 24, _size(made) + 1))
    release(bench.tools, made.acte_id, Author("opératrice", "fenêtre élargie"))
    bench.run("submit")
    assert bench.now_of(made.id).state is State.SUBMITTED


@pytest.mark.parametrize(
    ("outcome", "is_given_back"),
    [(Unavailable("fermé"), True), (InDoubt("coupure"), False), (Accepted("1"), False)],
)
def test_bytes_are_given_back_only_when_it_is_certain_that_nothing_left(
    bench: Bench, outcome: Any, *, is_given_back: bool
) -> None:
    made = bench.prepared()
    _windows(bench, (*MORNING, 10 * _size(made)))
    bench.tdt.on_submit = outcome
    _submit(bench, made)
    assert _spent(bench) == [0 if is_given_back else _size(made)]


def test_bytes_are_given_back_to_the_hour_that_they_were_taken_from(bench: Bench) -> None:
    made = bench.prepared()
    _windows(bench, (*MORNING, 10 * _size(made)))

    bench.clock.advance(3599)

    def slow(_: Any) -> Unavailable:
        bench.clock.advance(3600)
        return Unavailable("fermé")

    bench.tdt.on_submit = slow
    _submit(bench, made)
    assert _spent(bench) == [0]


def test_each_authority_has_its_own_allowance(bench: Bench) -> None:
    mine, other = bench.prepared(), bench.prepared(authority_id=bench.second_id)
    _windows(bench, (*MORNING, _size(mine) + 1))
    assert _submit(bench, mine).state is State.SUBMITTED
    assert _submit(bench, other).state is State.SUBMITTED
    assert _spent(bench) == [_size(mine)]
