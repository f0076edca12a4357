"""A paper asked for is written whole or not at all."""

import os
from pathlib import Path
from typing import BinaryIO

import pytest

from transmission.cli.files import UnwritableError, write_whole


def test_a_file_is_written_with_the_rights_of_any_new_file(tmp_path: Path) -> None:
    target = tmp_path / "acte.pdf"
    before = os.umask(0o022)
    try:
        write_whole(target, lambda stream: stream.write(b"%PDF-"))
    finally:
        os.umask(before)
    assert target.read_bytes() == b"%PDF-"
    assert target.stat().st_mode & 0o777 == 0o644


def test_what_was_there_stays_when_the_writing_fails(tmp_path: Path) -> None:
    target = tmp_path / "acte.pdf"
    target.write_bytes(b"former")

    def fails(stream: BinaryIO) -> None:
        stream.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(target, fails)
    assert target.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("absent/acte.pdf", "n'existe pas"),
        ("fichier/acte.pdf", "ce n'est pas un dossier"),
        ("a" * 300, "ce nom est trop long"),
    ],
)
def test_a_place_that_will_not_do_is_named_with_the_reason(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "fichier").touch()
    with pytest.raises(UnwritableError, match=reason) as refusal:
        write_whole(tmp_path / name, lambda stream: stream.write(b""))
    assert str(refusal.value).startswith(str(tmp_path / name))
