"""What waits and since when, on a real register."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, event, text, update

from tests.support.bench import Bench
from transmission.domain.lifecycle import FINAL, State
from transmission.ports import Arrived, Circuit
from transmission.store.queries import FailingTdt, Health, Waiting, read_health
from transmission.store.tables import transmission

URL = "https://tdt.example"


def _health(engine: Engine) -> Health:
    with engine.connect() as connection:
        return read_health(connection)


def test_an_empty_register_waits_for_nothing(bench: Bench) -> None:
    health = _health(bench.engine)
    assert health.waiting == {state: Waiting(0) for state in State if state not in FINAL}
    assert (health.tried, health.failing, health.heartbeats) == (0, (), {})
    assert health.bells == health.unread == health.quarantined == Waiting(0)


def test_each_waiting_state_tells_how_many_and_since_when_whatever_ended(bench: Bench) -> None:
    began = bench.clock.now()
    bench.acte()
    bench.clock.advance(60)
    bench.acte(authority_id=bench.second_id)
    tried = bench.acte()
    bench.acknowledged()
    with bench.engine.begin() as connection:
        connection.execute(
            update(transmission).where(transmission.c.id == tried.id).values(failures=2)
        )
    health = _health(bench.engine)
    assert health.waiting[State.ACCEPTED] == Waiting(3, began)
    assert {state for state, waits in health.waiting.items() if waits.count} == {State.ACCEPTED}
    assert health.tried == 1


def test_bells_tell_since_when_they_wait_by_the_clock_of_the_database(bench: Bench) -> None:
    bench.silence()
    with bench.tools.register() as unit:
        unit.ring("reconcile", 1)
        unit.ring("reconcile", 2)
        unit.commit()
    with bench.engine.connect() as connection:
        theirs = connection.execute(text("SELECT now()")).scalar_one()
    bells = _health(bench.engine).bells
    assert bells.count == 2
    assert bells.oldest_since is not None
    assert abs(theirs - bells.oldest_since) < timedelta(minutes=1)


def test_retours_to_read_and_in_quarantine_tell_since_when(bench: Bench) -> None:
    instant = datetime(2023, 3, 1, tzinfo=UTC)
    with bench.tools.register() as unit:
        for rank in range(2):
            file = bench.tools.documents.put_bytes(f"retour {rank}".encode())
            at = instant + timedelta(hours=rank)
            unit.add_retour(Arrived(bench.authority_id, file, f"inbox:{rank}", at))
        unit.commit()
    assert _health(bench.engine).unread == Waiting(2, instant)
    with bench.engine.begin() as connection:
        connection.execute(
            text("UPDATE retour SET status = 'quarantined' WHERE source = 'inbox:1'")
        )
    health = _health(bench.engine)
    assert health.unread == Waiting(1, instant)
    assert health.quarantined == Waiting(1, instant + timedelta(hours=1))


def test_a_tdt_that_fails_is_told_and_one_that_healed_is_not(bench: Bench) -> None:
    since = bench.clock.now()
    with bench.tools.register() as unit:
        unit.set_circuit(URL, Circuit(4, 0, since, None, "coupure"))
        unit.set_circuit(f"{URL}/autre", Circuit(0, 8, since))
        unit.commit()
    assert _health(bench.engine).failing == (FailingTdt(URL, 4, since, "coupure"),)


def test_a_look_takes_the_same_number_of_statements_however_much_waits(bench: Bench) -> None:
    asked: list[str] = []
    event.listen(
        bench.engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement)
    )
    _health(bench.engine)
    few = len(asked)
    for _ in range(20):
        bench.acte()
    asked.clear()
    _health(bench.engine)
    assert len(asked) == few <= 10
