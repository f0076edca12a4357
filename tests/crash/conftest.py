"""The scene and the real processes of the crash tests, on shared engines or on their own."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.scene import Scene
from tests.support.scene import scene as open_scene
from tests.support.service import QUICK, Service
from tests.support.service import service as open_service
from transmission.embedded.valkey import EmbeddedValkey
from transmission.settings import Settings
from transmission.store.unit_of_work import open_engine


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Iterator[Scene]:
    settings = Settings(**QUICK, home=tmp_path, documents_dir=tmp_path / "documents")
    engine = open_engine(database_url)
    try:
        with open_scene(engine, tmp_path, settings) as made:
            yield made
    finally:
        engine.dispose()


@pytest.fixture
def service(scene: Scene, database_url: str, broker_url: str, tmp_path: Path) -> Iterator[Service]:
    documents, logs = tmp_path / "documents", tmp_path / "logs"
    with open_service(scene, database_url, broker_url, documents, logs) as made:
        yield made


@pytest.fixture
def own_broker(engines_folder: Path) -> Iterator[EmbeddedValkey]:
    """A broker that this test may break."""
    with EmbeddedValkey(engines_folder / f"valkey-{secrets.token_hex(3)}") as server:
        yield server


@pytest.fixture
def own_service(
    scene: Scene, database_url: str, own_broker: EmbeddedValkey, tmp_path: Path
) -> Iterator[Service]:
    """Processes on a broker that this test may break."""
    documents, logs = tmp_path / "documents", tmp_path / "logs"
    url = own_broker.urls.celery_url
    with open_service(scene, database_url, url, documents, logs) as made:
        yield made
