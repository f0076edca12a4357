"""Documents in the database: what the other places do not have to promise."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, delete, func, select, text

from transmission.domain.transmission import StoredFile
from transmission.store.documents import DamagedDocumentError
from transmission.store.documents_database import DatabaseDocumentStore
from transmission.store.tables import document_block

MIB = 2**20
THREADS = 40
"""As many as the console has, and far more than the connections of one pool."""


def _ranks(engine: Engine) -> list[int]:
    query = select(document_block.c.rank).order_by(document_block.c.rank)
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


def test_a_document_is_kept_in_blocks_of_one_mebibyte(documents_engine: Engine) -> None:
    store = DatabaseDocumentStore(documents_engine)
    store.put_bytes(os.urandom(2 * MIB + 1))
    assert _ranks(documents_engine) == [0, 1, 2]
    with documents_engine.connect() as connection:
        sizes = connection.execute(select(func.length(document_block.c.content))).scalars().all()
    assert sorted(sizes) == [1, MIB, MIB]


def test_a_block_that_is_missing_in_the_middle_is_seen(documents_engine: Engine) -> None:
    store = DatabaseDocumentStore(documents_engine)
    kept = store.put_bytes(os.urandom(3 * MIB))
    with documents_engine.begin() as connection:
        connection.execute(delete(document_block).where(document_block.c.rank == 1))
    with pytest.raises(DamagedDocumentError, match="taille"):
        store.read(kept)


def test_a_putting_that_fails_half_way_leaves_no_block(
    documents_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DatabaseDocumentStore(documents_engine)
    with documents_engine.begin() as connection:
        connection.execute(
            text("ALTER TABLE document_block ADD CONSTRAINT full_disk CHECK (rank < 2)")
        )
    with pytest.raises(Exception, match="full_disk"):
        store.put_bytes(os.urandom(3 * MIB))
    assert _ranks(documents_engine) == []


def test_a_document_is_put_while_as_many_transactions_as_possible_are_open(
    engine: Engine, documents_engine: Engine
) -> None:
    store = DatabaseDocumentStore(documents_engine)
    most = 15
    ready = Barrier(most)

    def put_inside_a_transaction(rank: int) -> StoredFile:
        with engine.begin():
            ready.wait(30)
            return store.put_bytes(b"%d" % rank)

    with ThreadPoolExecutor(most) as threads:
        kept = list(threads.map(put_inside_a_transaction, range(most)))
    assert [store.read(file) for file in kept] == [b"%d" % rank for rank in range(most)]


def test_more_threads_than_connections_wait_for_each_other(documents_engine: Engine) -> None:
    store = DatabaseDocumentStore(documents_engine)

    def put_and_read(rank: int) -> bool:
        content = os.urandom(MIB + rank)
        return store.read(store.put_bytes(content)) == content

    with ThreadPoolExecutor(THREADS) as threads:
        assert all(threads.map(put_and_read, range(THREADS)))


def test_content_that_does_not_compress_is_not_compressed(documents_engine: Engine) -> None:
    query = text(
        "SELECT attstorage::text FROM pg_attribute"
        " WHERE attrelid = 'document_block'::regclass AND attname = 'content'"
    )
    with documents_engine.connect() as connection:
        assert connection.execute(query).scalar_one() == "e"


def test_a_connection_that_the_server_closed_is_made_again(
    engine: Engine, documents_engine: Engine
) -> None:
    store = DatabaseDocumentStore(documents_engine)
    kept = store.put_bytes(b"acte")
    closing = text(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'transmission documents' AND datname = current_database()"
    )
    with engine.connect() as connection:
        assert connection.execute(closing).scalars().all() == [True]
    assert store.read(kept) == b"acte"
