"""The clock reads again what changed and what time changed: nothing is lost or moved unsaid."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from tests.support.bench import COLLECTIVITE, RECEPTION, Bench
from transmission.domain.identifiers import Siren
from transmission.domain.legal.cases import LegalCase
from transmission.domain.legal.declaration import Declaration
from transmission.domain.legal.entered import Entry
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.sujets import Categorie
from transmission.domain.transmission import Author
from transmission.ports import UnitOfWork
from transmission.services import assess as module
from transmission.services.assess import AssessmentError, assess, ring_assessments
from transmission.services.assessed import Assessed, Moved
from transmission.services.publish import publish
from transmission.services.record_event import Told, record_event, retract_event
from transmission.store.tables import acte, transmission
from transmission.store.tables_legal import legal_reading, legal_stale

CLERK = Author("secrétariat", "vu le registre")
LAST_DAY = date(2023, 5, 10)
"""Of the déféré of an act received on RECEPTION."""


def stale(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(select(legal_stale.c.acte_id)).scalars())


def readings(engine: Engine, acte_id: int, *, current: bool = True) -> list[Any]:
    with engine.connect() as connection:
        statement = select(legal_reading).where(
            legal_reading.c.acte_id == acte_id, legal_reading.c.current == current
        )
        return list(connection.execute(statement.order_by(legal_reading.c.id)))


def states(engine: Engine, acte_id: int) -> dict[str, str]:
    (row,) = readings(engine, acte_id)
    told: dict[str, str] = row.states
    return told


def days(engine: Engine, acte_id: int) -> dict[str, date]:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT name, day FROM legal_date WHERE acte_id = :one"), {"one": acte_id}
        )
        return {row.name: row.day for row in rows}


def set_time(bench: Bench, *instant: int) -> None:
    bench.clock.instant = datetime(*instant, tzinfo=UTC)  # type: ignore[misc,arg-type]


def copied(engine: Engine, count: int) -> None:
    """As many acts more, copied from the first, its sending with it."""
    names = [c.name for c in acte.c if c.name not in ("id", "words", "numero_interne")]
    own = ", ".join(names)
    rest = [c.name for c in transmission.c if c.name not in ("id", "acte_id", "archive_name")]
    with engine.begin() as connection:
        connection.execute(
            text(
                f"INSERT INTO acte (numero_interne, {own}) SELECT 'C' || g, {own} "
                f"FROM acte, generate_series(1, {count}) g WHERE id = 1"
            )
        )
        theirs = ", ".join(f"t.{name}" for name in rest)
        connection.execute(
            text(
                f"INSERT INTO transmission (acte_id, {', '.join(rest)}) "
                f"SELECT a.id, {theirs} FROM acte a, transmission t WHERE a.id > 1 AND t.id = 1"
            )
        )
        connection.execute(
            text(
                "INSERT INTO legal_stale (collectivite_id, acte_id) "
                "SELECT collectivite_id, id FROM acte WHERE id > 1"
            )
        )


class Follow:
    """What follows from readings, noted; ``then`` is done within the transaction."""

    def __init__(self, then: Any = None) -> None:
        self.batches: list[Sequence[Assessed]] = []
        self.then = then

    def __call__(self, unit: UnitOfWork, assessed: Sequence[Assessed], now: datetime) -> None:
        self.batches.append(assessed)
        if self.then is not None:
            then, self.then = self.then, None
            then(unit)

    @property
    def moved(self) -> list[Moved]:
        return [moved for batch in self.batches for each in batch for moved in each.moved]


def test_an_act_that_is_received_is_read_and_its_dates_are_shown(
    bench: Bench, engine: Engine
) -> None:
    acte_id = bench.acknowledged().acte_id
    assert assess(bench.tools, bench.authority_id) == 1
    assert states(engine, acte_id)["controle"] == "en_cours"
    assert days(engine, acte_id)["defere"] == LAST_DAY
    assert stale(engine) == []
    assert assess(bench.tools, bench.authority_id) == 0


def test_each_thing_that_happens_has_its_act_read_again(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acknowledged().acte_id
    assess(bench.tools, bench.authority_id)
    assert "tiers" not in days(engine, acte_id)
    publish(bench.tools, acte_id, RECEPTION, None, CLERK)
    assert stale(engine) == [acte_id]
    assess(bench.tools, bench.authority_id)
    assert "tiers" in days(engine, acte_id)
    assert len(readings(engine, acte_id, current=False)) == 1


def test_what_is_entered_counts_until_it_is_taken_back(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acknowledged().acte_id
    told = Told(kind=EventKind.DEFERE, received=date(2023, 3, 10))
    assess(bench.tools, bench.authority_id)
    number = record_event(bench.tools, acte_id, told, CLERK)
    assess(bench.tools, bench.authority_id)
    assert states(engine, acte_id)["controle"] == "defere"
    retract_event(bench.tools, acte_id, number, CLERK)
    assess(bench.tools, bench.authority_id)
    assert states(engine, acte_id)["controle"] == "en_cours"
    assert [row.states["controle"] for row in readings(engine, acte_id, current=False)] == [
        "en_cours",
        "defere",
    ]


def test_what_is_declared_is_read(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acknowledged().acte_id
    with bench.tools.register() as unit:
        unit.add_legal_facts(
            acte_id, Declaration(categorie=Categorie.DROIT_PRIVE), CLERK, bench.clock.now()
        )
        unit.commit()
    assess(bench.tools, bench.authority_id)
    (row,) = readings(engine, acte_id)
    follow = Follow()
    with bench.tools.register() as unit:
        unit.mark_stale(acte_id)
        unit.commit()
    assess(bench.tools, bench.authority_id, follow)
    ((assessed,),) = follow.batches
    assert assessed.case.acte.stated_categorie is Categorie.DROIT_PRIVE
    assert readings(engine, acte_id) == [row]


def test_an_event_that_comes_while_its_act_is_read_leaves_it_to_be_read(
    bench: Bench, engine: Engine
) -> None:
    acte_id = bench.acknowledged().acte_id
    filed = LegalEvent.at(EventKind.DEFERE, date(2023, 3, 10))

    def meanwhile(_unit: UnitOfWork) -> None:
        with bench.tools.register() as other:
            other.add_legal_event(acte_id, Entry(event=filed), CLERK, bench.clock.now())
            other.commit()

    assert assess(bench.tools, bench.authority_id, Follow(meanwhile)) == 1
    assert states(engine, acte_id)["controle"] == "en_cours"
    assert stale(engine) == [acte_id]
    assert ring_assessments(bench.tools) == 1
    bench.run("assess")
    assert states(engine, acte_id)["controle"] == "defere"
    assert stale(engine) == []


def test_what_is_cut_before_its_end_is_read_again_whole(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acknowledged().acte_id
    marked = stale(engine)

    class CutError(Exception):
        pass

    def cut(_unit: UnitOfWork) -> None:
        raise CutError

    with pytest.raises(CutError):
        assess(bench.tools, bench.authority_id, Follow(cut))
    assert stale(engine) == marked
    assert readings(engine, acte_id) == []
    assert days(engine, acte_id) == {}
    assert assess(bench.tools, bench.authority_id) == 1
    assert len(readings(engine, acte_id)) == 1


def test_a_server_lost_in_the_middle_takes_nothing(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acknowledged().acte_id
    marked = stale(engine)

    def lost(unit: UnitOfWork) -> None:
        connection = unit._connection  # type: ignore[attr-defined]
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Exception, match="terminat"):
        assess(bench.tools, bench.authority_id, Follow(lost))
    assert stale(engine) == marked
    assert assess(bench.tools, bench.authority_id) == 1
    assert len(readings(engine, acte_id)) == 1


def test_what_follows_from_a_reading_is_written_with_it(bench: Bench, engine: Engine) -> None:
    made = bench.acknowledged()

    def note(unit: UnitOfWork) -> None:
        unit.note(made, "checked", CLERK, bench.clock.now())

    assess(bench.tools, bench.authority_id, Follow(note))
    assert "checked" in bench.events(made.id)


def test_the_passing_of_time_alone_has_an_act_read_on_its_day(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acknowledged().acte_id
    bench.run("assess")
    assess(bench.tools, bench.authority_id)
    (row,) = readings(engine, acte_id)
    set_time(bench, 2023, 5, 10, 21, 59)
    while ring_assessments(bench.tools):
        bench.run("assess")
    assert states(engine, acte_id)["controle"] == "en_cours"
    # 11 May in Paris.
    set_time(bench, 2023, 5, 10, 22, 0)
    assert ring_assessments(bench.tools) == 1
    bench.run("assess")
    assert states(engine, acte_id)["controle"] == "expire"
    assert row.id in [old.id for old in readings(engine, acte_id, current=False)]
    assert ring_assessments(bench.tools) == 0


def test_a_day_ends_later_in_cayenne(bench: Bench, engine: Engine) -> None:
    cayenne = replace(COLLECTIVITE, siren=Siren("111111118"), time_zone="America/Cayenne")
    with bench.tools.register() as unit:
        far = unit.add_authority(cayenne, bench.clock.now())
        unit.commit()
    here, there = bench.acknowledged().acte_id, bench.acknowledged(authority_id=far).acte_id
    expired = {}
    for instant in ((2023, 5, 10, 12, 0), (2023, 5, 11, 2, 59), (2023, 5, 11, 3, 0)):
        set_time(bench, *instant)
        while ring_assessments(bench.tools):
            bench.run("assess")
        told = [states(engine, each)["controle"] == "expire" for each in (here, there)]
        expired[instant[2:]] = told
    assert expired == {
        (10, 12, 0): [False, False],
        (11, 2, 59): [True, False],
        (11, 3, 0): [True, True],
    }


def test_an_authority_of_before_the_options_is_read_with_the_defaults(
    bench: Bench, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE collectivite SET settings = settings - 'droit'"))
        settings = connection.execute(text("SELECT settings FROM collectivite")).scalars().first()
    assert settings is not None
    assert not {"droit", "rappels"} & set(settings)
    acte_id = bench.acknowledged().acte_id
    assess(bench.tools, bench.authority_id)
    assert days(engine, acte_id)["defere"] == LAST_DAY


def test_a_thousand_acts_are_read_in_batches(bench: Bench, engine: Engine) -> None:
    bench.acknowledged()
    copied(engine, 999)
    follow = Follow()
    assert assess(bench.tools, bench.authority_id, follow) == 1000
    sizes = [len(batch) for batch in follow.batches]
    assert sum(sizes) == 1000
    assert max(sizes) <= module.BATCH
    assert len(sizes) <= 1000 // module.BATCH + 1
    assert stale(engine) == []
    with engine.connect() as connection:
        counted = "SELECT count(*), count(DISTINCT acte_id) FROM legal_reading WHERE current"
        assert tuple(connection.execute(text(counted)).one()) == (1000, 1000)


def test_a_long_task_leaves_its_place_and_rings_for_the_rest(
    bench: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.acknowledged()
    copied(engine, 29)
    monkeypatch.setattr(module, "BATCH", 10)
    monkeypatch.setattr(module, "TURNS", 2)
    bench.silence()
    assert assess(bench.tools, bench.authority_id) < 30
    assert bench.bells() == [("assess", bench.authority_id)]
    bench.run("assess")
    assert stale(engine) == []
    assert bench.bells() == []


def test_an_act_that_cannot_be_read_keeps_no_other_from_it_and_stays_marked(
    bench: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (bench.acknowledged().acte_id for _ in range(3))
    usual = LegalCase.read

    def read(case: LegalCase, today: date) -> Reading:
        if case.acte_id == second:
            raise ValueError("unheard of")
        return usual(case, today)

    monkeypatch.setattr(LegalCase, "read", read)
    follow = Follow()
    with pytest.raises(AssessmentError, match=f"n° {second}") as raised:
        assess(bench.tools, bench.authority_id, follow)
    assert isinstance(raised.value.__cause__, ValueError)
    assert len(readings(engine, first)) == len(readings(engine, third)) == 1
    assert stale(engine) == [second]
    assert len(follow.batches) == 1
    monkeypatch.undo()
    assert assess(bench.tools, bench.authority_id) == 1
    assert len(readings(engine, second)) == 1


def test_acts_that_can_never_be_read_do_not_ring_for_ever(
    bench: Bench, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.acknowledged()
    copied(engine, 29)

    def read(case: LegalCase, today: date) -> Reading:
        raise ValueError("unheard of")

    monkeypatch.setattr(LegalCase, "read", read)
    monkeypatch.setattr(module, "BATCH", 10)
    monkeypatch.setattr(module, "TURNS", 2)
    bench.silence()
    with pytest.raises(AssessmentError):
        assess(bench.tools, bench.authority_id)
    assert bench.bells() == []
    assert len(set(stale(engine))) == 30


def test_a_day_that_moves_though_nothing_happened_is_told_and_the_old_one_stays(
    bench: Bench, engine: Engine
) -> None:
    acte_id = bench.acknowledged().acte_id
    assess(bench.tools, bench.authority_id)
    before = (
        'UPDATE legal_reading SET rules = 0, dates = \'[{"name": "defere", "rule": "DF-1", '
        '"day": "2023-05-09"}, {"name": "gone", "rule": "DF-2", "day": "2023-04-01"}]\''
    )
    with engine.begin() as connection:
        connection.execute(text(before))
    follow = Follow()
    assert ring_assessments(bench.tools) == 1
    assert assess(bench.tools, bench.authority_id, follow) == 1
    moved = {each.name: each for each in follow.moved}
    assert moved["defere"] == Moved("defere", date(2023, 5, 9), LAST_DAY, "DF-1")
    assert moved["gone"] == Moved("gone", date(2023, 4, 1), None, "DF-2")
    assert moved["retrait"].old is None
    assert days(engine, acte_id)["defere"] == LAST_DAY
    (old,) = readings(engine, acte_id, current=False)
    assert old.dates[0]["day"] == "2023-05-09"
    assert ring_assessments(bench.tools) == 0


def test_a_day_that_moves_because_something_happened_is_no_difference(
    bench: Bench, engine: Engine
) -> None:
    acte_id = bench.acknowledged().acte_id
    assess(bench.tools, bench.authority_id)
    asked = Told(kind=EventKind.DEMANDE_PIECES, received=date(2023, 3, 10))
    record_event(bench.tools, acte_id, asked, CLERK)
    follow = Follow()
    assess(bench.tools, bench.authority_id, follow)
    assert days(engine, acte_id)["defere"] > LAST_DAY
    assert follow.moved == []


def test_rules_that_answer_the_same_are_no_difference(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acknowledged().acte_id
    assess(bench.tools, bench.authority_id)
    with engine.begin() as connection:
        connection.execute(text("UPDATE legal_reading SET rules = 0"))
    follow = Follow()
    assert assess(bench.tools, bench.authority_id, follow) == 1
    assert follow.moved == []
    assert len(readings(engine, acte_id)) == 1
    assert readings(engine, acte_id, current=False) == []
    assert assess(bench.tools, bench.authority_id) == 0


def test_two_readers_do_not_read_together(bench: Bench, engine: Engine) -> None:
    bench.acknowledged()
    marked = stale(engine)
    with bench.tools.register() as unit:
        assert unit.begin_assessment(bench.authority_id) is not None
        assert assess(bench.tools, bench.authority_id) == 0
    assert stale(engine) == marked
    assert assess(bench.tools, bench.authority_id) == 1


def test_only_authorities_with_something_to_read_are_rung_once(bench: Bench) -> None:
    assert ring_assessments(bench.tools) == 0
    bench.acknowledged(authority_id=bench.second_id)
    assert ring_assessments(bench.tools) == 1
    assert bench.bells() == [("assess", bench.second_id)]
    assert ring_assessments(bench.tools) == 0


def test_what_the_register_keeps_is_what_a_page_would_compute(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acknowledged().acte_id
    publish(bench.tools, acte_id, RECEPTION, None, CLERK)
    assess(bench.tools, bench.authority_id)
    with bench.tools.register() as unit:
        (case,) = unit.legal_cases([acte_id])
    reading = case.read(date(2023, 3, 10))
    known = {name.code: reading.day(name) for name in DateName if reading.day(name)}
    assert days(engine, acte_id) == known
