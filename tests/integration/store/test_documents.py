"""What every place of documents promises, whichever it is: disk, database, S3."""

import hashlib
import os
import tempfile
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update

from tests.support.s3 import raw_client
from transmission.domain.transmission import StoredFile
from transmission.ports import DocumentStore
from transmission.store.documents import STRIDE, DamagedDocumentError, DiskDocumentStore
from transmission.store.documents_database import DatabaseDocumentStore
from transmission.store.documents_s3 import Bucket, S3DocumentStore
from transmission.store.tables import document_block

MIB = 2**20
CONTENT = "Délibération n° 1".encode()
KEPT = StoredFile(hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
SIZES = (0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB, 8 * MIB, 8 * MIB + 1, 17 * MIB + 7)


@dataclass
class Place:
    """A store, and how to spoil what it keeps."""

    store: DocumentStore
    spoil: Callable[[StoredFile, bytes | None], None]
    names: Callable[[], list[str]]


def _on_disk(root: Path) -> Place:
    def place(file: StoredFile) -> Path:
        return root / file.sha256[:2] / file.sha256

    def spoil(file: StoredFile, content: bytes | None) -> None:
        place(file).unlink()
        if content is not None:
            place(file).write_bytes(content)

    def names() -> list[str]:
        return [path.name for path in root.rglob("*") if path.is_file()]

    return Place(DiskDocumentStore(root), spoil, names)


def _in_database(engine: Engine) -> Place:
    def spoil(file: StoredFile, content: bytes | None) -> None:
        with engine.begin() as connection:
            here = document_block.c.sha256 == file.sha256
            if content is None:
                connection.execute(delete(document_block).where(here))
            else:
                first = here & (document_block.c.rank == 0)
                connection.execute(update(document_block).where(first).values(content=content))

    def names() -> list[str]:
        query = select(document_block.c.sha256).distinct()
        with engine.connect() as connection:
            return list(connection.execute(query).scalars())

    return Place(DatabaseDocumentStore(engine), spoil, names)


def _in_s3(bucket: Bucket) -> Place:
    client = raw_client(bucket)

    def key(file: StoredFile) -> str:
        return f"{bucket.prefix}{file.sha256[:2]}/{file.sha256}"

    def spoil(file: StoredFile, content: bytes | None) -> None:
        if content is None:
            client.delete_object(Bucket=bucket.name, Key=key(file))
        else:
            client.put_object(Bucket=bucket.name, Key=key(file), Body=content)

    def names() -> list[str]:
        listed = client.list_objects_v2(Bucket=bucket.name, Prefix=bucket.prefix)
        return [each["Key"].rpartition("/")[2] for each in listed.get("Contents", [])]

    return Place(S3DocumentStore(bucket), spoil, names)


@pytest.fixture(params=["disk", "database", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "disk":
        return _on_disk(tmp_path / "documents")
    if request.param == "database":
        return _in_database(request.getfixturevalue("documents_engine"))
    return _in_s3(request.getfixturevalue("bucket"))


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("size", SIZES)
def test_what_is_put_is_read_back_the_same(place: Place, size: int) -> None:
    content = os.urandom(size)
    kept = place.store.put_bytes(content)
    assert kept == StoredFile(hashlib.sha256(content).hexdigest(), size)
    assert place.store.read(kept) == content
    assert place.store.path(kept).read_bytes() == content
    with place.store.open(kept) as stream:
        assert stream.read() == content


def test_a_document_put_twice_is_kept_once_under_its_digest(place: Place) -> None:
    assert place.store.put_bytes(CONTENT) == place.store.put(BytesIO(CONTENT)) == KEPT
    assert place.names() == [KEPT.sha256]


@pytest.mark.parametrize("size", [len(CONTENT), 9 * MIB])
def test_many_who_put_the_same_document_at_once_keep_it_once(place: Place, size: int) -> None:
    content = CONTENT.ljust(size, b"\0")
    with ThreadPoolExecutor(6) as threads:
        kept = set(threads.map(place.store.put_bytes, [content] * 12))
    assert len(kept) == 1
    assert place.names() == [kept.copy().pop().sha256]
    assert place.store.read(kept.pop()) == content


@pytest.mark.parametrize("size", SIZES)
def test_a_draft_is_read_again_then_kept(place: Place, size: int, temporary: Path) -> None:
    content = os.urandom(size)
    with place.store.draft() as draft:
        for start in range(0, size, STRIDE + 7):
            draft.write(content[start : start + STRIDE + 7])
        assert draft.read_again().read() == content
        kept = draft.keep()
    assert kept == draft.file == StoredFile(hashlib.sha256(content).hexdigest(), size)
    assert place.store.read(kept) == content
    assert list(temporary.iterdir()) == []


def test_a_draft_that_is_not_kept_leaves_nothing(place: Place, temporary: Path) -> None:
    with place.store.draft() as draft:
        draft.write(bytes(3 * MIB))
    assert place.names() == []
    assert list(temporary.iterdir()) == []


class Cut(RawIOBase):
    """A source which breaks after two blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = [b"x" * MIB] * 2

    def read(self, size: int = -1) -> bytes:
        if not self.blocks:
            raise OSError("the line is cut")
        return self.blocks.pop()


def test_a_source_that_breaks_leaves_nothing(place: Place, temporary: Path) -> None:
    with pytest.raises(OSError, match="cut"):
        place.store.put(Cut())  # type: ignore[arg-type]
    assert place.names() == []
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("use", ["open", "read", "check", "path"])
def test_a_missing_document_is_told_by_the_beginning_of_its_digest(place: Place, use: str) -> None:
    with pytest.raises(DamagedDocumentError, match=rf"{KEPT.sha256[:12]}….*introuvable"):
        getattr(place.store, use)(KEPT)


SPOILT: dict[str, tuple[bytes | None, tuple[str, ...]]] = {
    "lost": (None, ("open", "read", "check", "path")),
    "cut": (CONTENT[:-1], ("open", "read", "check", "path")),
    "longer": (CONTENT + b"x", ("open", "read", "check", "path")),
    # Whoever opens a file of the disk is only promised its size.
    "altered": (CONTENT[:-1] + bytes([CONTENT[-1] ^ 1]), ("read", "check", "path")),
}


@pytest.mark.parametrize("damage", SPOILT)
def test_a_damaged_document_is_never_given_and_putting_it_again_restores_it(
    place: Place, damage: str, temporary: Path
) -> None:
    content, uses = SPOILT[damage]
    place.store.put_bytes(CONTENT)
    place.spoil(KEPT, content)
    for use in uses:
        with pytest.raises(DamagedDocumentError):
            getattr(place.store, use)(KEPT)
    assert list(temporary.iterdir()) == []
    assert place.store.put_bytes(CONTENT) == KEPT
    assert place.store.read(KEPT) == CONTENT


def test_what_was_disposed_of_is_missing_and_may_be_put_again(place: Place) -> None:
    kept = place.store.put_bytes(CONTENT)
    place.store.forget(kept)
    place.store.forget(kept)
    with pytest.raises(DamagedDocumentError, match="introuvable"):
        place.store.read(kept)
    assert place.store.put_bytes(CONTENT) == kept
    assert place.store.read(kept) == CONTENT


class Endless(RawIOBase):
    """A long source which holds one block and notes how much is asked of it."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size
        self.block = os.urandom(MIB)

    def read(self, size: int = -1) -> bytes:
        assert size == STRIDE
        piece = self.block[: min(size, self.left)]
        self.left -= len(piece)
        return piece


def _drained(stream: Any) -> int:
    size = 0
    while block := stream.read(MIB):
        size += len(block)
    return size


def test_forty_megabytes_pass_through_without_being_held(place: Place) -> None:
    source = Endless(40 * MIB + 7)
    place.store.put_bytes(b"what is loaded once")
    tracemalloc.start()
    try:
        kept = place.store.put(source)  # type: ignore[arg-type]
        assert place.store.path(kept).stat().st_size == 40 * MIB + 7
        with place.store.open(kept) as stream:
            assert _drained(stream) == kept.size
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 24 * MIB


def test_documents_on_a_register_make_notemporary_file_that_stays(
    place: Place, temporary: Path
) -> None:
    kept = place.store.put_bytes(os.urandom(3 * MIB))
    path = place.store.path(kept)
    with path.open("rb") as stream:
        del path
        assert _drained(stream) == kept.size
    with place.store.open(kept):
        pass
    assert list(temporary.iterdir()) == []
