"""What is told of the disks."""

from pathlib import Path

from transmission.console.etat_page import Disk, disks_of
from transmission.store.room import Room


def test_a_folder_that_is_not_made_yet_is_judged_where_it_will_be(tmp_path: Path) -> None:
    (disk,) = disks_of({"documents": tmp_path / "not" / "yet"})
    assert disk.total is not None
    assert disk.total > 0


def test_a_disk_that_cannot_be_read_is_told_like_a_full_one() -> None:
    assert Disk("documents").room is Room.NEARLY_NONE
