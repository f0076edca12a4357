"""The journal is chained in order, once, whoever runs; and what a hand does to it shows."""

import json
import threading
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, text

from tests.support.bench import Bench
from transmission.domain.chain import (
    NO_LINK,
    Line,
    canonical_line,
    line_digest,
    next_link,
    root_from,
)
from transmission.services import chain as chaining
from transmission.services.anchor import anchor_journal
from transmission.services.chain import link_journal, proofs_of, ring_chain
from transmission.store.tables import collectivite, journal
from transmission.store.tables_chain import journal_link

_READ = (
    select(journal, collectivite.c.siren, journal_link.c.place, journal_link.c.link)
    .join(collectivite, collectivite.c.id == journal.c.collectivite_id)
    .outerjoin(journal_link, journal_link.c.id == journal.c.id)
    .order_by(journal.c.id)
)


def breaks(engine: Engine, authority_id: int) -> list[int]:
    """Places of an authority's chain that do not follow the one before, from the rows alone; 0 for
    a line that has no place."""
    with engine.connect() as connection:
        rows = list(connection.execute(_READ.where(journal.c.collectivite_id == authority_id)))
        known = select(journal_link.c.place, journal_link.c.link).where(
            journal_link.c.collectivite_id == authority_id
        )
        links: dict[int, bytes] = {row.place: row.link for row in connection.execute(known)}
    found = [0 for row in rows if row.place is None]
    lines = {row.place: row for row in rows if row.place is not None}
    ids = [lines[place].id for place in sorted(lines)]
    assert ids == sorted(ids)
    before = NO_LINK
    for place in range(1, max(links, default=0) + 1):
        row = lines.get(place)
        right = row and next_link(before, place, line_digest(canonical_line(_line(row))))
        if right is None or right != links.get(place):
            found.append(place)
        before = links.get(place, NO_LINK)
    return found


def _line(row: Any) -> Line:
    return Line(
        row.id, row.siren, row.acte_id, row.transmission_id, row.at, row.event, row.source,
        row.target, row.author, row.reason, row.details,
    )  # fmt: skip


def _places(engine: Engine, authority_id: int) -> list[int]:
    with engine.connect() as connection:
        found = select(journal_link.c.place).where(journal_link.c.collectivite_id == authority_id)
        return list(connection.execute(found.order_by(journal_link.c.id)).scalars())


def _write(connection: Connection, bench: Bench, authority_id: int, lines: int) -> None:
    rows = [
        {
            "collectivite_id": authority_id,
            "at": bench.clock.now(),
            "event": "note",
            "author": "Secrétariat",
            "details": {"rang": rank},
        }
        for rank in range(lines)
    ]
    connection.execute(insert(journal), rows)


def test_each_authority_has_its_chain_and_every_line_its_place(bench: Bench) -> None:
    mine, other = bench.sent(), bench.sent(authority_id=bench.second_id)
    bench.sent()
    link_journal(bench.tools)
    held = len(bench.events(mine.id))
    assert _places(bench.engine, bench.authority_id) == list(range(1, 2 * held + 1))
    assert _places(bench.engine, bench.second_id) == list(range(1, held + 1))
    assert breaks(bench.engine, bench.authority_id) == breaks(bench.engine, bench.second_id) == []
    bench.acknowledged(authority_id=other.collectivite_id)
    assert link_journal(bench.tools) > 0 == link_journal(bench.tools)
    assert breaks(bench.engine, bench.second_id) == []


def test_the_bell_is_rung_while_something_is_not_linked(bench: Bench) -> None:
    ring_chain(bench.tools)
    assert bench.bells() == []
    bench.acte()
    ring_chain(bench.tools)
    ring_chain(bench.tools)
    assert bench.bells() == [("chain", 0)]
    bench.run("chain")
    ring_chain(bench.tools)
    assert bench.bells() == []


def test_an_old_journal_is_linked_in_pages_over_several_tasks(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chaining, "PAGE", 7)
    monkeypatch.setattr(chaining, "PAGES", 2)
    with bench.engine.begin() as connection:
        _write(connection, bench, bench.authority_id, 30)
        _write(connection, bench, bench.second_id, 5)
    assert link_journal(bench.tools) == 14
    assert bench.bells() == [("chain", 0)]
    bench.run("chain")
    assert bench.bells() == []
    assert _places(bench.engine, bench.authority_id) == list(range(1, 31))
    assert breaks(bench.engine, bench.authority_id) == breaks(bench.engine, bench.second_id) == []


def test_a_line_that_may_still_appear_lower_holds_the_chain_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chaining, "PATIENCE", 0)
    with bench.engine.connect() as slow:
        _write(slow, bench, bench.authority_id, 1)
        with bench.engine.begin() as quick:
            _write(quick, bench, bench.authority_id, 2)
        assert link_journal(bench.tools) == 0
        slow.commit()
    assert link_journal(bench.tools) == 3
    assert breaks(bench.engine, bench.authority_id) == []


def test_several_at_once_link_each_line_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaining, "PAGE", 20)
    with bench.engine.begin() as connection:
        _write(connection, bench, bench.authority_id, 300)
    counted: list[int] = []
    threads = [
        threading.Thread(target=lambda: counted.append(link_journal(bench.tools))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counted) == 300
    assert _places(bench.engine, bench.authority_id) == list(range(1, 301))
    assert breaks(bench.engine, bench.authority_id) == []


def test_a_run_that_dies_anywhere_is_taken_up_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chaining, "PAGE", 4)
    with bench.engine.begin() as connection:
        _write(connection, bench, bench.authority_id, 10)
    calls = count()

    def dying(*given: Any) -> bytes:
        if next(calls) == 6:
            raise MemoryError
        return next_link(*given)

    monkeypatch.setattr(chaining, "next_link", dying)
    with pytest.raises(MemoryError):
        link_journal(bench.tools)
    assert _places(bench.engine, bench.authority_id) == [1, 2, 3, 4]
    assert link_journal(bench.tools) == 6
    assert breaks(bench.engine, bench.authority_id) == []


def _tampered(bench: Bench, statement: str) -> None:
    """As the owner of the tables does it, who puts every lock aside."""
    with bench.engine.begin() as connection:
        for table in ("journal", "journal_link"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        unlink = "ALTER TABLE journal_link DROP CONSTRAINT IF EXISTS journal_link_id_fkey"
        connection.execute(text(unlink))
        assert connection.execute(text(statement)).rowcount > 0


_PUT = (
    "INSERT INTO journal (id, collectivite_id, at, event, author) OVERRIDING SYSTEM VALUE "
    "SELECT {id}, {owner}, at, event, author FROM journal WHERE id = 3"
)
_SWAP = (
    "UPDATE journal SET details = other.details FROM journal other"
    " WHERE journal.id IN (2, 4) AND other.id = 6 - journal.id"
)


@pytest.mark.parametrize(
    ("tamper", "seen"),
    [
        ("DELETE FROM journal WHERE id = 3", [3]),
        ("UPDATE journal SET author = 'Autre' WHERE id = 3", [3]),
        ("UPDATE journal SET at = at + interval '1 microsecond' WHERE id = 3", [3]),
        ("UPDATE journal SET details = details || '{\"x\": 1}' WHERE id = 3", [3]),
        ("UPDATE collectivite SET siren = '200000008' WHERE siren = '123456782'", [1, 2, 3, 4, 5]),
        (_PUT.format(id=-1, owner=1), [0]),
        ("UPDATE journal SET reason = 'r' WHERE id = 1", [1]),
        (_SWAP, [2, 4]),
        ("UPDATE journal_link SET link = sha256(link) WHERE place = 3", [3, 4]),
        ("DELETE FROM journal_link WHERE place = 3", [0, 3, 4]),
    ],
)
def test_a_line_that_was_deleted_edited_inserted_or_moved_shows(
    bench: Bench, administration: Any, tamper: str, seen: list[int]
) -> None:
    with bench.engine.begin() as connection:
        _write(connection, bench, bench.authority_id, 5)
    link_journal(bench.tools)
    assert breaks(bench.engine, bench.authority_id) == []
    _tampered(bench, tamper)
    assert breaks(bench.engine, bench.authority_id) == seen


def test_a_line_put_where_all_was_linked_is_never_linked_and_is_told(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    with bench.engine.begin() as connection:
        _write(connection, bench, bench.authority_id, 3)
    link_journal(bench.tools)
    _tampered(bench, _PUT.format(id=-1, owner=1))
    _tampered(bench, _PUT.format(id=0, owner=2))
    assert link_journal(bench.tools) == 0
    with bench.tools.register() as unit:
        assert unit.intruders(10) == [-1, 0]
        assert unit.intruders(1) == [-1]
    with bench.engine.begin() as connection:
        _write(connection, bench, bench.authority_id, 1)
    assert link_journal(bench.tools) == 1
    assert _places(bench.engine, bench.second_id) == []
    anchor_journal(bench.tools)
    assert "below what is linked" in capsys.readouterr().err


def _proven(bench: Bench, acte_id: int) -> Any:
    with bench.tools.register() as unit:
        return proofs_of(unit, acte_id)


def test_the_lines_of_an_act_are_proven_as_far_as_they_are_linked_and_anchored(
    bench: Bench,
) -> None:
    bench.sent()
    made = bench.sent()
    told = _proven(bench, made.acte_id)
    assert [line.linked for line in told.lines] == [None] * len(bench.events(made.id))
    assert not any(line.intruder for line in told.lines)
    link_journal(bench.tools)
    told = _proven(bench, made.acte_id)
    assert all(line.linked and not line.inclusion for line in told.lines)
    assert told.anchors == ()
    anchor_journal(bench.tools)
    bench.clock.advance(86400)
    bench.sent(authority_id=bench.second_id)
    _acknowledge(bench, made)
    anchor_journal(bench.tools)
    told = _proven(bench, made.acte_id)
    assert [anchor.number for anchor in told.anchors] == [1, 2]
    headers = {anchor.number: anchor.header for anchor in told.anchors}
    for line in told.lines:
        assert_proven(line, headers)
    assert [line.inclusion.anchor for line in told.lines][-1] == 2


def _acknowledge(bench: Bench, made: Any) -> None:
    with bench.engine.begin() as connection:
        row = connection.execute(select(journal).where(journal.c.acte_id == made.acte_id)).first()
        assert row
        connection.execute(
            insert(journal).values(
                collectivite_id=row.collectivite_id, acte_id=row.acte_id,
                at=bench.clock.now(), event="note", author="Secrétariat",
            )
        )  # fmt: skip


def assert_proven(line: Any, headers: dict[int, bytes]) -> None:
    """Everything that [A5] promises of a line."""
    linked, way = line.linked, line.inclusion
    assert linked.link == next_link(linked.before, linked.place, line_digest(line.content))
    part, header = json.loads(way.part), json.loads(headers[way.anchor])
    size = part["last"] - part["first"] + 1
    root = root_from(linked.link, linked.place - part["first"], size, way.link_path)
    assert root is not None
    assert root.hex() == part["root"]
    top = root_from(way.part, way.part_rank, header["parts"], way.part_path)
    assert top is not None
    assert top.hex() == header["root"]
    if linked.place == part["last"]:
        assert part["head"] == linked.link.hex()


def test_an_intruder_of_an_act_is_told_from_a_line_that_waits(bench: Bench) -> None:
    made = bench.acte()
    link_journal(bench.tools)
    _tampered(
        bench,
        "INSERT INTO journal (id, collectivite_id, acte_id, at, event, author) "
        "OVERRIDING SYSTEM VALUE SELECT -5, collectivite_id, acte_id, at, event, author FROM "
        f"journal WHERE acte_id = {made.acte_id}",
    )
    first, second = _proven(bench, made.acte_id).lines
    assert (first.id, first.intruder, first.linked) == (-5, True, None)
    assert not second.intruder
