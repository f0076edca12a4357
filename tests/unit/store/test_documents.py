"""Documents on disk: all of one or nothing of it, private, named by its digest alone."""

import errno
import hashlib
import os
import stat
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime
from io import BytesIO, RawIOBase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.errors import TransmissionError
from transmission.domain.transmission import StoredFile
from transmission.store.documents import STRIDE, DamagedDocumentError, DiskDocumentStore

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
    store.check(kept)
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
    assert [path.relative_to(root) for path in _files(root)] == [Path(DIGEST[:2], DIGEST)]


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
    assert modes.pop(Path(DIGEST[:2], DIGEST)) == 0o400
    assert set(modes.values()) == {0o700}
    assert {name.name for name in modes} >= {f"{number:02x}" for number in range(256)}


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
    assert peak < 2 * 2**20
    assert set(source.asked) == {STRIDE}


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


@pytest.mark.parametrize("way", ["put_bytes", "put", "draft"])
def test_the_bytes_then_the_name_then_the_folder_are_on_the_disk_before_it_is_said(
    store: DiskDocumentStore, root: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    steps: list[str] = []
    real_sync, real_replace = os.fsync, os.replace

    def sync(handle: int) -> None:
        real_sync(handle)
        path = Path(f"/proc/self/fd/{handle}").readlink()
        whole = path.is_file() and path.stat().st_size == len(CONTENT)
        steps.append("bytes" if whole else str(path.relative_to(root)))

    def named(path: str, target: str) -> None:
        steps.append("named")
        real_replace(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", named)
    _put(store, way)
    assert steps == [".", "bytes", "named", DIGEST[:2]], "the folders first, on the disk"
    steps.clear()
    _put(store, way)
    assert steps == ["bytes", "named", DIGEST[:2]]


def test_whoever_finds_the_folders_made_syncs_them_all_the_same(
    store: DiskDocumentStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put_bytes(CONTENT)
    synced: list[Path] = []
    real_sync = os.fsync

    def sync(handle: int) -> None:
        real_sync(handle)
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())

    monkeypatch.setattr(os, "fsync", sync)
    DiskDocumentStore(root).put_bytes(CONTENT)
    assert synced[0] == root


def _put(store: DiskDocumentStore, way: str) -> None:
    if way == "put_bytes":
        store.put_bytes(CONTENT)
    elif way == "put":
        store.put(BytesIO(CONTENT))
    else:
        with store.draft() as draft:
            draft.write(CONTENT[:5])
            draft.write(CONTENT[5:])
            assert draft.keep() == KEPT


def test_a_draft_is_read_again_before_it_is_kept_and_seen_by_nobody_else(
    store: DiskDocumentStore, root: Path
) -> None:
    with store.draft() as draft:
        draft.write(CONTENT)
        assert draft.file == KEPT
        assert draft.read_again().read() == draft.read_again().read() == CONTENT
        with pytest.raises(DamagedDocumentError):
            store.open(KEPT)
        (aside,) = _files(root)
        assert stat.S_IMODE(aside.stat().st_mode) == 0o400
        draft.keep()
    assert store.read(KEPT) == CONTENT


def test_a_draft_that_is_not_kept_leaves_nothing(store: DiskDocumentStore, root: Path) -> None:
    with store.draft() as draft:
        draft.write(CONTENT)
    with pytest.raises(TypeError), store.draft() as draft:
        draft.write("no bytes")  # type: ignore[arg-type]
    assert _files(root) == []


def test_a_disk_that_takes_a_part_at_a_time_gets_the_whole(
    store: DiskDocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: usual(handle, content[:3]))
    assert store.read(store.put_bytes(CONTENT)) == CONTENT


@pytest.mark.parametrize("use", ["open", "read", "check", "path"])
def test_a_missing_document_is_told_by_the_beginning_of_its_digest(
    store: DiskDocumentStore, use: str
) -> None:
    with pytest.raises(DamagedDocumentError, match=rf"{DIGEST[:12]}….*introuvable") as damaged:
        getattr(store, use)(KEPT)
    assert isinstance(damaged.value, TransmissionError)
    assert "sauvegarde" in str(damaged.value)


@pytest.mark.parametrize("use", ["open", "read", "check", "path"])
def test_a_document_cut_short_is_never_given(store: DiskDocumentStore, use: str) -> None:
    store.put_bytes(CONTENT)
    _alter(store.path(KEPT), CONTENT[:-1])
    with pytest.raises(DamagedDocumentError, match="taille"):
        getattr(store, use)(KEPT)


@pytest.mark.parametrize("use", ["read", "check", "path"])
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


def test_a_draft_that_nobody_writes_any_more_is_removed_and_a_fresh_one_is_not(
    root: Path, store: DiskDocumentStore
) -> None:
    kept = store.put_bytes(CONTENT)
    abandoned = root / "incoming" / "killed"
    abandoned.write_bytes(b"half")
    os.utime(abandoned, (1_000_000, 1_000_000))
    with store.draft() as draft:
        draft.write(b"begun")
        store.forget_abandoned(datetime.fromtimestamp(1_000_001, UTC))
        assert not abandoned.exists()
        assert store.read(draft.keep()) == b"begun"
    assert store.read(kept) == CONTENT


def test_a_process_that_may_only_read_leaves_abandoned_drafts_to_others(
    root: Path, store: DiskDocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    abandoned = root / "incoming" / "killed"
    abandoned.write_bytes(b"half")
    os.utime(abandoned, (1_000_000, 1_000_000))

    def refused(_path: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refused)
    store.forget_abandoned(datetime.fromtimestamp(1_000_001, UTC))
    assert abandoned.exists()
