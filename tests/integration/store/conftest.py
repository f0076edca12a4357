"""The three places where documents may be kept."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url

from tests.support.s3 import s3_server
from transmission.store.documents_database import open_documents_engine
from transmission.store.documents_s3 import Bucket


@pytest.fixture
def documents_engine(database_url: str) -> Iterator[Engine]:
    opened = open_documents_engine(make_url(database_url))
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    with s3_server(tmp_path_factory.mktemp("s3")) as bucket:
        yield bucket


@pytest.fixture
def bucket(_server: Bucket, tmp_path: Path) -> Bucket:
    """A place of the S3 server that is this test's alone."""
    return replace(_server, prefix=f"{tmp_path.name}/")
