"""The folder of anchors against the register: what is missing, altered or too many is named."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.bench import Bench
from transmission.services.anchor import anchor_journal
from transmission.services.anchor_check import anchor_faults

DAY = 86_400


@pytest.fixture
def folder(bench: Bench) -> Path:
    """Of four anchors."""
    for _ in range(4):
        bench.acte()
        anchor_journal(bench.tools)
        bench.clock.advance(DAY)
    return Path(bench.tools.anchors.place)


def _told(bench: Bench, newest: int | None = None) -> list[tuple[int | None, str]]:
    tools = bench.tools
    with tools.register() as unit:
        found = anchor_faults(unit, tools.anchors, tools.documents, newest)
    return [(each.number, each.said) for each in found]


def test_a_whole_folder_has_no_fault(bench: Bench, folder: Path) -> None:
    assert _told(bench) == []


def test_a_file_that_is_missing_is_named(bench: Bench, folder: Path) -> None:
    (folder / "000002.parts.json").unlink()
    assert _told(bench, 1) == [(2, "le fichier 000002.parts.json n'est pas écrit")]


def test_a_file_that_was_altered_is_named_when_it_is_read(bench: Bench, folder: Path) -> None:
    altered = folder / "000002.json"
    altered.chmod(0o644)
    altered.write_bytes(altered.read_bytes().replace(b'"parts":1', b'"parts":2'))
    assert _told(bench) == [(2, "le fichier 000002.json n'est pas celui de la base de données")]
    assert _told(bench, 2) == []


def test_an_anchor_that_the_register_does_not_have_is_named(bench: Bench, folder: Path) -> None:
    (folder / "000005.json").write_bytes(b"{}")
    (folder / "lisez-moi.txt").write_bytes(b"")
    (said,) = [said for number, said in _told(bench) if number == 5]
    assert "que la base de données n'a pas" in said


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        ("DELETE FROM anchor WHERE number = 2", {2, 3}),
        ("DELETE FROM anchor WHERE number = 1", {1, 2}),
        ("UPDATE anchor SET header = header || ' ' WHERE number = 2", {2, 3}),
        ("UPDATE anchor SET header = header || ' ' WHERE number = 4", {4}),
        ("UPDATE anchor_part SET content = content || ' ' WHERE anchor = 3", {3}),
        ("DELETE FROM anchor_part WHERE anchor = 3", {3}),
    ],
)
def test_rows_that_were_altered_no_longer_are_those_of_the_files(
    bench: Bench, folder: Path, tamper: str, named: set[int]
) -> None:
    with bench.engine.begin() as connection:
        for table in ("anchor", "anchor_part"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text("ALTER TABLE anchor_part DROP CONSTRAINT anchor_part_anchor_fkey"))
        connection.execute(text(tamper))
    told = {number for number, _ in _told(bench)}
    assert told
    assert told <= named


def test_a_header_that_does_not_follow_the_one_before_is_named_without_its_file(
    bench: Bench, folder: Path
) -> None:
    with bench.engine.begin() as connection:
        connection.execute(text("ALTER TABLE anchor DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE anchor SET header = header || ' ' WHERE number = 2"))
    [(number, said)] = _told(bench, 1)
    assert number == 3
    assert "ne suit pas l'ancre 2" in said
