"""Can documents be kept, and is there room?"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from transmission.cli.diagnosis.documents import folder_of_documents, store_of_documents
from transmission.cli.diagnosis.findings import Grade
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
