"""What is read from far is a private copy: checked, small in memory, and gone when let go."""

import gc
import hashlib
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.transmission import StoredFile
from transmission.store.documents import BLOCK, DamagedDocumentError
from transmission.store.documents_distant import DistantDocumentStore


class Kept(DistantDocumentStore):
    """A place that is a dictionary."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.given = 0

    def forget(self, file: StoredFile) -> None:
        self.contents.pop(file.sha256, None)

    def _keep(self, file: StoredFile, content: BinaryIO) -> None:
        self.contents[file.sha256] = content.read()

    def _blocks(self, file: StoredFile) -> Iterator[bytes]:
        content = self.contents[file.sha256]
        for start in range(0, len(content), BLOCK):
            self.given += 1
            yield content[start : start + BLOCK]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@given(content=st.binary(max_size=3000))
def test_what_is_put_is_read_back_the_same(content: bytes) -> None:
    store = Kept()
    kept = store.put_bytes(content)
    assert kept == StoredFile(hashlib.sha256(content).hexdigest(), len(content))
    assert store.read(kept) == store.path(kept).read_bytes() == content
    store.check(kept)
    with store.open(kept) as stream:
        assert stream.read() == content


@pytest.mark.parametrize("size", [4, BLOCK + 1])
def test_a_draft_is_read_again_then_kept_whole_or_not_at_all(temporary: Path, size: int) -> None:
    store, content = Kept(), bytes(range(256)) * (size // 256) + b"acte"
    for kept in (False, True):
        with store.draft() as draft:
            draft.write(content)
            assert draft.read_again().read() == content
            assert store.contents == {}
            if kept:
                assert store.read(draft.keep()) == content
    assert len(store.contents) == 1
    assert list(temporary.iterdir()) == []


def test_a_path_is_good_as_long_as_it_is_held_and_its_file_goes_with_it(temporary: Path) -> None:
    store = Kept()
    path = store.path(store.put_bytes(b"acte"))
    gc.collect()
    assert path.read_bytes() == b"acte"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (path.name, path.parent, path.suffix) == (Path(path).name, temporary, "")
    del path
    assert list(temporary.iterdir()) == []


def test_two_paths_of_one_document_are_two_files(temporary: Path) -> None:
    store = Kept()
    kept = store.put_bytes(b"acte")
    first, second = store.path(kept), store.path(kept)
    assert first != second
    del first
    assert second.read_bytes() == b"acte"


def test_a_file_that_somebody_else_removed_is_missed_by_nobody() -> None:
    store = Kept()
    path = store.path(store.put_bytes(b"acte"))
    path.unlink()
    del path


@pytest.mark.parametrize("use", ["open", "read", "check", "path"])
@pytest.mark.parametrize("content", [b"", b"act", b"actE", b"acte!"])
def test_another_content_is_never_given_and_leaves_no_copy(
    temporary: Path, use: str, content: bytes
) -> None:
    store = Kept()
    kept = store.put_bytes(b"acte")
    store.contents[kept.sha256] = content
    with pytest.raises(DamagedDocumentError, match=r"taille|empreinte"):
        getattr(store, use)(kept)
    assert list(temporary.iterdir()) == []


def test_a_copy_that_is_not_given_goes_though_its_error_is_kept(temporary: Path) -> None:
    store = Kept()
    kept = store.put_bytes(b"acte")
    store.contents[kept.sha256] = b"acTe"
    with pytest.raises(DamagedDocumentError) as refused:
        store.path(kept)
    assert list(temporary.iterdir()) == []
    assert refused.value.__traceback__ is not None


def test_no_more_is_asked_for_than_the_size_of_the_document() -> None:
    store = Kept()
    kept = store.put_bytes(b"acte")
    store.contents[kept.sha256] = bytes(9 * BLOCK)
    with pytest.raises(DamagedDocumentError, match="taille"):
        store.read(kept)
    assert store.given == 1
