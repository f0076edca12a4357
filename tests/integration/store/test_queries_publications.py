"""What those who check and those who show read of publications and of their looks."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from tests.support.bench import Bench
from tests.support.scene import AUTHOR
from transmission.domain.publication import Verdict
from transmission.domain.transmission import Author, StoredFile
from transmission.ports.publications import Look, NewCopy
from transmission.services.publish import publish
from transmission.services.unpublish import unpublish
from transmission.store.queries.publications import (
    current_publication,
    faulty_publications,
    looks_at,
    publications_of,
)

FILE = StoredFile("a" * 64, 12)


def published(bench: Bench, *verdicts: Verdict, authority_id: int = 0) -> tuple[int, int]:
    """A publication and the looks at it; ids of the act and of the publication."""
    acte_id = bench.acte(authority_id=authority_id).acte_id
    now = bench.clock.now()
    new = NewCopy(
        acte_id=acte_id,
        collectivite_id=authority_id or bench.authority_id,
        date_mise_en_ligne=date(2023, 3, 9),
        date_minimum=date(2023, 5, 9),
        address="https://example.org/1.pdf",
        file=FILE,
        next_check_at=now,
    )
    with bench.tools.register() as unit:
        copy_id = unit.add_copy(new, "agent", now)
        for rank, verdict in enumerate(verdicts):
            at = now + timedelta(days=rank)
            found = Look(verdict=verdict, at=at, detail=verdict.code, proof={"statut": rank})
            unit.record_look(copy_id, found, at)
        unit.commit()
    return acte_id, copy_id


def faulty(bench: Bench, acte_id: int | None = None) -> dict[int, Verdict]:
    with bench.engine.connect() as connection:
        found = faulty_publications(connection, bench.authority_id, acte_id)
    return {state.copy.id: state.last.verdict for state in found}


def test_what_the_last_look_found_amiss_is_told_and_nothing_else(bench: Bench) -> None:
    good, bad = Verdict.CONFORME, Verdict.CHANGE
    published(bench)
    published(bench, bad, good)
    acte_id, changed = published(bench, good, bad)
    other, silent = published(bench, good, Verdict.INJOIGNABLE)
    published(bench, bad, authority_id=bench.second_id)
    assert faulty(bench) == {changed: bad, silent: Verdict.INJOIGNABLE}
    assert faulty(bench, acte_id) == {changed: bad}
    with bench.engine.connect() as connection:
        (state,) = faulty_publications(connection, bench.authority_id, other)
    assert state.last.proof == {"statut": 1}
    assert (state.last.detail, state.last.tries) == ("injoignable", 0)
    assert state.copy.file == FILE


def test_what_was_withdrawn_is_no_fault_any_more(bench: Bench) -> None:
    _, copy_id = published(bench, Verdict.ABSENT)
    with bench.tools.register() as unit:
        unit.withdraw_copy(copy_id, "erreur", bench.clock.now())
        unit.commit()
    assert faulty(bench) == {}


def test_all_that_was_on_line_of_an_act_is_told_newest_first_with_its_looks(bench: Bench) -> None:
    acte_id, first = published(bench, Verdict.CONFORME, Verdict.ABSENT)
    now = bench.clock.now()
    with bench.tools.register() as unit:
        unit.withdraw_copy(first, "remplacée", now)
        copy = NewCopy(
            acte_id=acte_id,
            collectivite_id=bench.authority_id,
            date_mise_en_ligne=date(2023, 3, 10),
            date_minimum=date(2023, 5, 10),
        )
        second = unit.add_copy(copy, "agent", now)
        unit.commit()
    with bench.engine.connect() as connection:
        newest, oldest = publications_of(connection, acte_id)
        last = looks_at(connection, first, limit=1)
    assert (newest.copy.id, newest.withdrawn_at, newest.looks) == (second, None, ())
    assert (oldest.copy.id, oldest.withdrawn_reason) == (first, "remplacée")
    assert [look.verdict for look in oldest.looks] == [Verdict.ABSENT, Verdict.CONFORME]
    assert last == oldest.looks[:1]


def test_nothing_is_read_without_an_index(bench: Bench) -> None:
    acte_id, _ = published(bench, Verdict.CHANGE)
    plans: list[str] = []
    with bench.engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        execute = connection.execute

        def explained(statement: Any) -> Any:
            compiled = statement.compile(connection.engine)
            plans.extend(
                row[0] for row in connection.exec_driver_sql(f"EXPLAIN {compiled}", compiled.params)
            )
            return execute(statement)

        connection.execute = explained  # type: ignore[method-assign,assignment]
        faulty_publications(connection, bench.authority_id)
        publications_of(connection, acte_id)
    assert plans
    assert not [line for line in plans if "Seq Scan" in line]


def test_what_is_on_line_now_is_told_alone(bench: Bench) -> None:
    acte_id = bench.acknowledged().acte_id
    day, address = date(2023, 3, 9), "https://example.org/7.pdf"
    with bench.engine.connect() as connection:
        assert current_publication(connection, acte_id) is None
    publish(bench.tools, acte_id, day, address, AUTHOR)
    with bench.engine.connect() as connection:
        current = current_publication(connection, acte_id)
    assert current is not None
    assert (current.date_mise_en_ligne, current.address) == (day, address)
    unpublish(bench.tools, acte_id, Author("secrétariat", "erreur"), early=True)
    with bench.engine.connect() as connection:
        assert current_publication(connection, acte_id) is None
