"""Small documents: kept by the transaction that names them, read where all documents are."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from tests.support.bench import Bench
from transmission.domain.transmission import StoredFile
from transmission.store.documents import DamagedDocumentError, DiskDocumentStore, described
from transmission.store.documents_database import DatabaseDocumentStore
from transmission.store.documents_small import LayeredDocumentStore
from transmission.store.tables import document_block


@pytest.fixture
def layered(documents_engine: Engine, tmp_path: Path) -> LayeredDocumentStore:
    place = DiskDocumentStore(tmp_path / "documents")
    return LayeredDocumentStore(DatabaseDocumentStore(documents_engine), place, small=100)


def _keep(bench: Bench, *contents: bytes) -> tuple[StoredFile, ...]:
    with bench.tools.register() as unit:
        kept = unit.keep(*contents)
        unit.commit()
    return kept


def _count(bench: Bench) -> int:
    with bench.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(document_block)).scalar_one()


def test_what_is_kept_is_read_checked_opened_and_given_a_path(
    bench: Bench, layered: LayeredDocumentStore
) -> None:
    first, second = _keep(bench, b"message", b"\x00\xff seal")
    assert (first, second) == (described(b"message"), described(b"\x00\xff seal"))
    assert layered.read(first) == b"message"
    with layered.open(second) as stream:
        assert stream.read() == b"\x00\xff seal"
    layered.check(first)
    assert layered.path(second).read_bytes() == b"\x00\xff seal"


def test_nothing_is_kept_of_a_transaction_that_is_undone(
    bench: Bench, layered: LayeredDocumentStore
) -> None:
    before = _count(bench)
    with bench.tools.register() as unit:
        (file,) = unit.keep(b"message")
    assert _count(bench) == before
    with pytest.raises(DamagedDocumentError, match="introuvable"):
        layered.read(file)


def test_the_same_content_is_kept_once_and_mends_one_that_was_damaged(
    bench: Bench, layered: LayeredDocumentStore
) -> None:
    before = _count(bench)
    file, again = _keep(bench, b"message", b"message")
    assert file == again
    assert _count(bench) == before + 1
    with bench.engine.begin() as connection:
        mine = document_block.c.sha256 == file.sha256
        connection.execute(update(document_block).where(mine).values(content=b"messagE"))
    with pytest.raises(DamagedDocumentError, match="empreinte"):
        layered.check(file)
    _keep(bench, b"message")
    layered.check(file)


def test_those_that_keep_the_same_contents_at_once_do_not_stop_each_other(bench: Bench) -> None:
    contents = [bytes([rank]) for rank in range(40)]
    with ThreadPoolExecutor(4) as pool:
        turns = [contents, contents[::-1]] * 4
        kept = list(pool.map(lambda turn: _keep(bench, *turn), turns))
    assert {frozenset(files) for files in kept} == {frozenset(map(described, contents))}


def test_a_document_of_the_place_is_found_there_whatever_its_size(
    layered: LayeredDocumentStore,
) -> None:
    small, large = layered.put_bytes(b"act"), layered.put_bytes(b"a" * 101)
    with layered.draft() as draft:
        draft.write(b"drafted")
        drafted = draft.keep()
    assert [layered.read(file) for file in (small, large, drafted)] == [
        b"act", b"a" * 101, b"drafted",
    ]  # fmt: skip


def test_the_register_is_not_asked_for_what_is_too_large_for_it(
    layered: LayeredDocumentStore, documents_engine: Engine
) -> None:
    large = layered.put_bytes(b"a" * 101)
    documents_engine.dispose()
    layered._register = None  # type: ignore[assignment]
    assert layered.read(large) == b"a" * 101


def test_what_was_put_in_neither_is_missing(layered: LayeredDocumentStore) -> None:
    with pytest.raises(DamagedDocumentError, match="introuvable"):
        layered.open(described(b"never"))
