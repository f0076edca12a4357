import os
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from kombu import Connection

from transmission.embedded import valkey
from transmission.embedded.accounts import Account
from transmission.embedded.errors import EngineUnavailableError
from transmission.embedded.processes import spawn, wait_until
from transmission.embedded.valkey import EmbeddedValkey, usable_server

PATIENCE_SECONDS = 30.0

SERVE = """
import sys, time
from pathlib import Path
from transmission.embedded.valkey import EmbeddedValkey
server = EmbeddedValkey(Path(sys.argv[1]))
print(server.start().redis_url, flush=True)
time.sleep(3600)
"""


def client(server: EmbeddedValkey) -> redis.Redis:
    return redis.Redis.from_url(server.urls.redis_url, decode_responses=True)


def put(server: EmbeddedValkey, value: str) -> None:
    with client(server) as connection:
        connection.set("value", value)


def get(server: EmbeddedValkey) -> object:
    with client(server) as connection:
        return connection.get("value")


def test_a_restart_keeps_the_data(folder: Path, becomes_empty: Callable[[Path], bool]) -> None:
    server = EmbeddedValkey(folder / "v")
    assert server.start() == server.start() == server.urls
    put(server, "gardé")
    server.stop()
    server.stop()
    assert not server.running
    assert becomes_empty(folder)
    with server:
        assert get(server) == "gardé"


@pytest.mark.parametrize("where", ["folder", "long_folder"])
def test_celery_and_redis_reach_the_same_server(where: str, request: pytest.FixtureRequest) -> None:
    directory: Path = request.getfixturevalue(where)
    with EmbeddedValkey(directory) as server:
        with Connection(server.urls.celery_url) as connection:
            queue = connection.SimpleQueue("bell")
            queue.put({"id": 1})
            with client(server) as direct:
                assert direct.llen("bell") == 1
            message = queue.get(timeout=PATIENCE_SECONDS)
            message.ack()
            queue.close()
        assert message.payload == {"id": 1}


def test_the_server_is_configured_to_lose_nothing(folder: Path) -> None:
    with EmbeddedValkey(folder) as server, client(server) as connection:
        wanted = {
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "protected-mode": "yes",
            "port": "0",
            "dir": str(folder),
        }
        assert {name: connection.config_get(name)[name] for name in wanted} == wanted


def test_a_server_killed_under_us_starts_again_with_its_data(folder: Path) -> None:
    with EmbeddedValkey(folder) as server:
        put(server, "gardé")
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        assert wait_until(lambda: not server.running, PATIENCE_SECONDS)
        server.start()
        assert get(server) == "gardé"


def test_a_killed_parent_leaves_no_process_and_the_next_run_finds_the_data(
    folder: Path,
    parent: Callable[..., subprocess.Popen[str]],
    processes_in: Callable[[Path], list[int]],
    becomes_empty: Callable[[Path], bool],
) -> None:
    directory = folder / "v"
    program = parent(SERVE, directory)
    assert program.stdout
    with redis.Redis.from_url(program.stdout.readline().strip()) as connection:
        connection.set("value", "gardé")
        assert len(processes_in(directory)) == 2
        program.kill()
        program.wait()
        assert becomes_empty(directory)
    with EmbeddedValkey(directory) as server:
        assert get(server) == "gardé"


def test_a_leftover_that_the_kernel_did_not_stop_is_stopped_first(folder: Path) -> None:
    server = EmbeddedValkey(folder)
    with server:
        put(server, "gardé")
    leftover = spawn(
        [str(usable_server()), "./valkey.conf"], name="leftover", log=folder / "log", cwd=folder
    )
    try:
        pid_file = folder / "valkey.pid"
        written = lambda: pid_file.exists() and pid_file.read_text().strip() == str(leftover.pid)  # noqa: E731
        assert wait_until(written, PATIENCE_SECONDS)
        with server:
            assert not leftover.running
            assert get(server) == "gardé"
    finally:
        leftover.stop()


def test_a_pid_file_that_now_names_another_process_harms_nobody(folder: Path) -> None:
    bystander = spawn(["sleep", "3600"], name="bystander", log=folder / "log", cwd=folder)
    try:
        (folder / "valkey.pid").write_text(f"{bystander.pid}\n")
        with EmbeddedValkey(folder) as server:
            assert server.running
        assert bystander.running
    finally:
        bystander.stop()


def test_an_unreadable_pid_file_does_not_block(folder: Path) -> None:
    (folder / "valkey.pid").write_text("illisible")
    with EmbeddedValkey(folder) as server:
        assert server.running


def test_two_servers_run_side_by_side(folder: Path) -> None:
    with EmbeddedValkey(folder / "one") as one, EmbeddedValkey(folder / "two") as two:
        put(one, "un")
        put(two, "deux")
        assert (get(one), get(two)) == ("un", "deux")


def test_a_second_run_on_the_same_folder_is_refused_and_harms_nobody(folder: Path) -> None:
    with EmbeddedValkey(folder) as first:
        put(first, "un")
        with pytest.raises(EngineUnavailableError, match="déjà utilisé"):
            EmbeddedValkey(folder).start()
        assert get(first) == "un"


def test_a_path_too_long_for_a_socket_uses_a_loopback_port_with_a_password(
    long_folder: Path,
) -> None:
    with EmbeddedValkey(long_folder) as server:
        assert server.urls.redis_url.startswith("redis://:")
        put(server, "gardé")
        password, address = server.urls.redis_url.removeprefix("redis://:").split("@")
        with (
            redis.Redis.from_url(f"redis://{address}") as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.get("value")
        assert password not in repr(server.urls)
        assert password not in Path(f"/proc/{server.pid}/cmdline").read_text()
        assert stat.S_IMODE((long_folder / "valkey.conf").stat().st_mode) == 0o600


def test_a_port_taken_meanwhile_is_replaced(
    long_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_port = valkey.free_port
    with EmbeddedValkey(long_folder / "first") as first:
        offered = [int(first.urls.redis_url.rpartition(":")[2].partition("/")[0])]
        monkeypatch.setattr(valkey, "free_port", lambda: offered.pop() if offered else free_port())
        with EmbeddedValkey(long_folder / "second") as second:
            put(second, "deux")
            assert get(first) is None
        assert offered == []


def test_the_socket_is_closed_to_other_accounts(folder: Path) -> None:
    with EmbeddedValkey(folder / "v") as server:
        path = server.directory / "valkey.sock"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700


def test_an_ordinary_account_runs_its_own_server(
    folder: Path, nobody: Account, run_as_nobody: Callable[[str], str]
) -> None:
    ran = run_as_nobody(
        "import sys\n"
        "from pathlib import Path\n"
        "from transmission.embedded.valkey import EmbeddedValkey\n"
        "with EmbeddedValkey(Path(sys.argv[1], 'v')) as server:\n"
        "    print(server.running)\n"
    )
    assert ran == "True"
    assert (folder / "v" / "appendonlydir").stat().st_uid == nobody.uid


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_wheel_that_does_not_run_gives_way_to_the_system(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = program(folder, "redis-server", "echo Redis server v=7.0.15")
    unusable = (
        folder / "missing",
        program(folder, "crashes", "kill -SEGV $$"),
        folder / "closed",
    )
    unusable[2].touch(mode=0o644)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    for path in unusable:
        monkeypatch.setattr(valkey, "_of_the_wheel", lambda path=path: [path])
        assert usable_server() == system


def test_without_any_server_the_message_says_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valkey, "_of_the_wheel", list)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(EngineUnavailableError, match="apt-get install redis-server"):
        EmbeddedValkey(folder / "v").start()


def test_a_server_that_gives_up_points_to_its_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch, becomes_empty: Callable[[Path], bool]
) -> None:
    monkeypatch.setattr(valkey, "_CONFIGURATION", "nonsense yes\n")
    with pytest.raises(EngineUnavailableError, match=r"arrêté au démarrage.*valkey\.log"):
        EmbeddedValkey(folder).start()
    assert becomes_empty(folder)


def test_a_folder_that_cannot_be_made_is_explained(folder: Path) -> None:
    (folder / "v").touch()
    with pytest.raises(EngineUnavailableError, match="Vérifiez les droits"):
        EmbeddedValkey(folder / "v").start()


def test_nothing_is_known_of_a_server_that_is_not_started(folder: Path) -> None:
    server = EmbeddedValkey(folder)
    assert server.pid is None
    with pytest.raises(RuntimeError, match="not started"):
        _ = server.urls
