"""The schema: reached once and for all from nothing, and the one that the code describes."""

import secrets
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from tests.support.bench import Bench
from transmission.embedded.processes import wait_until
from transmission.store.migrations import configuration, is_behind, upgrade, versions
from transmission.store.tables import metadata
from transmission.store.unit_of_work import open_engine

MIGRATOR = "import sys; from transmission.store.migrations import upgrade; upgrade(sys.argv[1])"


@pytest.fixture
def empty_url(postgres_server: str, administration: psycopg.Connection) -> Iterator[str]:
    """URL of a database without any table."""
    name = f"test_{secrets.token_hex(6)}"
    administration.execute(f"CREATE DATABASE {name}")
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    administration.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _tables(url: str) -> set[str]:
    engine = open_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_migrations_make_exactly_the_tables_that_the_code_describes(database_url: str) -> None:
    command.check(configuration(database_url))
    assert _tables(database_url) == {*metadata.tables, "alembic_version"}


def test_a_database_that_is_up_to_date_is_left_as_it_is(bench: Bench, database_url: str) -> None:
    made = bench.acte()
    upgrade(database_url)
    assert bench.now_of(made.id) == made


def test_there_is_one_latest_version() -> None:
    assert len(ScriptDirectory.from_config(configuration("")).get_heads()) == 1


def test_two_migrators_at_once_bring_an_empty_database_up_to_date(
    empty_url: str, administration: psycopg.Connection
) -> None:
    url = make_url(empty_url)
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    )

    def both_wait() -> bool:
        row = administration.execute(waiting, [url.database]).fetchone()
        return row == (2,)

    direct = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(direct) as obstacle:
        # Held back here, they then start at the very same instant.
        obstacle.execute("CREATE TABLE alembic_version (version_num text)")
        migrators = [
            subprocess.Popen([sys.executable, "-c", MIGRATOR, empty_url], stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        gathered = wait_until(both_wait, 30)
        obstacle.rollback()
    told = [migrator.communicate(timeout=60)[1].decode() for migrator in migrators]
    assert gathered
    assert [migrator.returncode for migrator in migrators] == [0, 0], told
    command.check(configuration(empty_url))


def test_what_was_made_can_be_unmade_and_made_again(empty_url: str) -> None:
    upgrade(empty_url)
    command.downgrade(configuration(empty_url), "base")
    assert _tables(empty_url) == {"alembic_version"}
    upgrade(empty_url)
    command.check(configuration(empty_url))


def test_a_version_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    engine = open_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE journal (id int)"))
    with pytest.raises(DBAPIError, match="journal"):
        upgrade(empty_url)
    engine.dispose()
    assert _tables(empty_url) == {"journal"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET author = 'personne'",
        "UPDATE journal SET author = author WHERE false",
        "DELETE FROM journal",
        "TRUNCATE journal CASCADE",
        "TRUNCATE acte CASCADE",
    ],
)
def test_the_journal_only_grows(bench: Bench, engine: Engine, statement: str) -> None:
    made = bench.acte()
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))
    assert bench.events(made.id) == ["accepted"]


@pytest.mark.parametrize(
    ("held", "behind"),
    [(versions()[0], False), (versions()[1], True), ("of a newer program", False)],
)
def test_only_a_database_of_an_older_version_is_behind(
    engine: Engine, held: str, behind: bool
) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :held"), {"held": held})
        assert is_behind(connection) is behind


def test_a_database_without_any_version_is_behind(empty_url: str) -> None:
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        assert is_behind(connection)
    engine.dispose()


def test_a_process_of_the_version_before_may_still_ring(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO outbox (task, subject) VALUES ('inbox', 1)"))
        assert connection.execute(text("SELECT rung_at <= now() FROM outbox")).scalar_one()
