"""A register that is away, empty or ill-named is told in French, whatever the command."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from tests.support.scene import Scene

Run = Callable[..., SimpleNamespace]
COMMANDS = (
    ("status", "D1"),
    ("authority", "list"),
    ("release", "D1", "--motif", "m"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_does_not_answer_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TRANSMISSION_DATABASE_URL", "postgresql+psycopg://a:s3cret@127.0.0.1:1/b")
    ended = run(*command)
    assert ended.code == 1
    assert ended.err.startswith("La base de données ne répond pas.")
    assert "s3cret" not in ended.err


@pytest.mark.parametrize("url", ["nimporte", "foo://a:s3cret@127.0.0.1:1/b"])
def test_an_address_that_is_none_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("TRANSMISSION_DATABASE_URL", url)
    for command in (("status", "D1"), ("migrate",)):
        ended = run(*command)
        assert ended.code == 1
        assert "TRANSMISSION_DATABASE_URL n'est pas l'adresse" in ended.err
        assert "s3cret" not in ended.err


def test_a_database_without_tables_asks_for_migrate(run: Run, served: Scene) -> None:
    with served.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    ended = run("status", "D1")
    assert ended.code == 1
    assert "Lancez « transmission migrate »" in ended.err
    assert run("migrate").code == 0
    assert "Aucune collectivité n'est enregistrée" in run("status", "D1").err


def test_migrate_may_be_repeated(run: Run) -> None:
    assert run("migrate").out == run("migrate").out == "La base de données est à jour.\n"
