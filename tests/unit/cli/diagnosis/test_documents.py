"""Can documents be kept, and is there room?"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from transmission.cli.diagnosis.documents import (
    folder_of_database,
    folder_of_documents,
    store_of_documents,
    temporary_folder,
)
from transmission.cli.diagnosis.findings import Grade, Subject
from transmission.domain.errors import TransmissionError
from transmission.store.documents import DamagedDocumentError

GB = 10**9


@pytest.mark.parametrize(
    ("free", "grade"), [(1 * GB, Grade.WRONG), (9 * GB, Grade.WARNING), (50 * GB, Grade.FINE)]
)
def test_room_is_judged_in_itself_and_by_the_size_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, grade: Grade
) -> None:
    usage = SimpleNamespace(total=100 * GB, free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    (found,) = folder_of_documents(tmp_path)
    assert found.grade is grade
    assert str(tmp_path) in found.said


def test_a_folder_that_the_first_act_will_make_is_judged_where_it_will_be(tmp_path: Path) -> None:
    (found,) = folder_of_documents(tmp_path / "a" / "b")
    assert found.grade is not Grade.WRONG or "reste" in found.said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("free", "grades"), [(1 * GB, [Grade.WRONG]), (9 * GB, [Grade.WARNING]), (50 * GB, [])]
)
def test_the_room_of_the_database_is_told_when_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, grades: list[Grade]
) -> None:
    usage = SimpleNamespace(total=100 * GB, free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    found = list(folder_of_database(tmp_path))
    assert [each.grade for each in found] == grades
    assert all(each.subject is Subject.DATABASE for each in found)


def test_a_database_folder_that_this_account_cannot_see_is_not_judged(tmp_path: Path) -> None:
    assert list(folder_of_database(tmp_path / "elsewhere")) == []


@pytest.mark.parametrize(
    ("free", "grades"), [(GB // 10, [Grade.WRONG]), (1 * GB, []), (50 * GB, [])]
)
def test_a_temporary_folder_without_room_for_an_archive_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, grades: list[Grade]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    usage = SimpleNamespace(total=100 * GB, free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    found = list(temporary_folder())
    assert [each.grade for each in found] == grades
    assert all(str(tmp_path) in each.said for each in found)


def test_a_temporary_folder_where_nothing_can_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setattr(tempfile, "tempdir", str(file))
    (found,) = temporary_folder()
    assert found.grade is Grade.WRONG
    assert "TMPDIR" in found.said


def test_a_place_that_is_no_folder_is_told_with_its_reason(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    (found,) = folder_of_documents(file)
    assert found.grade is Grade.WRONG
    assert "ce n'est pas un dossier" in found.said


class Store:
    """A distant store that answers as it is told."""

    def __init__(self, answer: Exception) -> None:
        self.answer = answer

    def open(self, _file: Any) -> Iterator[bytes]:
        raise self.answer


def test_a_distant_store_that_misses_an_unknown_document_answers() -> None:
    store: Any = Store(DamagedDocumentError("introuvable"))
    assert [found.grade for found in store_of_documents(store)] == [Grade.FINE]


def test_a_distant_store_that_is_away_is_no_answer() -> None:
    store: Any = Store(TransmissionError("L'entrepôt ne répond pas."))
    with pytest.raises(TransmissionError, match="ne répond pas"):
        list(store_of_documents(store))
