"""The scene of the integration tests."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from tests.support.bench import Bench
from tests.support.bench import bench as open_bench
from tests.support.programs import Programs
from tests.support.programs import programs as open_programs
from tests.support.proofs import Proofs, make_proofs
from tests.support.scene import Scene
from tests.support.scene import scene as open_scene
from tests.support.web_server import web_server
from transmission.settings import Settings
from transmission.store.unit_of_work import open_engine


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def proofs(
    postgres_server: str,
    administration: psycopg.Connection,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proofs]:
    """Dossiers de preuve, made once for all who only read them."""
    name = f"proofs_{secrets.token_hex(6)}"
    administration.execute(f"CREATE DATABASE {name} TEMPLATE {template_database}")
    url = make_url(postgres_server).set(database=name)
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        yield make_proofs(engine, tmp_path_factory.mktemp("proofs"))
    finally:
        engine.dispose()
        administration.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def quick() -> Settings:
    """Delays that a test can cross with its own clock, and short real time-outs."""
    return Settings(
        connect_timeout=2,
        read_timeout=5,
        submission_max=60,
        settle_delay=30,
        retry_delays=(30, 60),
        poll_delays=(10, 20, 40),
        lost_bell_delay=60,
    )


@pytest.fixture
def scene(engine: Engine, tmp_path: Path, quick: Settings) -> Iterator[Scene]:
    settings = quick.model_copy(update={"home": tmp_path, "documents_dir": tmp_path / "documents"})
    with open_scene(engine, tmp_path, settings) as made:
        yield made


@pytest.fixture
def bench(engine: Engine, tmp_path: Path, quick: Settings) -> Bench:
    """The services on a real register, with a TdT that answers what the test writes."""
    folders = {
        "home": tmp_path,
        "documents_dir": tmp_path / "documents",
        "anchors_dir": tmp_path / "anchors",
    }
    return open_bench(engine, quick.model_copy(update=folders))


@pytest.fixture
def programs(bench: Bench, tmp_path: Path) -> Iterator[Programs]:
    """The bench with programs that asked to be told, real ones on this machine."""
    with web_server(None) as web:
        yield open_programs(bench, tmp_path, web)
