"""Documents on disk: all of one or nothing of it, private, named by its digest alone."""

import hashlib
import os
import stat
import subprocess
import sys
import tracemalloc
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.errors import TransmissionError
from transmission.domain.transmission import StoredFile
from transmission.store.documents import DamagedDocumentError, DiskDocumentStore

CONTENT = "Délibération n° 1".encode()
DIGEST = hashlib.sha256(CONTENT).hexdigest()
KEPT = StoredFile(DIGEST, len(CONTENT))
DYING = """
import os, sys
from io import RawIOBase
from pathlib import Path
from transmission.store.documents import DiskDocumentStore

class Dying(RawIOBase):
    def __init__(self):
        self.blocks = [b"first half", None]
    def read(self, size=-1):
        return self.blocks.pop(0) or os._exit(9)

DiskDocumentStore(Path(sys.argv[1])).put(Dying())
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "documents"


@pytest.fixture
def store(root: Path) -> DiskDocumentStore:
    return DiskDocumentStore(root)


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def _alter(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


@given(content=st.binary(max_size=3000))
def test_what_is_put_is_read_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    store = DiskDocumentStore(tmp_path_factory.getbasetemp() / "documents-of-property")
    kept = store.put_bytes(content)
    assert kept == StoredFile(hashlib.sha256(content).hexdigest(), len(content))
    assert store.read(kept) == content
    assert store.path(kept).read_bytes() == content
    with store.open(kept) as stream:
        assert stream.read() == content


def test_nothing_at_all_is_kept_as_an_empty_document(store: DiskDocumentStore) -> None:
    kept = store.put_bytes(b"")
    assert kept == StoredFile(hashlib.sha256(b"").hexdigest(), 0)
    assert store.read(kept) == b""


def test_a_document_is_named_by_its_digest_and_kept_once(
    store: DiskDocumentStore, root: Path
) -> None:
    assert store.put_bytes(CONTENT) == store.put(BytesIO(CONTENT)) == KEPT
    assert [path.relative_to(root) for path in _files(root)] == [
        Path(DIGEST[:2], DIGEST[2:4], DIGEST)
    ]


def test_documents_are_the_services_alone_and_cannot_be_written(root: Path) -> None:
    before = os.umask(0)
    try:
        DiskDocumentStore(root).put_bytes(CONTENT)
    finally:
        os.umask(before)
    modes = {
        path.relative_to(root): stat.S_IMODE(path.stat().st_mode)
        for path in (root, *root.rglob("*"))
    }
    assert modes.pop(Path(DIGEST[:2], DIGEST[2:4], DIGEST)) == 0o400
    assert set(modes.values()) == {0o700}
    assert len(modes) == 4


class Endless(RawIOBase):
    """A long source which holds one block and notes how much is asked of it."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size
        self.block = os.urandom(1 << 20)
        self.asked: list[int] = []

    def read(self, size: int = -1) -> bytes:
        self.asked.append(size)
        piece = self.block[: min(size, self.left)]
        self.left -= len(piece)
        return piece


def test_thirty_megabytes_pass_through_without_being_held(store: DiskDocumentStore) -> None:
    source = Endless(30 * 2**20 + 7)
    tracemalloc.start()
    try:
        kept = store.put(source)  # type: ignore[arg-type]
        path = store.path(kept)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept.size == path.stat().st_size == 30 * 2**20 + 7
    assert peak < 6 * 2**20
    assert set(source.asked) == {2**20}


class Cut(RawIOBase):
    """A source which breaks after its first block."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = [b"first half"]

    def read(self, size: int = -1) -> bytes:
        if not self.blocks:
            raise OSError("the line is cut")
        return self.blocks.pop()


def test_a_source_that_breaks_leaves_nothing(store: DiskDocumentStore, root: Path) -> None:
    with pytest.raises(OSError, match="cut"):
        store.put(Cut())  # type: ignore[arg-type]
    assert _files(root) == []


def test_a_disk_that_refuses_leaves_nothing(
    store: DiskDocumentStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        store.put_bytes(CONTENT)
    monkeypatch.undo()
    assert _files(root) == []
    assert store.put_bytes(CONTENT) == KEPT


def test_a_process_that_dies_while_writing_leaves_nothing_half_written_in_place(
    root: Path,
) -> None:
    died = subprocess.run(
        [sys.executable, "-c", DYING, str(root)], check=False, timeout=60, capture_output=True
    )
    assert died.returncode == 9
    half = hashlib.sha256(b"first half").hexdigest()
    assert all(path.parent.name == "incoming" for path in _files(root))
    with pytest.raises(DamagedDocumentError):
        DiskDocumentStore(root).open(StoredFile(half, 10))


def test_the_bytes_then_the_name_then_the_folders_are_on_the_disk_before_it_is_said(
    store: DiskDocumentStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(handle: int) -> None:
        real_sync(handle)
        path = Path(f"/proc/self/fd/{handle}").readlink()
        steps.append("bytes" if path.is_file() else str(path.relative_to(root)))

    def named(path: Path, target: Any) -> Path:
        steps.append("named")
        return real_replace(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", named)
    store.put_bytes(CONTENT)
    outer, inner = DIGEST[:2], f"{DIGEST[:2]}/{DIGEST[2:4]}"
    assert steps[0] == "bytes"
    assert steps[-2:] == ["named", inner]
    assert set(steps) >= {".", outer}, "a folder just made is not on the disk"
    steps.clear()
    store.put_bytes(CONTENT)
    assert steps == ["bytes", "named", inner]


@pytest.mark.parametrize("use", ["open", "read", "path"])
def test_a_missing_document_is_told_by_the_beginning_of_its_digest(
    store: DiskDocumentStore, use: str
) -> None:
    with pytest.raises(DamagedDocumentError, match=rf"{DIGEST[:12]}….*introuvable") as damaged:
        getattr(store, use)(KEPT)
    assert isinstance(damaged.value, TransmissionError)
    assert "sauvegarde" in str(damaged.value)


@pytest.mark.parametrize("use", ["open", "read", "path"])
def test_a_document_cut_short_is_never_given(store: DiskDocumentStore, use: str) -> None:
    store.put_bytes(CONTENT)
    _alter(store.path(KEPT), CONTENT[:-1])
    with pytest.raises(DamagedDocumentError, match="taille"):
        getattr(store, use)(KEPT)


@pytest.mark.parametrize("use", ["read", "path"])
def test_a_document_altered_by_one_bit_is_never_given(store: DiskDocumentStore, use: str) -> None:
    store.put_bytes(CONTENT)
    _alter(store.path(KEPT), CONTENT[:-1] + bytes([CONTENT[-1] ^ 1]))
    with pytest.raises(DamagedDocumentError, match="empreinte"):
        getattr(store, use)(KEPT)


def test_putting_a_damaged_document_again_restores_it_and_disturbs_no_reader(
    store: DiskDocumentStore,
) -> None:
    store.put_bytes(CONTENT)
    _alter(store.path(KEPT), b"x" * len(CONTENT))
    with store.open(KEPT) as reader:
        store.put_bytes(CONTENT)
        assert reader.read() == b"x" * len(CONTENT)
    assert store.read(KEPT) == CONTENT


def test_two_stores_on_one_folder_share_their_documents(root: Path) -> None:
    kept = DiskDocumentStore(root).put_bytes(CONTENT)
    assert DiskDocumentStore(root).read(kept) == CONTENT
