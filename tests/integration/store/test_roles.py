"""What each role of the database can do, asked of a real server: the service cannot rewrite."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import ProgrammingError

from tests.support.bench import Bench
from tests.support.bench import bench as open_bench
from tests.support.roles import Roles, roles_of
from transmission.domain.lifecycle import State
from transmission.services.anchor import anchor_journal
from transmission.services.chain import link_journal
from transmission.settings import Settings
from transmission.store.migrations import configuration
from transmission.store.roles import (
    AUDITOR,
    GROWING,
    KEYS,
    SERVICE,
    bring_up_to_date,
    grant,
    grants,
    make_roles,
    standing,
)
from transmission.store.tables import metadata
from transmission.store.unit_of_work import open_engine

STORE = Path(__file__).parents[3] / "transmission"

_CHOOSE_A_NUMBER = (
    "INSERT INTO journal (id, collectivite_id, at, event, author)"
    " OVERRIDING SYSTEM VALUE VALUES (-1, 1, now(), 'x', 'x')"
)


@pytest.fixture
def roles(database_url: str) -> Roles:
    return roles_of(database_url)


@pytest.fixture
def service(roles: Roles) -> Iterator[Engine]:
    opened = open_engine(roles.service)
    yield opened
    opened.dispose()


def _refused(engine: Engine, statement: str) -> bool:
    with engine.connect() as connection:
        try:
            connection.execute(text(statement))
        except ProgrammingError as error:
            return isinstance(error.orig, psycopg.errors.InsufficientPrivilege)
    return False


def test_the_service_can_only_add_to_what_only_grows(service: Engine) -> None:
    with service.connect() as connection:
        columns = {
            table: inspect(connection).get_columns(table)[-1]["name"] for table in sorted(GROWING)
        }
    passed = [
        statement
        for table, column in columns.items()
        for statement in (
            f"UPDATE {table} SET {column} = {column} WHERE false",
            f"DELETE FROM {table} WHERE false",
            f"TRUNCATE {table} CASCADE",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"ALTER TABLE {table} ADD COLUMN more int",
            f"DROP TABLE {table} CASCADE",
            f"CREATE TRIGGER hidden BEFORE INSERT ON {table} EXECUTE FUNCTION is_append_only()",
        )
        if not _refused(service, statement)
    ]
    assert passed == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (id int)",
        "ALTER FUNCTION is_append_only() RENAME TO is_free",
        "DROP TRIGGER journal_append_only ON journal",
        "SET session_replication_role = replica",
        _CHOOSE_A_NUMBER,
        "SELECT setval(pg_get_serial_sequence('journal', 'id'), 1)",
        "UPDATE alembic_version SET version_num = '0001'",
        "SET ROLE transmission",
    ],
)
def test_the_service_gets_round_no_lock(service: Engine, statement: str) -> None:
    assert _refused(service, statement)


def test_an_act_lives_its_whole_life_under_the_service_role(
    service: Engine, tmp_path: Path, quick: Settings
) -> None:
    folders = {"documents_dir": tmp_path / "documents", "anchors_dir": tmp_path / "anchors"}
    bench = open_bench(service, quick.model_copy(update=folders))
    received = bench.acknowledged()
    assert received.state is State.ACKNOWLEDGED
    link_journal(bench.tools)
    anchor_journal(bench.tools)
    assert (tmp_path / "anchors" / "000001.json").exists()
    with service.connect() as connection:
        assert standing(connection).alterable == ()


def test_nothing_in_the_code_changes_or_removes_what_the_service_may_only_add_to() -> None:
    names = "|".join(sorted(GROWING))
    changing = re.compile(
        rf"(?<![.\w])(?:update|delete)\((?:{names})\)|\b(?:{names})\.(?:update|delete)\(\)"
        rf"|\b(?:UPDATE|DELETE FROM) (?:{names})\b"
    )
    found = [
        f"{path.name}: {match[0]}"
        for path in STORE.rglob("*.py")
        if "migrations" not in path.parts
        for match in changing.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_auditor_reads_everything_but_keys_and_writes_nothing(
    roles: Roles, bench: Bench
) -> None:
    bench.acte()
    auditor = create_engine(roles.auditor)
    for table in sorted({*metadata.tables, "alembic_version"}):
        assert _refused(auditor, f"SELECT * FROM {table}") == (table in KEYS), table
        assert _refused(auditor, f"DELETE FROM {table}"), table
        assert _refused(auditor, f"INSERT INTO {table} DEFAULT VALUES"), table
    with auditor.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM journal")).scalar_one() == 1
    auditor.dispose()


def test_the_owner_passes_every_version_down_and_up_again(roles: Roles) -> None:
    command.downgrade(configuration(roles.owner), "base")
    bring_up_to_date(roles.service, roles.owner)
    service = open_engine(roles.service)
    with service.connect() as connection:
        assert connection.execute(text("SELECT linked_to FROM chain")).scalar_one() == 0
    service.dispose()


def test_rights_said_again_are_the_same_and_those_in_excess_are_taken_back(
    roles: Roles, engine: Engine
) -> None:
    with engine.begin() as connection:
        before = _rights(connection)
        connection.execute(text(f"GRANT UPDATE ON journal TO {SERVICE}"))
        connection.execute(text(f"GRANT SELECT ON session TO {AUDITOR}"))
    assert grant(engine) == (AUDITOR, SERVICE)
    with engine.connect() as connection:
        assert _rights(connection) == before


def _rights(connection: Any) -> list[Any]:
    found = text("SELECT relname, relacl::text FROM pg_class WHERE relkind = 'r' ORDER BY 1")
    return list(connection.execute(found))


def test_it_is_told_who_could_rewrite_the_journal(roles: Roles, engine: Engine) -> None:
    with engine.connect() as connection:
        told = standing(connection)
    assert told.name == make_url(roles.owner).username
    assert told.alterable == tuple(sorted(GROWING))


def test_an_owner_that_makes_no_roles_says_what_an_administrator_has_to_run(
    roles: Roles, engine: Engine
) -> None:
    name = f"app_{secrets.token_hex(4)}"
    url = make_url(roles.owner).set(username=name, password="s3cr:et")
    made = make_roles(engine, url.render_as_string(hide_password=False))
    assert made.refused == (f'CREATE ROLE "{name}" LOGIN IN ROLE {SERVICE}',)
    assert made.created == ()
    assert made.granted == (AUDITOR, SERVICE)


def test_whoever_owns_nothing_grants_nothing(roles: Roles, service: Engine) -> None:
    with service.connect() as connection:
        assert list(grants(connection, (SERVICE,))) == []
    assert bring_up_to_date(roles.service, None).granted == (AUDITOR, SERVICE)


@pytest.fixture
def administrator(engines_folder: Path, postgres_server: str) -> Iterator[Engine]:
    """Who administers the embedded server."""
    host = make_url(postgres_server).query.get("host")
    if not str(host).startswith(str(engines_folder)):
        pytest.skip("not the embedded server")
    opened = create_engine(make_url(postgres_server).set(username="postgres"))
    yield opened
    opened.dispose()


def test_the_account_of_the_service_is_made_with_its_password_and_works(
    administrator: Engine, database_url: str
) -> None:
    name = f"app_{secrets.token_hex(4)}"
    own = make_url(database_url)
    engine = create_engine(own.set(username="postgres"))
    url = own.set(username=name, password="s3cr:et'\\").render_as_string(hide_password=False)
    try:
        made = make_roles(engine, url)
        assert (made.created, made.refused) == ((name,), ())
        assert make_roles(engine, url).created == ()
        with engine.connect() as connection:
            asked = text("SELECT rolcanlogin, rolpassword FROM pg_authid WHERE rolname = :name")
            may, kept = connection.execute(asked, {"name": name}).one()
            assert may
            assert kept.startswith("SCRAM-SHA-256$")
            connection.execute(text(f"SET ROLE {name}"))
            assert standing(connection).alterable == ()
            assert connection.execute(text("SELECT count(*) FROM acte")).scalar_one() == 0
    finally:
        engine.dispose()
        with administrator.begin() as connection:
            connection.execute(text(f"DROP ROLE IF EXISTS {name}"))
