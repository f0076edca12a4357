"""What changed since a place of the journal, whatever the order in which it was committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert

from tests.support.bench import Bench
from transmission.domain.transmission import Transmission
from transmission.store.queries import changes
from transmission.store.queries.changes import changes_since, settled_journal_id
from transmission.store.tables import journal


@pytest.fixture
def reading(bench: Bench) -> Engine:
    """Connections as the API opens them."""
    return bench.engine.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )


def _write(connection: Connection, sent: Transmission, event: str) -> int:
    values = {
        "collectivite_id": sent.collectivite_id, "acte_id": sent.acte_id,
        "transmission_id": sent.id, "at": sent.state_since, "event": event, "author": "service",
    }  # fmt: skip
    made = insert(journal).values(values).returning(journal.c.id)
    return int(connection.execute(made).scalar_one())


@contextmanager
def _writing(bench: Bench, sent: Transmission, event: str) -> Iterator[tuple[Any, int]]:
    with bench.engine.connect() as connection:
        yield connection, _write(connection, sent, event)


def _events(reading: Engine, owner: int, after: int, settled: int) -> list[str]:
    with reading.connect() as connection:
        return [each.event for each in changes_since(connection, owner, after, settled).changes]


def test_what_commits_late_under_an_early_number_is_not_skipped(
    bench: Bench, reading: Engine
) -> None:
    sent = bench.acte()
    before = settled_journal_id(reading, 0)
    assert before is not None
    with _writing(bench, sent, "early") as (slow, early):
        with bench.engine.begin() as quick:
            assert _write(quick, sent, "late") > early
        # The late one can be seen, and is not told: the early one would be lost behind it.
        assert settled_journal_id(reading, 0.1) is None
        slow.commit()
    settled = settled_journal_id(reading, 0.1)
    assert settled is not None
    assert _events(reading, bench.authority_id, before, settled) == ["early", "late"]


def test_a_reader_waits_for_whoever_is_writing(bench: Bench, reading: Engine) -> None:
    sent = bench.acte()
    found: list[int | None] = []
    with _writing(bench, sent, "early") as (slow, _):
        with bench.engine.begin() as quick:
            late = _write(quick, sent, "late")
        waiting = Thread(target=lambda: found.append(settled_journal_id(reading, 20)))
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        slow.commit()
        waiting.join(20)
    assert found == [late]


def test_what_is_taken_back_holds_nobody(bench: Bench, reading: Engine) -> None:
    sent = bench.acte()
    with _writing(bench, sent, "early") as (slow, _):
        slow.rollback()
        assert settled_journal_id(reading, 0) is not None


def test_pages_follow_one_another_and_never_move_with_what_others_do(
    bench: Bench, reading: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "CHANGES_PAGE", 2)
    ours, theirs = bench.acte(), bench.acte(authority_id=bench.second_id)
    start = settled_journal_id(reading, 0) or 0
    with bench.engine.begin() as connection:
        for _ in range(5):
            _write(connection, theirs, "theirs")
        for rank in range(5):
            last = _write(connection, ours, f"ours-{rank}")
        for _ in range(5):
            _write(connection, theirs, "theirs")
    settled = settled_journal_id(reading, 0) or 0
    found, after, pages = [], start, 0
    while True:
        with reading.connect() as connection:
            page = changes_since(connection, bench.authority_id, after, settled)
        assert page.following > after or not page.has_more
        found += [each.event for each in page.changes]
        after, pages = page.following, pages + 1
        if not page.has_more:
            break
    assert found == [f"ours-{rank}" for rank in range(5)]
    assert after == last < settled
    assert pages == 3


def test_a_place_above_all_that_is_known_stays_there(bench: Bench, reading: Engine) -> None:
    with reading.connect() as connection:
        page = changes_since(connection, bench.authority_id, 10**9, 5)
    assert (page.changes, page.following, page.has_more) == ((), 10**9, False)
