"""Findings in the register: one open row for each (check, key), and none is ever lost."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.support.bench import RECEPTION, Bench
from tests.support.scene import START
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Author
from transmission.ports import Step
from transmission.ports.findings import Examined
from transmission.store.findings import GONE, GRAVER
from transmission.store.tables_legal import finding, legal_stale

CLERK = Author("secrétariat", "vu")
LATER = START + timedelta(days=1)
ALL = Examined(frozenset({"a", "b"}))
FOUND = Finding(
    check="a",
    key="k",
    severity=Severity.ATTENTION,
    message="Acte en retard « d'un jour ».",
    remedy="Faites.",
    rule=None,
    article="art.",
    evidence=(("Reçu le", "2 mai 2023"), ("Reçu le", "3 mai 2023")),
)


def save(
    bench: Bench, *found: Finding, examined: Examined = ALL, at: Any = START, owner: int = 0
) -> None:
    with bench.tools.register() as unit:
        unit.save_findings(owner or bench.authority_id, examined, found, at)
        unit.commit()


def rows(bench: Bench, *, still: bool = False) -> Sequence[Any]:
    with bench.engine.connect() as connection:
        statement = select(finding, text("xmin::text AS version")).order_by(finding.c.id)
        if still:
            statement = statement.where(finding.c.closed_at.is_(None))
        return connection.execute(statement).all()


def acknowledged(bench: Bench, number: int, **more: Any) -> None:
    with bench.tools.register() as unit:
        unit.acknowledge_finding(number, CLERK, LATER, **more)
        unit.commit()


def of(acte_id: int, **changes: Any) -> Finding:
    return replace(FOUND, key=f"acte:{acte_id}", acte_id=acte_id, **changes)


def test_a_finding_is_kept_whole(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    save(bench, replace(FOUND, rule="DT-1", acte_id=acte_id))
    (row,) = rows(bench)
    assert (row.code, row.key, row.severity, row.rule) == ("a", "k", "attention", "DT-1")
    assert (row.message, row.remedy, row.article) == (FOUND.message, "Faites.", "art.")
    assert row.evidence == [["Reçu le", "2 mai 2023"], ["Reçu le", "3 mai 2023"]]
    assert (row.collectivite_id, row.acte_id) == (bench.authority_id, acte_id)
    assert (row.opened_at, row.closed_at, row.acknowledged_at) == (START, None, None)
    with bench.tools.register() as unit:
        kept = unit.finding(row.id)
    assert (kept.id, kept.check, kept.severity) == (row.id, "a", Severity.ATTENTION)
    assert (kept.acte_id, kept.message) == (acte_id, FOUND.message)


def test_what_is_found_again_unchanged_is_not_written(bench: Bench) -> None:
    save(bench, FOUND)
    before = rows(bench)
    save(bench, FOUND, at=LATER)
    assert rows(bench) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"message": "Autre."},
        {"remedy": "Autre."},
        {"article": "autre"},
        {"rule": "DT-1"},
        {"evidence": (("Reçu le", "4 mai 2023"),)},
        {"severity": Severity.INFO},
        {"severity": Severity.GRAVE},
    ],
)
def test_what_is_found_again_otherwise_is_the_same_row_brought_up_to_date(
    bench: Bench, changes: dict[str, Any]
) -> None:
    save(bench, FOUND)
    (old,) = rows(bench)
    changed = replace(FOUND, **changes)
    save(bench, changed, at=LATER)
    (new,) = rows(bench)
    assert (new.id, new.opened_at) == (old.id, START)
    assert (new.message, new.remedy, new.rule) == (changed.message, changed.remedy, changed.rule)
    assert (new.article, new.severity) == (changed.article, changed.severity.code)
    assert new.evidence == [list(pair) for pair in changed.evidence]


def test_what_is_not_found_any_more_is_closed_and_stays(bench: Bench) -> None:
    save(bench, FOUND, replace(FOUND, key="other"))
    save(bench, replace(FOUND, key="other"), at=LATER)
    gone, there = rows(bench)
    assert (gone.closed_at, gone.closed_reason) == (LATER, GONE)
    assert there.closed_at is None
    save(bench, at=LATER)
    assert rows(bench)[0] == gone
    assert len(rows(bench)) == 2


def test_a_cause_that_comes_back_opens_a_new_row(bench: Bench) -> None:
    for found in ([FOUND], [], [FOUND], [], [FOUND]):
        save(bench, *found)
    assert [row.closed_at is None for row in rows(bench)] == [False, False, True]


def test_only_what_was_examined_closes(bench: Bench) -> None:
    first, second = bench.acte().acte_id, bench.acte().acte_id
    other = bench.acte(authority_id=bench.second_id).acte_id
    everything = [of(first), of(second), of(first, check="b"), FOUND]
    save(bench, *everything)
    save(bench, of(other), owner=bench.second_id)
    save(bench, examined=Examined(frozenset({"a"}), frozenset({first, other})))
    still = [(row.code, row.acte_id) for row in rows(bench, still=True)]
    assert still == [("a", second), ("a", None), ("b", first), ("a", other)]
    save(bench, examined=Examined(frozenset({"a"})))
    still = [(row.code, row.acte_id) for row in rows(bench, still=True)]
    assert still == [("b", first), ("a", other)]
    save(bench, examined=Examined(frozenset({"a", "b"}), frozenset()))
    assert len(rows(bench, still=True)) == 2


def test_a_finding_of_a_check_that_is_not_examined_opens_and_closes_no_more(bench: Bench) -> None:
    lasting = replace(FOUND, check="lasting")
    save(bench, lasting)
    save(bench)
    assert [row.code for row in rows(bench, still=True)] == ["lasting"]


@pytest.mark.parametrize("severity", [Severity.ATTENTION, Severity.INFO])
def test_what_was_acknowledged_stays_so_unless_it_is_graver(
    bench: Bench, severity: Severity
) -> None:
    save(bench, FOUND)
    acknowledged(bench, rows(bench)[0].id)
    save(bench, replace(FOUND, message="Plus vieux.", severity=severity), at=LATER)
    (row,) = rows(bench)
    assert (row.message, row.severity) == ("Plus vieux.", severity.code)
    assert (row.acknowledged_by, row.acknowledged_reason) == ("secrétariat", "vu")
    assert row.closed_at is None


def test_what_is_graver_than_what_was_acknowledged_opens_anew(bench: Bench) -> None:
    save(bench, FOUND, replace(FOUND, key="other"))
    acknowledged(bench, rows(bench)[0].id)
    graver = replace(FOUND, severity=Severity.GRAVE)
    save(bench, graver, replace(FOUND, key="other"), at=LATER)
    seen, other, new = rows(bench)
    assert (seen.severity, seen.acknowledged_by) == ("attention", "secrétariat")
    assert (seen.closed_at, seen.closed_reason) == (LATER, GRAVER)
    assert other.closed_at is None
    assert (new.severity, new.acknowledged_at, new.opened_at) == ("grave", None, LATER)
    save(bench, graver, replace(FOUND, key="other"), at=LATER)
    assert len(rows(bench)) == 3


def test_what_is_graver_and_was_not_acknowledged_is_the_same_row(bench: Bench) -> None:
    save(bench, FOUND)
    save(bench, replace(FOUND, severity=Severity.GRAVE))
    (row,) = rows(bench)
    assert row.severity == "grave"


def test_two_who_find_the_same_at_once_open_one_row(bench: Bench) -> None:
    found = [replace(FOUND, key=str(rank)) for rank in range(40)]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            orders = (found, found[::-1], found, found[::-1])
            list(pool.map(lambda order: save(bench, *order), orders))
            save(bench)
    assert len(rows(bench)) == 5 * 40
    assert rows(bench, still=True) == []


def test_nothing_is_kept_of_a_transaction_that_is_undone(bench: Bench) -> None:
    save(bench, FOUND)
    with bench.tools.register() as unit:
        unit.save_findings(bench.authority_id, ALL, [replace(FOUND, key="new")], LATER)
    (row,) = rows(bench)
    assert (row.key, row.closed_at) == ("k", None)


def test_a_finding_is_acknowledged_once_while_it_is_open(bench: Bench) -> None:
    save(bench, FOUND, replace(FOUND, key="other"), replace(FOUND, key="third"))
    first, second, third = (row.id for row in rows(bench))
    acknowledged(bench, first)
    with pytest.raises(ConflictError, match="rien n'a changé"):
        acknowledged(bench, first)
    acknowledged(bench, second, closing="Prise d'acte.")
    row = rows(bench)[1]
    assert (row.closed_at, row.closed_reason) == (LATER, "Prise d'acte.")
    save(bench)
    with pytest.raises(ConflictError):
        acknowledged(bench, third)
    assert rows(bench)[2].acknowledged_at is None
    with bench.tools.register() as unit:
        kept = unit.finding(first)
        assert (kept.acknowledged_at, kept.closed_at, kept.closed_reason) == (LATER, START, GONE)
        with pytest.raises(NotFoundError, match="n° 999"):
            unit.finding(999)


def test_acts_that_may_have_left_and_have_no_ar_are_read_again(bench: Bench) -> None:
    silent, doubtful = bench.sent(), bench.in_doubt()
    grave, known = bench.sent(), bench.sent()
    bench.acknowledged()
    bench.acte()
    bench.prepared()
    refused, contradicted = bench.sent(), bench.sent()
    with bench.tools.register() as unit:
        unit.move(refused, Event.ANOMALIE_RECEIVED, SERVICE, START, Step())
        moved = unit.move(contradicted, Event.ANOMALIE_RECEIVED, SERVICE, START, Step())
        held = unit.move(moved, Event.AR_RECEIVED, SERVICE, START, Step(date_reception=RECEPTION))
        unit.commit()
    assert held.state is State.HELD
    for made, severity in ((grave, Severity.GRAVE), (known, Severity.ATTENTION)):
        late = of(made.acte_id, check="accuse_absent", severity=severity)
        save(bench, late, examined=Examined(frozenset()))
    for before, marked in ((START, []), (LATER, [silent, doubtful, known])):
        with bench.engine.begin() as connection:
            connection.execute(legal_stale.delete())
        with bench.tools.register() as unit:
            assert unit.mark_silent(before) == len(marked)
            unit.commit()
        with bench.engine.connect() as connection:
            stale = connection.execute(select(legal_stale.c.acte_id, legal_stale.c.collectivite_id))
            assert [tuple(row) for row in stale] == [
                (made.acte_id, bench.authority_id) for made in marked
            ]
