import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from transmission.embedded.accounts import Account
from transmission.embedded.errors import EngineUnavailableError
from transmission.embedded.processes import (
    ChildProcess,
    belongs,
    end_leftover,
    output_of,
    sole_use,
    spawn,
    wait_until,
)

PATIENCE_SECONDS = 30.0

# Starts a child that would run for an hour, says its number, and waits.
PARENT = """
import sys, time
from pathlib import Path
from transmission.embedded.processes import spawn
folder = Path(sys.argv[1])
child = spawn(["sleep", "3600"], name="child", log=folder / "log", cwd=folder)
try:
    print(child.pid, flush=True)
    time.sleep(3600)
except KeyboardInterrupt:
    print("running" if child.running else "gone", flush=True)
    print(child.stop(), flush=True)
"""


def sleeper(folder: Path, **options: object) -> ChildProcess:
    return spawn(["sleep", "3600"], name="sleeper", log=folder / "log", **options)  # type: ignore[arg-type]


def test_a_child_stops_when_asked_politely(tmp_path: Path) -> None:
    child = sleeper(tmp_path)
    assert child.running
    assert child.stop() == -signal.SIGTERM
    assert not child.running
    assert child.stop() == child.exit_code == -signal.SIGTERM


def test_the_polite_signal_is_the_one_chosen(tmp_path: Path) -> None:
    assert sleeper(tmp_path, stop_signal=signal.SIGINT).stop() == -signal.SIGINT


def test_a_child_that_will_not_stop_is_killed_with_its_own_children(
    tmp_path: Path, becomes_empty: Callable[[Path], bool]
) -> None:
    stubborn = spawn(
        ["sh", "-c", "trap '' TERM; sleep 3600 & echo ready; while :; do wait; done"],
        name="stubborn",
        log=tmp_path / "log",
        cwd=tmp_path,
    )
    assert wait_until(lambda: b"ready" in (tmp_path / "log").read_bytes(), PATIENCE_SECONDS)
    assert stubborn.stop(timeout=0.05) == -signal.SIGKILL
    assert becomes_empty(tmp_path)


def test_the_log_keeps_what_earlier_runs_said(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for word in ("first", "second"):
        assert spawn(["sh", "-c", f"echo {word} >&2"], name=word, log=log).wait() == 0
    assert log.read_text() == "first\nsecond\n"


def test_a_child_gets_the_environment_and_the_folder_it_is_given(tmp_path: Path) -> None:
    show = spawn(
        ["/bin/sh", "-c", 'echo "$PLACE" && pwd'],
        name="show",
        log=tmp_path / "log",
        env={"PLACE": "mairie"},
        cwd=tmp_path,
    )
    assert show.wait() == 0
    assert (tmp_path / "log").read_text() == f"mairie\n{tmp_path}\n"


def test_a_program_that_does_not_exist_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        spawn(["/nonexistent/program"], name="missing", log=tmp_path / "log")


def test_children_are_refused_outside_the_main_thread(tmp_path: Path) -> None:
    refused: list[BaseException] = []

    def try_it() -> None:
        try:
            sleeper(tmp_path)
        except RuntimeError as error:
            refused.append(error)

    thread = threading.Thread(target=try_it)
    thread.start()
    thread.join()
    assert "main thread" in str(refused[0])


def test_a_child_does_not_inherit_blocked_signals(tmp_path: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        child = sleeper(tmp_path)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert child.stop() == -signal.SIGTERM


def test_a_killed_parent_takes_its_children_with_it(
    tmp_path: Path,
    parent: Callable[..., subprocess.Popen[str]],
    processes_in: Callable[[Path], list[int]],
    becomes_empty: Callable[[Path], bool],
) -> None:
    program = parent(PARENT, tmp_path)
    assert program.stdout
    child = int(program.stdout.readline())
    assert child in processes_in(tmp_path)
    program.kill()
    program.wait()
    assert becomes_empty(tmp_path)


def test_ctrl_c_at_the_terminal_leaves_the_children_to_the_supervisor(
    tmp_path: Path, parent: Callable[..., subprocess.Popen[str]]
) -> None:
    program = parent(PARENT, tmp_path)
    assert program.stdout
    program.stdout.readline()
    os.killpg(program.pid, signal.SIGINT)
    assert program.stdout.read().split() == ["running", str(-signal.SIGTERM)]


def test_an_orphan_from_the_start_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What the child sees when its parent died before the death signal was set.
    monkeypatch.setattr(os, "getppid", lambda: 1)
    assert sleeper(tmp_path).wait(PATIENCE_SECONDS) == 126


def test_a_child_of_another_account_dies_with_its_parent_too(
    folder: Path,
    nobody: Account,
    parent: Callable[..., subprocess.Popen[str]],
    becomes_empty: Callable[[Path], bool],
) -> None:
    script = PARENT.replace("cwd=folder", f"cwd=folder, account={nobody!r}").replace(
        "import spawn", "import spawn; from transmission.embedded.accounts import Account"
    )
    program = parent(script, folder)
    assert program.stdout
    child = int(program.stdout.readline())
    status = Path(f"/proc/{child}/status").read_text()
    assert f"Uid:\t{nobody.uid}\t{nobody.uid}" in status
    assert "Groups:\t \n" in status
    program.kill()
    program.wait()
    assert becomes_empty(folder)


def test_a_process_belongs_to_the_folder_it_works_in_or_was_given(tmp_path: Path) -> None:
    working = sleeper(tmp_path, cwd=tmp_path)
    given = spawn(
        ["tail", "-f", "/dev/null", str(tmp_path)],
        name="given",
        log=tmp_path / "log",
        cwd=Path("/"),
    )
    try:
        assert belongs(working.pid, ["sleep"], tmp_path)
        assert belongs(given.pid, ["tail"], tmp_path)
        assert not belongs(working.pid, ["postgres"], tmp_path)
        assert not belongs(working.pid, ["sleep"], tmp_path / "elsewhere")
    finally:
        working.stop()
        given.stop()
    assert not belongs(working.pid, ["sleep"], tmp_path)


def test_a_leftover_is_ended_and_a_stranger_spared(tmp_path: Path) -> None:
    child = sleeper(tmp_path, cwd=tmp_path)
    try:
        end_leftover(child.pid, lambda _: False, signal.SIGTERM)
        assert child.running
        end_leftover(child.pid, lambda _: child.running, signal.SIGTERM)
        assert child.exit_code == -signal.SIGTERM
    finally:
        child.stop()


def test_a_leftover_deaf_to_the_polite_signal_is_killed(tmp_path: Path) -> None:
    child = sleeper(tmp_path)
    try:
        end_leftover(child.pid, lambda _: child.running, signal.SIGCONT, timeout=0.05)
        assert child.exit_code == -signal.SIGKILL
    finally:
        child.stop()


def test_a_folder_in_use_is_refused_in_french_and_free_afterwards(tmp_path: Path) -> None:
    with (
        sole_use(tmp_path),
        pytest.raises(EngineUnavailableError, match="déjà utilisé"),
        sole_use(tmp_path),
    ):
        pass
    with sole_use(tmp_path):
        pass


def test_the_lock_of_a_folder_does_not_pass_to_children(tmp_path: Path) -> None:
    with sole_use(tmp_path):
        child = sleeper(tmp_path)
    try:
        with sole_use(tmp_path):
            pass
    finally:
        child.stop()


@pytest.mark.parametrize("argv", [["/nonexistent/program"], ["false"]])
def test_a_command_that_fails_has_no_output(argv: list[str]) -> None:
    assert output_of(argv) is None


def test_the_output_of_a_command_is_its_text() -> None:
    assert output_of(["echo", "Préfecture"]) == "Préfecture\n"
