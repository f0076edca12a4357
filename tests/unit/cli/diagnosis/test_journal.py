"""What is said of the journal: who could rewrite it, who did, and its anchors."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from transmission.cli.diagnosis.findings import Grade
from transmission.cli.diagnosis.journal import journal, role
from transmission.domain.chain import header
from transmission.ports.chain import Anchor
from transmission.store.anchor_folder import DiskAnchorFolder
from transmission.store.roles import Standing

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Unit:
    """A register with one anchor, or none."""

    def __init__(
        self, made: datetime | None = NOW, intruders: tuple[int, ...] = (), waits: bool = False
    ) -> None:
        self.made = made
        self.found = intruders
        self.waits = waits

    def intruders(self, most: int) -> tuple[int, ...]:
        return self.found[:most]

    def anchors(self) -> list[Anchor]:
        if self.made is None:
            return []
        return [Anchor(1, self.made.date(), self.made, header(self.made, 1, None, []))]

    def last_anchor(self) -> Anchor | None:
        return next(iter(self.anchors()), None)

    def parts_of(self, number: int) -> list[bytes]:
        return []

    def time_stamps(self, *_: object) -> list[Any]:
        return []

    def linked_to(self) -> int:
        return 0

    def has_lines_to_link(self) -> bool:
        return self.waits


@pytest.fixture
def folder(tmp_path: Path) -> DiskAnchorFolder:
    made = DiskAnchorFolder(tmp_path)
    made.put("000001.parts.json", b"[]")
    made.put("000001.json", Unit().anchors()[0].header)
    return made


def _told(unit: Unit, folder: DiskAnchorFolder, now: datetime = NOW) -> list[tuple[Grade, str]]:
    register: Any = unit
    return [(each.grade, each.said) for each in journal(register, folder, now)]


def test_an_anchor_of_the_day_before_is_fine(folder: DiskAnchorFolder) -> None:
    [(grade, said)] = _told(Unit(), folder, NOW + timedelta(days=1, hours=20))
    assert grade is Grade.FINE
    assert "La dernière ancre (n° 1) est du 02/03/2026" in said


def test_an_anchor_that_is_late_is_wrong(folder: DiskAnchorFolder) -> None:
    [(grade, said)] = _told(Unit(), folder, NOW + timedelta(days=3))
    assert grade is Grade.WRONG
    assert "file anchor" in said


def test_an_empty_journal_is_fine_and_a_first_line_waits(tmp_path: Path) -> None:
    empty = DiskAnchorFolder(tmp_path)
    assert _told(Unit(None), empty) == [(Grade.FINE, "Rien n'y est encore écrit.")]
    [(grade, said)] = _told(Unit(None, waits=True), empty)
    assert grade is Grade.WARNING
    assert "pas encore d'ancre" in said


def test_a_file_that_is_missing_or_altered_is_wrong(
    folder: DiskAnchorFolder, tmp_path: Path
) -> None:
    (tmp_path / "000001.json").unlink()
    [(grade, said)] = _told(Unit(), folder)
    assert grade is Grade.WRONG
    assert "le fichier 000001.json n'est pas écrit" in said


def test_lines_put_by_a_hand_are_named(folder: DiskAnchorFolder) -> None:
    [(grade, said)] = _told(Unit(intruders=(3, 5)), folder)
    assert grade is Grade.WRONG
    assert "n° 3, 5" in said


@pytest.mark.parametrize(
    ("found", "grade"),
    [
        (Standing("app", superuser=False, alterable=()), Grade.FINE),
        (Standing("app", superuser=True, alterable=()), Grade.WARNING),
        (Standing("app", superuser=False, alterable=("journal",)), Grade.WARNING),
    ],
)
def test_a_role_that_could_rewrite_the_journal_is_a_warning(found: Standing, grade: Grade) -> None:
    [told] = role(found)
    assert told.grade is grade
    assert "rôle app" in told.said
