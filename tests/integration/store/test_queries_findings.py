"""Findings as people list them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from tests.support.bench import Bench
from tests.support.scene import SIREN, START
from transmission.domain.legal.findings import Severity
from transmission.store.queries.findings import (
    CLOSED_SHOWN,
    FindingCount,
    FindingCursor,
    WantedFindings,
    finding_counts,
    findings_of_acte,
    open_findings,
)
from transmission.store.tables_legal import finding


def found(bench: Bench, key: str, **columns: Any) -> int:
    values = {
        "collectivite_id": bench.authority_id, "code": "a", "key": key, "severity": "attention",
        "rule": "DT-1", "article": "art.", "message": "m", "remedy": "r",
        "evidence": [["Dû", "2 mai"]], "opened_at": START,
    }  # fmt: skip
    with bench.engine.begin() as connection:
        added = insert(finding).values(values | columns).returning(finding.c.id)
        return int(connection.execute(added).scalar_one())


def listed(bench: Bench, **wanted: Any) -> list[int]:
    with bench.engine.connect() as connection:
        page = open_findings(connection, WantedFindings(**wanted))
        return [line.id for line in page.lines]


def test_a_finding_is_read_whole(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    number = found(bench, "k", acte_id=acte_id, severity="grave")
    with bench.engine.connect() as connection:
        [line] = open_findings(connection).lines
    assert (line.id, line.check, line.key, line.severity) == (number, "a", "k", Severity.GRAVE)
    assert (line.acte_id, line.numero_interne) == (acte_id, "D2023_001")
    assert (line.siren, line.time_zone) == (SIREN, "Europe/Paris")
    assert line.evidence == (("Dû", "2 mai"),)
    assert (line.opened_at, line.acknowledged_at, line.closed_at) == (START, None, None)


def test_a_finding_about_no_act_is_read_too(bench: Bench) -> None:
    found(bench, "k")
    with bench.engine.connect() as connection:
        [line] = open_findings(connection).lines
    assert (line.acte_id, line.numero_interne, line.objet) == (None, None, None)


def test_the_gravest_come_first_then_the_newest(bench: Bench) -> None:
    numbers = [
        found(bench, str(rank), severity=severity)
        for rank, severity in enumerate(("info", "grave", "attention", "grave"))
    ]
    assert listed(bench) == [numbers[rank] for rank in (3, 1, 2, 0)]


def test_pages_follow_one_another_whatever_is_opened_meanwhile(bench: Bench) -> None:
    numbers = [found(bench, str(rank), severity="grave") for rank in range(4)]
    with bench.engine.connect() as connection:
        first = open_findings(connection, limit=2)
    found(bench, "new", severity="grave")
    less = found(bench, "less", severity="info")
    with bench.engine.connect() as connection:
        second = open_findings(connection, after=first.following, limit=2)
        third = open_findings(connection, after=second.following, limit=2)
    pages = [[line.id for line in page.lines] for page in (first, second, third)]
    assert pages == [numbers[:1:-1], numbers[1::-1], [less]]
    assert third.following is None
    assert first.following == FindingCursor(0, numbers[2])


def test_those_that_are_closed_are_listed_no_more(bench: Bench) -> None:
    found(bench, "k", closed_at=START)
    assert listed(bench) == []


def test_filters_add_up(bench: Bench) -> None:
    seen = found(bench, "1", code="b", severity="grave", acknowledged_at=START)
    found(bench, "2", code="b", severity="info")
    assert listed(bench, check="b", seen=True, severity=Severity.GRAVE, siren=SIREN) == [seen]
    assert listed(bench, check="b", seen=False, severity=Severity.GRAVE) == []
    assert listed(bench, siren="200000008") == []


def test_open_findings_are_counted_by_severity_and_check(bench: Bench) -> None:
    found(bench, "1", severity="info")
    found(bench, "2", severity="grave")
    found(bench, "3", severity="grave")
    found(bench, "4", severity="grave", acknowledged_at=START)
    found(bench, "5", severity="grave", closed_at=START)
    with bench.engine.connect() as connection:
        counted = finding_counts(connection, SIREN)
        assert finding_counts(connection, "200000008").counts == ()
    assert not counted.capped
    assert counted.counts == (
        FindingCount(Severity.GRAVE, "a", seen=False, count=2),
        FindingCount(Severity.GRAVE, "a", seen=True, count=1),
        FindingCount(Severity.INFO, "a", seen=False, count=1),
    )


def test_the_findings_of_an_act_are_the_open_ones_then_the_last_closed(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    closed = [
        found(bench, "k", acte_id=acte_id, closed_at=START + timedelta(hours=rank))
        for rank in range(CLOSED_SHOWN + 2)
    ]
    late = found(bench, "k", acte_id=acte_id)
    grave = found(bench, "g", acte_id=acte_id, severity="grave")
    found(bench, "other")
    with bench.engine.connect() as connection:
        numbers = [line.id for line in findings_of_acte(connection, acte_id)]
    assert numbers == [grave, late, *closed[:1:-1]]


@pytest.mark.parametrize("siren", [None, SIREN])
def test_a_list_goes_through_open_findings_alone(bench: Bench, siren: str | None) -> None:
    with bench.engine.begin() as connection:
        rows = [
            {
                "collectivite_id": bench.authority_id, "code": "a", "key": str(rank),
                "severity": "info", "article": "a", "message": "m", "remedy": "r", "evidence": [],
                "opened_at": START, "closed_at": START if rank % 200 else None,
            }
            for rank in range(4_000)
        ]  # fmt: skip
        connection.execute(insert(finding), rows)
        connection.exec_driver_sql("ANALYZE finding")
    with bench.engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
        read_before = _read(connection)
        page = open_findings(connection, WantedFindings(siren=siren))
        counts = finding_counts(connection, siren)
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
        connection.commit()
        touched = _read(connection) - read_before
    assert len(page.lines) == 20
    assert sum(each.count for each in counts.counts) == 20
    assert touched < 200


def _read(connection: Any) -> int:
    """Rows of the table that were read by whatever means."""
    connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
    row = connection.exec_driver_sql(
        "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables"
        " WHERE relname = 'finding'"
    ).scalar_one()
    return int(row)
