"""Files of anchors are whole, read-only, and never replaced."""

import os
from pathlib import Path

import pytest

from transmission.ports.chain import AnchorFolderError, OtherAnchorError
from transmission.store.anchor_folder import DiskAnchorFolder


def test_a_file_is_written_once_and_read_only(tmp_path: Path) -> None:
    folder = DiskAnchorFolder(tmp_path / "made" / "anchors")
    assert folder.names() == frozenset()
    assert folder.put("000001.json", b"{}")
    assert not folder.put("000001.json", b"{}")
    assert folder.names() == {"000001.json"}
    assert folder.read("000001.json") == b"{}"
    assert folder.read("000002.json") == b""
    assert (tmp_path / "made" / "anchors" / "000001.json").stat().st_mode & 0o777 == 0o444
    assert [path.name for path in Path(folder.place).iterdir()] == ["000001.json"]


def test_a_file_that_is_there_with_other_bytes_is_left_and_told(tmp_path: Path) -> None:
    folder = DiskAnchorFolder(tmp_path)
    folder.put("000001.json", b"one")
    with pytest.raises(OtherAnchorError, match=r"000001\.json n'est pas celui"):
        folder.put("000001.json", b"two")
    assert folder.read("000001.json") == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["000001.json"]


def test_a_file_takes_its_name_only_once_it_is_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = os.fsync

    def dies(descriptor: int) -> None:
        usual(descriptor)
        raise KeyboardInterrupt

    folder = DiskAnchorFolder(tmp_path)
    monkeypatch.setattr(os, "fsync", dies)
    with pytest.raises(KeyboardInterrupt):
        folder.put("000001.json", b"one")
    assert folder.names() == frozenset()


def test_a_folder_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "anchors").write_bytes(b"")
    folder = DiskAnchorFolder(tmp_path / "anchors")
    for attempt in (
        folder.names,
        lambda: folder.read("000001.json"),
        lambda: folder.put("000001.json", b""),
    ):
        with pytest.raises(AnchorFolderError, match="TRANSMISSION_ANCHORS_DIR"):
            attempt()
