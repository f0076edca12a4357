"""Many acts at once: one that always fails, or one authority with thousands, delays no other."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, inspect, select, text

from tests.support.bench import Bench
from tests.support.bench import bench as open_bench
from transmission.domain.identifiers import NatureActe
from transmission.domain.lifecycle import State
from transmission.domain.transmission import Transmission
from transmission.services import prepare as preparing
from transmission.services import send as sending
from transmission.services.prepare import prepare_together
from transmission.services.send import BATCH, MAX_CLAIMS, send
from transmission.services.sending import Content
from transmission.services.sweep import sweep
from transmission.services.toolbox import Toolbox
from transmission.settings import Settings
from transmission.store.outbox import Lanes, relay_batch
from transmission.store.tables import piece, transmission
from transmission.store.unit_of_work import open_engine
from workers.queues import LANES

CROWD, FEW = 5_000, 3


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    engine = open_engine(database_url)
    made = open_bench(engine, Settings(home=tmp_path, documents_dir=tmp_path / "documents"))
    made.classified()
    yield made
    engine.dispose()


def _crowd(bench: Bench, count: int) -> list[int]:
    """That many acts of the first authority, due now; all but the first are copied from it."""
    model = bench.acte()
    numbers = {"model": model.acte_id, "sent": model.id, "count": count - 1}
    with bench.engine.begin() as connection:
        for statement in (_CROWD, *(_copy(bench.engine, table) for table in _COPIES)):
            connection.execute(text(statement), numbers)
        due = transmission.update().values(next_attempt_at=bench.clock.now())
        made = connection.execute(due.returning(transmission.c.id)).scalars().all()
    bench.silence()
    _ring(bench, bench.authority_id)
    return sorted(made)


_CROWD = """
CREATE TEMPORARY TABLE crowd ON COMMIT DROP AS
SELECT rank, nextval(pg_get_serial_sequence('acte', 'id')) AS new_acte,
       nextval(pg_get_serial_sequence('transmission', 'id')) AS new_sent
FROM generate_series(1, :count) AS rank
"""
_NEW_ID = "nextval(pg_get_serial_sequence('{table}', 'id'))"
# Table → which rows of the model, what differs in their copies; the other columns are the same.
_COPIES = {
    "acte": ("id = :model", {"id": "new_acte", "numero_interne": "'D2024_' || rank"}),
    "piece": ("acte_id = :model", {"id": _NEW_ID, "acte_id": "new_acte"}),
    "transmission": (
        "id = :sent",
        {
            "id": "new_sent",
            "acte_id": "new_acte",
            "id_acte": "replace(id_acte, split_part(id_acte, '-', 4), 'D2024_' || rank)",
        },
    ),
    "journal": (
        "transmission_id = :sent",
        {"id": _NEW_ID, "acte_id": "new_acte", "transmission_id": "new_sent"},
    ),
}


def _copy(engine: Engine, table: str) -> str:
    """The statement that copies a model for everybody in the crowd."""
    rows, changed = _COPIES[table]
    columns = [
        each["name"] for each in inspect(engine).get_columns(table) if "computed" not in each
    ]
    values = [changed.get(name, f"{table}.{name}").format(table=table) for name in columns]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE "
        f"SELECT {', '.join(values)} FROM {table}, crowd WHERE {table}.{rows}"
    )


def _ring(bench: Bench, authority_id: int) -> None:
    with bench.tools.register() as unit:
        unit.ring("send", authority_id)
        unit.commit()


class Broker:
    """A queue of messages, served in order by one worker; ``turns`` are the tasks it ran."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.queue: deque[int] = deque()
        self.turns = 0

    def serve(self) -> bool:
        """Run the next task; whether there was one."""
        now = self.bench.clock.now()
        lanes = Lanes(LANES, now, now - timedelta(seconds=60))
        relay_batch(self.bench.engine, lambda _, subject: self.queue.append(subject), lanes)
        if not self.queue:
            return False
        self.turns += 1
        with suppress(ExceptionGroup):
            send(self.bench.tools, self.queue.popleft())
        return True


def _states(bench: Bench) -> dict[State, int]:
    with bench.engine.connect() as connection:
        columns = transmission.c.state, func.count()
        rows = connection.execute(select(*columns).group_by(transmission.c.state)).all()
    return {State.of(code): number for code, number in rows}


def test_an_authority_with_three_acts_does_not_wait_behind_one_with_five_thousand(
    bench: Bench,
) -> None:
    _crowd(bench, CROWD)
    broker = Broker(bench)
    assert broker.serve()
    few = [bench.acte(authority_id=bench.second_id) for _ in range(FEW)]
    _due(bench, few)
    _ring(bench, bench.second_id)
    while bench.now_of(few[-1].id).state is not State.SUBMITTED:
        assert broker.serve()
    assert broker.turns <= 3
    assert _states(bench)[State.SUBMITTED] <= 2 * BATCH + FEW


def test_among_five_thousand_the_act_whose_legal_limit_is_today_leaves_first(bench: Bench) -> None:
    _crowd(bench, CROWD)
    today = bench.clock.now().date()
    last = bench.acte(nature=NatureActe.INDIVIDUEL, decided=today - timedelta(days=15))
    _due(bench, [last])
    assert Broker(bench).serve()
    assert bench.parcels()[0].stem == last.id_acte.stem(last.message)


@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.chaos)])
@pytest.mark.parametrize("kind", ["fault of ours", "spoilt document"])
def test_one_act_that_always_fails_delays_none_of_the_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, kind: str, count: int
) -> None:
    acts = _crowd(bench, count)
    poison = acts[count // 2]
    if kind == "fault of ours":
        _raises_for(monkeypatch, poison, ZeroDivisionError)
    else:
        _spoil(bench, poison)
    broker = Broker(bench)
    # On a clock that stands still: whoever had to wait for anything would wait for ever.
    while broker.serve():
        pass
    assert _states(bench)[State.SUBMITTED] == count - 1
    assert bench.now_of(poison).state in (State.ACCEPTED, State.HELD)
    assert broker.turns <= count // BATCH + 2


class Killed(BaseException):
    """The process is no more: out of memory, a fault in a library, a limit of time."""


def test_an_act_that_kills_its_worker_each_time_starves_nobody_and_ends_before_a_person(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = _crowd(bench, 30)
    poison = acts[10]
    _raises_for(monkeypatch, poison, Killed)
    broker, deaths = Broker(bench), 0
    while bench.now_of(poison).state is not State.HELD:
        deaths += _served_until_killed(broker)
        bench.clock.advance(61)
        sweep(bench.tools)
        assert deaths <= MAX_CLAIMS
    assert deaths == MAX_CLAIMS
    while broker.serve():
        pass
    assert _states(bench) == {State.SUBMITTED: len(acts) - 1, State.HELD: 1}
    told = bench.now_of(poison)
    assert (told.waiting_for or "").startswith(
        f"Arrêts répétés : le programme qui s'occupait de {told.id_acte} "
    )
    assert bench.events(poison) == ["accepted", "held"]


def test_neighbours_of_an_act_that_killed_its_worker_have_left_before_it_is_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = _crowd(bench, 12)
    poison = acts[0]
    _raises_for(monkeypatch, poison, Killed)
    broker = Broker(bench)
    assert _served_until_killed(broker)
    late = [bench.acte() for _ in range(3)]
    _due(bench, late)
    bench.clock.advance(61)
    sweep(bench.tools)
    assert broker.serve()
    assert [bench.now_of(each.id).state for each in late] == [State.SUBMITTED] * 3
    sweep(bench.tools)
    while _served_until_killed(broker):
        pass
    assert _states(bench) == {State.SUBMITTED: len(acts) - 1 + len(late), State.ACCEPTED: 1}


def _served_until_killed(broker: Broker) -> bool:
    """Whether the worker died of what it did; else all is done."""
    try:
        while broker.serve():
            pass
    except Killed:
        return True
    return False


def _due(bench: Bench, acts: list[Transmission]) -> None:
    with bench.tools.register() as unit:
        unit.due_at([each.id for each in acts], bench.clock.now())
        unit.commit()


def _raises_for(monkeypatch: pytest.MonkeyPatch, poison: int, error: type[BaseException]) -> None:
    def raising(tools: Toolbox, accepted: Sequence[Transmission]) -> list[Content]:
        if poison in [each.id for each in accepted]:
            raise error
        return prepare_together(tools, accepted)

    for module in (sending, preparing):
        monkeypatch.setattr(module, "prepare_together", raising)


def _spoil(bench: Bench, poison: int) -> None:
    """Give one act a document of its own, then alter it on the disk."""
    file = bench.tools.documents.put_bytes(b"%PDF-1.4 unique")
    acte_id = bench.now_of(poison).acte_id
    with bench.engine.begin() as connection:
        change = piece.update().where(piece.c.acte_id == acte_id)
        connection.execute(change.values(sha256=file.sha256, size=file.size))
    stored = bench.tools.documents.path(file)
    stored.chmod(0o600)
    stored.write_bytes(b"%PDF-1.4 autre.")
