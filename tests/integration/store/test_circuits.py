"""What is known of each TdT, and what two workers at once make of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select

from transmission.ports import Circuit
from transmission.store.tables import rung
from transmission.store.unit_of_work import Register

NOW = datetime(2023, 3, 10, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
ONE, OTHER = "https://tdt.invalid", "https://autre.invalid"
OPEN = Circuit(4, 0, NOW, LATER, "connexion refusée")


def _known(engine: Engine, tdt: str = ONE) -> Circuit | None:
    with Register(engine)() as unit:
        return unit.circuit(tdt)


def _write(engine: Engine, known: Circuit, tdt: str = ONE) -> None:
    with Register(engine)() as unit:
        unit.set_circuit(tdt, known)
        unit.commit()


def test_nothing_is_known_of_a_tdt_that_never_failed(engine: Engine) -> None:
    assert _known(engine) is None


def test_what_was_written_is_read_and_replaced_whole(engine: Engine) -> None:
    _write(engine, OPEN)
    assert _known(engine) == OPEN
    _write(engine, Circuit(0, 1, LATER))
    assert _known(engine) == Circuit(0, 1, LATER)


def test_each_tdt_has_its_own(engine: Engine) -> None:
    _write(engine, OPEN)
    _write(engine, Circuit(1, 0, NOW, None, "500"), OTHER)
    assert (_known(engine), _known(engine, OTHER)) == (OPEN, Circuit(1, 0, NOW, None, "500"))


def test_what_is_not_committed_is_not_known(engine: Engine) -> None:
    with Register(engine)() as unit:
        unit.set_circuit(ONE, OPEN)
        unit.lock_circuit(OTHER, NOW)
    assert (_known(engine), _known(engine, OTHER)) == (None, None)


def test_to_lock_tells_what_is_known_and_begins_what_is_not(engine: Engine) -> None:
    _write(engine, OPEN)
    with Register(engine)() as unit:
        assert unit.lock_circuit(ONE, LATER) == OPEN
        assert unit.lock_circuit(OTHER, LATER) == Circuit(0, 0, LATER)
        unit.commit()
    assert _known(engine) == OPEN


def test_many_who_count_at_once_lose_nothing_from_the_very_first(engine: Engine) -> None:
    def count(_: int) -> None:
        with Register(engine)() as unit:
            known = unit.lock_circuit(ONE, NOW)
            unit.set_circuit(ONE, Circuit(known.failures + 1, 0, NOW))
            unit.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(24)))
    assert _known(engine) == Circuit(24, 0, NOW)


def test_to_look_waits_for_nobody(engine: Engine) -> None:
    _write(engine, OPEN)
    with Register(engine)() as holder:
        holder.lock_circuit(ONE, NOW)
        assert _known(engine) == OPEN


def test_answers_to_one_lane_at_once_all_end_and_leave_nothing(engine: Engine) -> None:
    def answer(_: int) -> None:
        with Register(engine)() as unit:
            unit.answer("send", 1)
            unit.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(answer, range(40)))
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(rung)).scalar_one() == 0
