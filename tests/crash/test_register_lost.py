"""PostgreSQL is what remembers: it may drop its connections and restart, not forget."""

import os
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.support.scene import scene as open_scene
from tests.support.service import PATIENCE, QUICK, Service
from tests.support.service import service as open_service
from tests.support.stories import acts
from transmission.embedded.postgres import EmbeddedPostgres
from transmission.embedded.processes import wait_until
from transmission.settings import Settings
from transmission.store.migrations import upgrade
from transmission.store.unit_of_work import open_engine

ACTS = 20
DROPPED = 12
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


def test_connections_dropped_in_the_middle_of_transactions_lose_nothing(
    service: Service, administration: psycopg.Connection, database_url: str
) -> None:
    over = acts(service, "D2023", ACTS)
    database = make_url(database_url).database
    # This process asks questions too, and is not what is tested.
    ours = {pid for (pid,) in administration.execute(_BACKENDS, (database,))}
    service.start("scheduler")
    service.start("worker")
    dropped: set[int] = set()

    def drops() -> bool:
        living = {pid for (pid,) in administration.execute(_BACKENDS, (database,))}
        for pid in living - ours:
            administration.execute("SELECT pg_terminate_backend(%s)", (pid,))
        dropped.update(living - ours)
        return len(dropped) > DROPPED

    assert wait_until(drops, PATIENCE)
    assert wait_until(over, PATIENCE), service.whereabouts()
    service.check()


@pytest.fixture
def own_postgres(engines_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A register that this test may break; durable, as it is in production."""
    with EmbeddedPostgres(engines_folder / f"postgres-{secrets.token_hex(3)}") as server:
        upgrade(server.url)
        yield server


@pytest.mark.chaos
@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGKILL])
def test_a_register_that_restarts_in_the_middle_of_transactions_loses_nothing(
    own_postgres: EmbeddedPostgres, broker_url: str, tmp_path: Path, way: signal.Signals
) -> None:
    settings = Settings(**QUICK, home=tmp_path, documents_dir=tmp_path / "documents")
    url = own_postgres.url
    engine = open_engine(url)
    folders = tmp_path / "documents", tmp_path / "logs"
    with ExitStack() as stack:
        scene = stack.enter_context(open_scene(engine, tmp_path, settings))
        service = stack.enter_context(open_service(scene, url, broker_url, *folders))
        over = acts(service, "D2023", 2 * ACTS)
        service.start("scheduler")
        service.start("worker")
        for _ in range(3):
            time.sleep(1.5)
            assert own_postgres.pid is not None
            os.kill(own_postgres.pid, way)
            assert wait_until(lambda: not own_postgres.running, PATIENCE)
            engine.dispose()
            assert own_postgres.start() == url
        assert wait_until(over, 2 * PATIENCE), service.whereabouts()
        service.check()
    engine.dispose()
