"""Roles of the database from the command line."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.support.roles import roles_of
from transmission.store.roles import AUDITOR, SERVICE

Run = Callable[..., SimpleNamespace]


def test_rights_are_given_to_the_roles_that_are_there(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = roles_of(database_url)
    monkeypatch.setenv("TRANSMISSION_DATABASE_OWNER_URL", roles.owner)
    monkeypatch.setenv("TRANSMISSION_DATABASE_URL", roles.service)
    ended = run("roles")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"Droits donnés : {AUDITOR}, {SERVICE}.\n"
    told = json.loads(run("roles", "--json").out)
    assert told == {"crees": [], "a_creer": [], "droits": [AUDITOR, SERVICE]}
    assert run("migrate").out == "La base de données est à jour.\n"
    assert json.loads(run("statistics", "--json").out)


def test_what_an_administrator_has_to_do_is_written_and_no_password(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles_of(database_url)
    url = make_url(database_url).set(username="autre", password="s3cret")
    monkeypatch.setenv("TRANSMISSION_DATABASE_OWNER_URL", database_url)
    monkeypatch.setenv("TRANSMISSION_DATABASE_URL", url.render_as_string(hide_password=False))
    ended = run("roles")
    assert ended.code == 1
    assert f'CREATE ROLE "autre" LOGIN IN ROLE {SERVICE};' in ended.err
    assert "s3cret" not in ended.out + ended.err
    assert run("migrate").code == 0


def test_the_sql_that_is_written_does_what_the_command_does(run: Run, database_url: str) -> None:
    roles = roles_of(database_url)
    create, other, *statements = run("roles", "--sql").out.splitlines()
    assert (create, other) == (f"CREATE ROLE {SERVICE} NOLOGIN;", f"CREATE ROLE {AUDITOR} NOLOGIN;")
    engine = create_engine(roles.owner)
    asked = text("SELECT relname, relacl::text FROM pg_class WHERE relkind = 'r' ORDER BY 1")
    with engine.begin() as connection:
        before = connection.execute(asked).all()
        for statement in statements:
            connection.execute(text(statement))
        assert connection.execute(asked).all() == before
    engine.dispose()
