import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from transmission.embedded import postgres_cluster, postgres_programs, postgres_settings
from transmission.embedded.accounts import Account
from transmission.embedded.addresses import free_port
from transmission.embedded.errors import EngineUnavailableError
from transmission.embedded.postgres import EmbeddedPostgres
from transmission.embedded.postgres_programs import Programs
from transmission.embedded.processes import spawn, wait_until

PATIENCE_SECONDS = 30.0

SERVE = """
import sys, time
from pathlib import Path
from transmission.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), for_tests=True)
server.start()
print(server.libpq_url, flush=True)
time.sleep(3600)
"""


@pytest.fixture(scope="module")
def made(engines_root: str | None) -> Iterator[Path]:
    """A folder where a cluster is made already: a second is what making one costs."""
    with tempfile.TemporaryDirectory(prefix="transmission-", dir=engines_root) as folder:
        Path(folder).chmod(0o711)
        with embedded(Path(folder)):
            pass
        yield Path(folder)


def embedded(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder / "pg", for_tests=True)


def ask(server: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(server.libpq_url) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def remember(server: EmbeddedPostgres, fact: str) -> None:
    with psycopg.connect(server.libpq_url) as connection:
        connection.execute("DROP TABLE IF EXISTS facts")
        connection.execute("CREATE TABLE facts (fact text)")
        connection.execute("INSERT INTO facts VALUES (%s)", (fact,))


def test_a_restart_keeps_the_data(made: Path, becomes_empty: Callable[[Path], bool]) -> None:
    server = embedded(made)
    assert server.start() == server.start() == server.url
    remember(server, "délibération")
    server.stop()
    server.stop()
    assert not server.running
    assert becomes_empty(made)
    with server:
        assert ask(server, "SELECT fact FROM facts") == "délibération"


def test_the_database_is_what_the_register_needs(made: Path) -> None:
    with EmbeddedPostgres(made / "pg") as server:
        engine = create_engine(server.url)
        with engine.connect() as connection:
            described = "SELECT current_database(), current_user, lower('ÉTÉ'), 'a' < 'B'"
            row = connection.execute(text(described)).one()
            assert tuple(row) == ("transmission", "transmission", "été", False)
            settings = {
                name: connection.execute(text(f"SHOW {name}")).scalar()
                for name in (
                    "server_encoding",
                    "data_checksums",
                    "fsync",
                    "timezone",
                    "is_superuser",
                )
            }
        engine.dispose()
    assert settings == {
        "server_encoding": "UTF8",
        "data_checksums": "on",
        "fsync": "on",
        "timezone": "UTC",
        "is_superuser": "off",
    }


def test_only_tests_give_up_durability(made: Path) -> None:
    with embedded(made) as server:
        assert ask(server, "SHOW fsync") == "off"
        assert ask(server, "SHOW synchronous_commit") == "off"


def test_a_server_killed_under_us_starts_again_with_its_data(made: Path) -> None:
    server = EmbeddedPostgres(made / "pg")
    with server:
        remember(server, "arrêté")
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        assert wait_until(lambda: not server.running, PATIENCE_SECONDS)
        server.start()
        assert ask(server, "SELECT fact FROM facts") == "arrêté"


def test_a_killed_parent_leaves_no_process_and_the_next_run_finds_the_data(
    made: Path,
    parent: Callable[..., subprocess.Popen[str]],
    processes_in: Callable[[Path], list[int]],
    becomes_empty: Callable[[Path], bool],
) -> None:
    program = parent(SERVE, made / "pg")
    assert program.stdout
    with psycopg.connect(program.stdout.readline().strip(), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS facts")
        connection.execute("CREATE TABLE facts AS SELECT 'budget' AS fact")
        assert len(processes_in(made)) > 1
        program.kill()
        program.wait()
        # With a client still connected, as workers would be.
        assert becomes_empty(made)
    with embedded(made) as server:
        assert ask(server, "SELECT fact FROM facts") == "budget"


def test_a_leftover_that_the_kernel_did_not_stop_is_stopped_first(made: Path) -> None:
    server = embedded(made)
    with server:
        remember(server, "contrat")
        cluster = server._started()[0]
        command = Path(f"/proc/{server.pid}/cmdline").read_bytes().decode().split("\0")[:-1]
    leftover = spawn(
        command, name="leftover", log=made / "log", cwd=Path("/"), account=cluster.run_as
    )
    try:
        assert wait_until(lambda: cluster.is_ready(leftover.pid), PATIENCE_SECONDS)
        with server:
            assert ask(server, "SELECT fact FROM facts") == "contrat"
        assert "received fast shutdown request" in (made / "log").read_text()
    finally:
        leftover.stop()


def test_a_lock_file_whose_number_is_now_another_process_s_does_not_block(made: Path) -> None:
    server = embedded(made)
    server.start()
    cluster = server._started()[0]
    lock = (cluster.data / "postmaster.pid").read_text().splitlines(keepends=True)
    server.stop()
    bystander = spawn(["sleep", "3600"], name="bystander", log=made / "log", account=cluster.run_as)
    try:
        lock[0] = f"{bystander.pid}\n"
        (cluster.data / "postmaster.pid").write_text("".join(lock))
        os.chown(cluster.data / "postmaster.pid", cluster.account.uid, cluster.account.gid)
        with server:
            assert server.running
        assert bystander.running
    finally:
        bystander.stop()


def test_an_empty_lock_file_does_not_block(made: Path) -> None:
    server = embedded(made)
    server.start()
    lock = server.directory / "data" / "postmaster.pid"
    server.stop()
    lock.touch()
    with server:
        assert server.running


def test_two_servers_run_side_by_side(made: Path, folder: Path) -> None:
    with embedded(made) as one, embedded(folder) as two:
        remember(one, "un")
        remember(two, "deux")
        assert ask(one, "SELECT string_agg(fact, ',') FROM facts") == "un"
        assert ask(two, "SELECT string_agg(fact, ',') FROM facts") == "deux"


def test_a_second_run_on_the_same_folder_is_refused_and_harms_nobody(made: Path) -> None:
    with embedded(made) as first:
        with pytest.raises(EngineUnavailableError, match="déjà utilisé"):
            embedded(made).start()
        assert ask(first, "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_uses_a_loopback_port_with_a_password(
    long_folder: Path,
) -> None:
    with embedded(long_folder) as server:
        assert "@127.0.0.1:" in server.url
        password = server.url.split("@")[0].rpartition(":")[2]
        assert ask(server, "SELECT 1") == 1
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.libpq_url.replace(password, "devine"))
        assert password not in repr(server._started())
        assert password not in (server.directory / "postgres.log").read_text()
        assert list((server.directory / "socket").iterdir()) == []


def test_a_port_taken_meanwhile_is_replaced(
    long_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        offered = [other.getsockname()[1]]
        monkeypatch.setattr(
            postgres_settings, "free_port", lambda: offered.pop() if offered else free_port()
        )
        with embedded(long_folder) as server:
            assert ask(server, "SELECT 1") == 1
    assert offered == []


def test_another_account_of_the_machine_is_not_let_in(
    made: Path, run_as_nobody: Callable[[str], str]
) -> None:
    with embedded(made) as server:
        (server.directory / "socket").chmod(0o711)
        refused = run_as_nobody(
            "import psycopg\n"
            f"try: psycopg.connect({server.libpq_url!r})\n"
            "except psycopg.OperationalError as error: print(error)"
        )
        (server.directory / "socket").chmod(0o700)
    assert "Peer authentication failed" in refused


def test_an_ordinary_account_runs_its_own_server(
    folder: Path, nobody: Account, run_as_nobody: Callable[[str], str]
) -> None:
    ran = run_as_nobody(
        "import sys, psycopg\n"
        "from pathlib import Path\n"
        "from transmission.embedded.postgres import EmbeddedPostgres\n"
        "with EmbeddedPostgres(Path(sys.argv[1], 'pg'), for_tests=True) as server:\n"
        "    with psycopg.connect(server.libpq_url) as connection:\n"
        "        print(connection.execute('SELECT current_user').fetchone()[0])\n"
    )
    assert ran == "transmission"
    assert (folder / "pg" / "data").stat().st_uid == nobody.uid
    # Root takes the data up under the account that made them.
    with embedded(folder) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == nobody.uid


def test_the_data_of_another_account_are_refused_in_french(
    made: Path, run_as_nobody: Callable[[str], str]
) -> None:
    said = run_as_nobody(
        "from pathlib import Path\n"
        "from transmission.embedded.postgres import EmbeddedPostgres\n"
        f"try: EmbeddedPostgres(Path({str(made / 'pg')!r})).start()\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    assert "EngineUnavailableError" in said
    assert "appartiennent au compte" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another place")
def test_data_under_a_closed_folder_live_elsewhere_and_are_found_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_programs, "SHARED_STATE", folder / "state")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with embedded(closed) as server:
        remember(server, "ici")
        elsewhere = server.directory
    assert elsewhere.parent == folder / "state"
    assert closed.stat().st_mode & 0o777 == 0o700
    # Opening the folder later must not make the service start afresh in it.
    closed.chmod(0o711)
    with embedded(closed) as server:
        assert server.directory == elsewhere
        assert ask(server, "SELECT fact FROM facts") == "ici"


def test_without_programs_the_message_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_cluster, "usable_programs", lambda _: iter(()))
    with pytest.raises(EngineUnavailableError, match="apt-get install postgresql"):
        embedded(folder).start()


def test_data_of_a_version_no_longer_here_are_not_touched(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Programs(made / "postgresql-15", 15)
    server = embedded(made)
    with server:
        remember(server, "ancien")
    with monkeypatch.context() as patch:
        patch.setattr(postgres_cluster, "usable_programs", lambda _: iter([other]))
        with pytest.raises(EngineUnavailableError, match="apt-get install postgresql-18"):
            server.start()
    with server:
        assert ask(server, "SELECT fact FROM facts") == "ancien"


def test_a_creation_that_was_cut_is_begun_again(folder: Path) -> None:
    half_made = folder / "pg" / "data.new-abc"
    half_made.mkdir(parents=True)
    with embedded(folder) as server:
        assert server.running
    assert not half_made.exists()


def test_a_server_that_gives_up_is_quoted_with_its_log(
    made: Path, becomes_empty: Callable[[Path], bool]
) -> None:
    server = embedded(made)
    settings = made / "pg" / "data" / "postgresql.conf"
    sound = settings.read_text()
    settings.write_text("nonsense = yes\n")
    try:
        with pytest.raises(EngineUnavailableError, match=r"arrêté au démarrage.*postgres\.log"):
            server.start()
    finally:
        settings.write_text(sound)
    assert not server.running
    assert becomes_empty(made)


def test_a_folder_that_cannot_be_made_is_explained(folder: Path) -> None:
    (folder / "pg").touch()
    with pytest.raises(EngineUnavailableError, match="Vérifiez les droits"):
        embedded(folder).start()


def test_nothing_is_known_of_a_server_that_is_not_started(folder: Path) -> None:
    server = embedded(folder)
    assert server.pid is None
    with pytest.raises(RuntimeError, match="not started"):
        _ = server.url
