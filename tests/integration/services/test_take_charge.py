"""Taking charge of what waits for a person: one at a time, and the history stays."""

from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.bench import Bench
from transmission.domain.desks import Charge, Subject, WorkItem
from transmission.domain.errors import ConflictError, RefusedError
from transmission.domain.people import Person
from transmission.domain.transmission import Author
from transmission.services.take_charge import confide, give_back, set_aside, take
from transmission.store.tables_work import work_item_owner, work_item_set_aside

ANNE, PAUL = Person(1, "Anne", ()), Person(2, "Paul", ())
BY_ANNE, BY_PAUL = Author("Anne"), Author("Paul")


@pytest.fixture
def item(bench: Bench) -> WorkItem:
    return WorkItem(Subject.LETTER, 12, bench.authority_id)


def _rows(bench: Bench) -> list[Any]:
    with bench.engine.connect() as connection:
        return list(connection.execute(select(work_item_owner).order_by(work_item_owner.c.id)))


def test_an_item_is_taken_once_and_stays_taken(bench: Bench, item: WorkItem) -> None:
    first = take(bench.tools, item, ANNE, BY_ANNE)
    assert take(bench.tools, item, ANNE, BY_ANNE) == first
    assert first == Charge(first.id, 1, "Anne", bench.clock.now())
    with pytest.raises(ConflictError, match="Anne s'en charge déjà"):
        take(bench.tools, item, PAUL, BY_PAUL)
    assert len(_rows(bench)) == 1


def test_an_item_given_back_may_be_taken_by_another_and_both_are_kept(
    bench: Bench, item: WorkItem
) -> None:
    take(bench.tools, item, ANNE, BY_ANNE)
    give_back(bench.tools, item, BY_PAUL)
    give_back(bench.tools, item, BY_PAUL)
    take(bench.tools, item, PAUL, BY_PAUL)
    first, second = _rows(bench)
    assert (first.person_name, first.given_back_by) == ("Anne", "Paul")
    assert (second.person_name, second.given_back_at) == ("Paul", None)


def test_an_item_is_handed_to_a_colleague_whoever_had_it(bench: Bench, item: WorkItem) -> None:
    confide(bench.tools, item, PAUL, BY_ANNE)
    assert confide(bench.tools, item, PAUL, BY_ANNE).name == "Paul"
    confide(bench.tools, item, ANNE, BY_PAUL)
    first, second = _rows(bench)
    assert (first.taken_by, first.given_back_by) == ("Anne", "Paul")
    assert (second.person_name, second.taken_by) == ("Anne", "Paul")


def test_items_of_two_kinds_with_one_number_are_two(bench: Bench, item: WorkItem) -> None:
    take(bench.tools, item, ANNE, BY_ANNE)
    other = WorkItem(Subject.RETOUR, item.id, item.collectivite_id)
    assert take(bench.tools, other, PAUL, BY_PAUL).name == "Paul"


def test_of_two_who_take_at_once_one_has_it(bench: Bench, item: WorkItem) -> None:
    together, told = Barrier(2), []

    def attempt(person: Person) -> None:
        together.wait()
        try:
            told.append(take(bench.tools, item, person, Author(person.name)).name)
        except ConflictError:
            told.append("")

    threads = [Thread(target=attempt, args=(person,)) for person in (ANNE, PAUL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (row,) = _rows(bench)
    assert sorted(told) == sorted(["", row.person_name])


def test_what_is_set_aside_bears_who_and_why_and_belongs_to_nobody(
    bench: Bench, item: WorkItem
) -> None:
    take(bench.tools, item, ANNE, BY_ANNE)
    with pytest.raises(RefusedError):
        set_aside(bench.tools, item, BY_ANNE)
    assert _rows(bench)[0].given_back_at is None
    set_aside(bench.tools, item, Author("Anne", "Doublon"))
    set_aside(bench.tools, item, Author("Paul", "Encore"))
    with bench.engine.connect() as connection:
        (row,) = connection.execute(select(work_item_set_aside)).all()
    assert (row.author, row.reason) == ("Anne", "Doublon")
    assert _rows(bench)[0].given_back_by == "Anne"
