"""The scene of the integration tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.bench import Bench
from tests.support.bench import bench as open_bench
from tests.support.programs import Programs
from tests.support.programs import programs as open_programs
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
    documents = tmp_path / "documents"
    return open_bench(engine, quick.model_copy(update={"documents_dir": documents}))


@pytest.fixture
def programs(bench: Bench, tmp_path: Path) -> Iterator[Programs]:
    """The bench with programs that asked to be told, real ones on this machine."""
    with web_server(None) as web:
        yield open_programs(bench, tmp_path, web)
