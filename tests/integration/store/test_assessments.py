"""Which acts are to be read again, for whom and when, and what was read: replaced, never lost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from tests.support.bench import COLLECTIVITE, Bench
from transmission.domain.identifiers import Siren
from transmission.domain.legal.dates import Alternative, DateKind, LegalDate, unknown
from transmission.ports import KeptDate, NewReading
from transmission.store.tables_legal import legal_date, legal_reading

AT = datetime(2023, 3, 10, 9, 5, tzinfo=UTC)
TODAY = date(2023, 3, 10)
DEFERE = LegalDate(
    name="defere",
    kind=DateKind.LAST_DAY,
    rule="DF-1",
    day=date(2023, 5, 10),
    explanation="…",
    provisional=True,
    alternative=Alternative(date(2023, 5, 9), "…"),
)
UNKNOWN = unknown("tiers", DateKind.LAST_DAY, "TP-1", "aucune publicité")


def reading(acte_id: int, **changes: Any) -> NewReading:
    fields: dict[str, Any] = {
        "acte_id": acte_id,
        "collectivite_id": 1,
        "at": AT,
        "inputs": "abc",
        "rules": 1,
        "states": {"acte": "transmis"},
        "dates": (DEFERE, UNKNOWN),
        "next_day": date(2023, 5, 11),
    }
    return NewReading(**{**fields, **changes})


def save(bench: Bench, *readings: NewReading) -> None:
    with bench.tools.register() as unit:
        unit.save_readings(readings)
        unit.commit()


def unmark(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM legal_stale"))


def rows(engine: Engine, acte_id: int) -> list[Any]:
    with engine.connect() as connection:
        statement = select(legal_reading).where(legal_reading.c.acte_id == acte_id)
        return list(connection.execute(statement.order_by(legal_reading.c.id)))


def shown(engine: Engine, acte_id: int) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        statement = select(legal_date).where(legal_date.c.acte_id == acte_id)
        found = connection.execute(statement.order_by(legal_date.c.name)).all()
        return [(row.name, row.day, row.kind, row.rule, row.provisional) for row in found]


def test_a_reading_is_kept_with_its_dates_and_those_that_are_known_are_shown(
    bench: Bench, engine: Engine
) -> None:
    acte_id = bench.acte().acte_id
    save(bench, reading(acte_id))
    (row,) = rows(engine, acte_id)
    assert (row.at, row.inputs, row.rules, row.next_day) == (AT, "abc", 1, date(2023, 5, 11))
    assert row.states == {"acte": "transmis"}
    assert row.dates == [
        {
            "name": "defere", "kind": "last_day", "rule": "DF-1", "day": "2023-05-10",
            "provisional": True, "alternative": "2023-05-09",
        },
        {
            "name": "tiers", "kind": "last_day", "rule": "TP-1", "provisional": False,
            "unknown": "aucune publicité",
        },
    ]  # fmt: skip
    assert shown(engine, acte_id) == [("defere", date(2023, 5, 10), "last_day", "DF-1", True)]
    with bench.tools.register() as unit:
        kept = unit.readings_of([acte_id, 99])
    assert list(kept) == [acte_id]
    assert (kept[acte_id].id, kept[acte_id].inputs, kept[acte_id].rules) == (row.id, "abc", 1)
    assert kept[acte_id].dates == (
        KeptDate("defere", date(2023, 5, 10), "DF-1"),
        KeptDate("tiers", None, "TP-1"),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": "def"},
        {"states": {"acte": "executoire"}},
        {"dates": (UNKNOWN,)},
        {"dates": (replace(DEFERE, provisional=False), UNKNOWN)},
    ],
)
def test_a_reading_that_says_something_new_replaces_the_one_before_which_stays(
    bench: Bench, engine: Engine, change: dict[str, Any]
) -> None:
    acte_id, other = bench.acte().acte_id, bench.acte().acte_id
    save(bench, reading(acte_id), reading(other))
    save(bench, reading(acte_id, **change))
    old, new = rows(engine, acte_id)
    assert (old.current, new.current) == (False, True)
    assert old.dates == rows(engine, other)[0].dates
    assert len(rows(engine, other)) == 1
    assert shown(engine, other)


def test_dates_shown_are_those_of_the_reading_that_counts(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acte().acte_id
    save(bench, reading(acte_id))
    known = replace(UNKNOWN, day=date(2023, 5, 12), unknown=None)
    save(bench, reading(acte_id, dates=(known,)))
    assert shown(engine, acte_id) == [("tiers", date(2023, 5, 12), "last_day", "TP-1", False)]
    save(bench, reading(acte_id, dates=()))
    assert shown(engine, acte_id) == []


def test_a_reading_that_says_nothing_new_only_moves_its_next_day_and_its_rules(
    bench: Bench, engine: Engine
) -> None:
    acte_id = bench.acte().acte_id
    save(bench, reading(acte_id))
    save(bench, reading(acte_id, at=AT + timedelta(days=1), next_day=None, rules=2))
    (row,) = rows(engine, acte_id)
    assert (row.at, row.next_day, row.rules, row.current) == (AT, None, 2, True)
    save(bench)


def test_acts_are_claimed_in_the_order_of_their_marks_up_to_a_mark(bench: Bench) -> None:
    first, second, third = (bench.acte().acte_id for _ in range(3))
    with bench.tools.register() as unit:
        newest = unit.begin_assessment(bench.authority_id)
        assert newest == 3
        unit.mark_stale(first)
        unit.commit()
    with bench.tools.register() as unit:
        assert unit.claim_stale(bench.authority_id, 3, 2) == [first, second]
        unit.commit()
    with bench.tools.register() as unit:
        assert unit.claim_stale(bench.authority_id, 3, 2) == [third]
        assert unit.claim_stale(bench.authority_id, 3, 2) == []
        unit.commit()
    with bench.tools.register() as unit:
        assert unit.claim_stale(bench.authority_id, 4, 2) == [first]


def test_no_more_is_claimed_than_asked_for_where_few_marks_were_thought_to_be(
    bench: Bench, engine: Engine
) -> None:
    acte_id = bench.acte().acte_id
    unmark(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE legal_stale"))
        connection.execute(
            text(
                "INSERT INTO legal_stale (collectivite_id, acte_id) "
                "SELECT collectivite_id, id + g FROM acte, generate_series(0, 1999) g"
            )
        )
    with bench.tools.register() as unit:
        claimed = unit.claim_stale(bench.authority_id, 10**6, 200)
    assert claimed == list(range(acte_id, acte_id + 200))


def test_marks_of_one_act_are_one_reading(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    with bench.tools.register() as unit:
        unit.mark_stale(acte_id)
        unit.mark_stale(acte_id)
        newest = unit.begin_assessment(bench.authority_id)
        assert newest is not None
        assert unit.claim_stale(bench.authority_id, newest, 200) == [acte_id]


def test_marks_come_back_with_a_transaction_that_is_undone(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    for _ in range(2):
        with bench.tools.register() as unit:
            assert unit.claim_stale(bench.authority_id, 10**6, 200) == [acte_id]


def test_acts_of_another_authority_are_not_claimed(bench: Bench) -> None:
    bench.acte(authority_id=bench.second_id)
    with bench.tools.register() as unit:
        assert unit.claim_stale(bench.authority_id, 10**6, 200) == []
        assert unit.begin_assessment(bench.authority_id) == 0


def test_one_reader_at_a_time_reads_the_acts_of_an_authority(bench: Bench) -> None:
    with bench.tools.register() as first, bench.tools.register() as second:
        assert first.begin_assessment(bench.authority_id) is not None
        assert second.begin_assessment(bench.authority_id) is None
        assert second.begin_assessment(bench.second_id) is not None
        first.commit()
        assert second.begin_assessment(bench.authority_id) is not None


def test_every_act_of_an_authority_may_be_marked(bench: Bench, engine: Engine) -> None:
    mine = [bench.acte().acte_id for _ in range(3)]
    bench.acte(authority_id=bench.second_id)
    unmark(engine)
    with bench.tools.register() as unit:
        unit.mark_all_stale(bench.authority_id)
        unit.mark_stale(10**6)
        assert unit.claim_stale(bench.authority_id, 10**6, 200) == mine
        assert unit.claim_stale(bench.second_id, 10**6, 200) == []


def test_due_are_the_acts_whose_day_has_come_and_those_read_under_older_rules(
    bench: Bench,
) -> None:
    numbers = [bench.acte().acte_id for _ in range(5)]
    past, now, later, never, old = numbers
    save(
        bench,
        reading(past, next_day=TODAY - timedelta(days=3)),
        reading(now, next_day=TODAY),
        reading(later, next_day=TODAY + timedelta(days=1)),
        reading(never, next_day=None),
        reading(old, next_day=None, rules=0),
    )

    def due(after: int, most: int, owner: int = bench.authority_id) -> list[int]:
        with bench.tools.register() as unit:
            return list(unit.due_readings(owner, TODAY, 1, after, most))

    assert due(0, 200) == [past, now, old]
    assert due(0, 1) == [past]
    assert due(past, 200) == [now, old]
    assert due(0, 200, bench.second_id) == []


def test_a_reading_that_was_replaced_is_due_no_more(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    save(bench, reading(acte_id, next_day=TODAY, rules=0))
    save(bench, reading(acte_id, next_day=None, inputs="def"))
    with bench.tools.register() as unit:
        assert unit.due_readings(bench.authority_id, TODAY, 1, 0, 200) == []


def test_authorities_to_assess_are_those_with_a_mark_a_day_come_or_older_rules(
    bench: Bench, engine: Engine
) -> None:
    def waiting(now: datetime = AT, rules: int = 1) -> list[int]:
        with bench.tools.register() as unit:
            return list(unit.authorities_to_assess(now, rules))

    assert waiting() == []
    acte_id = bench.acte().acte_id
    assert waiting() == [bench.authority_id]
    unmark(engine)
    save(bench, reading(acte_id, next_day=TODAY + timedelta(days=1)))
    assert waiting() == []
    assert waiting(AT + timedelta(days=1)) == [bench.authority_id]
    assert waiting(rules=2) == [bench.authority_id]


def test_the_day_comes_in_cayenne_after_it_came_in_paris(bench: Bench, engine: Engine) -> None:
    cayenne = replace(COLLECTIVITE, siren=Siren("111111118"), time_zone="America/Cayenne")
    with bench.tools.register() as unit:
        far = unit.add_authority(cayenne, AT)
        unit.commit()
    here, there = bench.acte().acte_id, bench.acte(authority_id=far).acte_id
    unmark(engine)
    save(
        bench,
        reading(here, next_day=date(2023, 3, 11)),
        reading(there, next_day=date(2023, 3, 11), collectivite_id=far),
    )
    turns = [
        (datetime(2023, 3, 10, 22, 59, tzinfo=UTC), []),
        (datetime(2023, 3, 10, 23, 0, tzinfo=UTC), [bench.authority_id]),
        (datetime(2023, 3, 11, 2, 59, tzinfo=UTC), [bench.authority_id]),
        (datetime(2023, 3, 11, 3, 0, tzinfo=UTC), [bench.authority_id, far]),
    ]
    for now, expected in turns:
        with bench.tools.register() as unit:
            assert list(unit.authorities_to_assess(now, 1)) == expected
