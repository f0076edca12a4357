"""What every test may ask for: the real engines, one of each per session, and a database per test.

TRANSMISSION_TEST_DATABASE_URL (SQLAlchemy's form; the role may create databases) and
TRANSMISSION_TEST_BROKER_URL (redis://…; that database is flushed) name servers to use instead.
"""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis
from hypothesis import settings
from psycopg import sql
from sqlalchemy.engine import make_url

from transmission import logs
from transmission.embedded.postgres import EmbeddedPostgres
from transmission.embedded.valkey import BrokerUrls, EmbeddedValkey

_PLENTY_BYTES = 2**30
_HERE = Path(__file__).parent

logs.configure()
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, or one process would wait for another at the end."""
    longest = tuple(str(_HERE / name) for name in ("crash", "e2e", "integration/console"))
    items.sort(key=lambda item: not str(item.path).startswith(longest))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long content does not name its case: dated, it would name another in each process."""
    return argname if isinstance(val, bytes) and len(val) > 20 else None


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real material, which is no part of the project."""
    folder = os.environ.get("TRANSMISSION_SAMPLES")
    if not folder:
        pytest.skip("TRANSMISSION_SAMPLES names no folder of samples")
    return Path(folder)


@pytest.fixture(scope="session")
def engines_root() -> str | None:
    """Parent of the engines' folders: memory where there is plenty, for it is up to ten times as
    fast as a disk at the many small files of a database; else None, the default."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        return None
    status = os.statvfs(memory)
    roomy = status.f_bavail * status.f_frsize > _PLENTY_BYTES
    return str(memory) if roomy and not status.f_flag & os.ST_NOEXEC else None


@pytest.fixture(scope="session")
def engines_folder(engines_root: str | None) -> Iterator[Path]:
    """Short enough for Unix sockets and, unlike tmp_path, open to PostgreSQL's account."""
    with tempfile.TemporaryDirectory(prefix="transmission-", dir=engines_root) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres_server(engines_folder: Path) -> Iterator[str]:
    """URL, as SQLAlchemy wants it, of a server where databases can be created."""
    if given := os.environ.get("TRANSMISSION_TEST_DATABASE_URL"):
        yield given
        return
    with EmbeddedPostgres(engines_folder / "postgres", for_tests=True) as server:
        yield server.url


@contextmanager
def _database(administration: psycopg.Connection, template: str) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    parts = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    administration.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**parts))
    try:
        yield name
    finally:
        administration.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**parts))


def _url_of(server: str, database: str) -> str:
    return make_url(server).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def administration(postgres_server: str) -> Iterator[psycopg.Connection]:
    """An autocommit connection to the server, for CREATE DATABASE and the like."""
    url = make_url(postgres_server).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def template_database(postgres_server: str, administration: psycopg.Connection) -> Iterator[str]:
    """Name of a database migrated once, which the others are cloned from."""
    from transmission.store.migrations import upgrade

    with _database(administration, template="template1") as name:
        upgrade(_url_of(postgres_server, name))
        yield name


@pytest.fixture
def database_url(
    postgres_server: str, administration: psycopg.Connection, template_database: str
) -> Iterator[str]:
    """URL, as SQLAlchemy wants it, of a migrated empty database that is this test's alone."""
    with _database(administration, template=template_database) as name:
        yield _url_of(postgres_server, name)


@pytest.fixture(scope="session")
def valkey_server(engines_folder: Path) -> Iterator[BrokerUrls]:
    if given := os.environ.get("TRANSMISSION_TEST_BROKER_URL"):
        yield BrokerUrls(celery_url=given, redis_url=given)
        return
    with EmbeddedValkey(engines_folder / "valkey") as server:
        yield server.urls


@pytest.fixture
def broker_url(valkey_server: BrokerUrls) -> str:
    """URL, as Celery wants it, of an empty broker; `valkey_server.redis_url` is redis-py's."""
    with redis.Redis.from_url(valkey_server.redis_url) as client:
        client.flushdb()
    return valkey_server.celery_url
