"""What kills a process that reads files is an answer; whoever asked goes on."""

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from transmission.sandbox import pool
from transmission.sandbox.pool import (
    NotStartedError,
    RefusedInsideError,
    Sandbox,
    TooHeavyError,
    shared,
)

MEMORY = 256 * 1024**2

TABLE = "tests.support.hostile_jobs"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(MEMORY, seconds=1, table=TABLE)
    yield made
    made.close()


def pid_of(sandbox: Sandbox) -> int:
    return int(sandbox.run("process", {}, ()))


def test_arguments_and_files_come_in_and_data_comes_out(sandbox: Sandbox) -> None:
    with TemporaryFile() as one, TemporaryFile() as other:
        one.write("première".encode())
        other.write(b"seconde")
        one.flush()
        other.flush()
        told = sandbox.run("tells", {"a": [1, None]}, [one.fileno(), other.fileno()])
    assert told == {"arguments": {"a": [1, None]}, "files": ["première", "seconde"]}


def test_what_a_job_refuses_is_told_with_its_kind(sandbox: Sandbox) -> None:
    before = pid_of(sandbox)
    with pytest.raises(RefusedInsideError, match="ce fichier ne va pas") as refused:
        sandbox.run("refuses", {}, ())
    assert refused.value.kind == "WrongFileError"
    assert pid_of(sandbox) == before


@pytest.mark.parametrize("job", ["breaks", "eats", "recurses"])
def test_a_fault_inside_is_an_answer_and_the_process_stays(sandbox: Sandbox, job: str) -> None:
    before = pid_of(sandbox)
    with pytest.raises(TooHeavyError) as told:
        sandbox.run(job, {}, ())
    assert "secret" not in str(told.value)
    assert ("mémoire" in str(told.value)) == (job == "eats")
    assert pid_of(sandbox) == before


@pytest.mark.parametrize("job", ["aborts", "reads_nowhere", "answers_at_length"])
def test_what_kills_the_process_is_an_answer_and_another_one_serves(
    sandbox: Sandbox, job: str
) -> None:
    before = pid_of(sandbox)
    with pytest.raises(TooHeavyError, match="a arrêté net"):
        sandbox.run(job, {}, ())
    assert pid_of(sandbox) != before
    assert not Path(f"/proc/{before}").exists()


def test_a_loop_without_an_end_is_stopped_by_the_processor_it_takes(sandbox: Sandbox) -> None:
    with pytest.raises(TooHeavyError, match="plus de temps"):
        sandbox.run("turns", {}, ())
    assert pid_of(sandbox)


def test_what_only_waits_is_stopped_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_PATIENCE", 0.2)
    impatient = Sandbox(MEMORY, seconds=1, table=TABLE)
    with pytest.raises(TooHeavyError, match="plus de temps"):
        impatient.run("sleeps", {}, ())
    impatient.close()


def test_a_process_that_died_while_it_waited_is_replaced_unnoticed(sandbox: Sandbox) -> None:
    before = pid_of(sandbox)
    os.kill(before, 9)
    assert pid_of(sandbox) != before


def test_nothing_of_ours_is_inherited(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRANSMISSION_DATABASE_URL", "postgresql://u:secret@example/x")
    with TemporaryFile() as ours:
        os.set_inheritable(ours.fileno(), False)
        told = sandbox.run("surroundings", {}, ())
    assert not [name for name in told["names"] if name.startswith("TRANSMISSION")]
    # Its standard streams, its link, its lifeline, and the folder that it is reading.
    assert [each for each in told["open"] if each > 5] == []
    assert told["core"] == [0, 0]


def test_two_files_are_read_at_once_and_a_third_waits(sandbox: Sandbox) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(pid_of(sandbox))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) <= 2


def test_a_process_that_served_enough_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_JOBS_EACH", 2)
    short = Sandbox(MEMORY, seconds=1, table=TABLE)
    pids = [pid_of(short) for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]
    short.close()


def test_a_machine_that_cannot_start_one_is_not_the_fault_of_the_file() -> None:
    absent = Sandbox(table="transmission.no_such_module")
    with pytest.raises(NotStartedError):
        absent.run("process", {}, ())


def test_whoever_forks_has_processes_of_their_own(sandbox: Sandbox) -> None:
    before = pid_of(sandbox)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with suppress(BaseException):
            os.write(writing, str(pid_of(sandbox)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = int(os.read(reading, 20))
    os.close(reading)
    os.close(writing)
    assert theirs != before
    assert pid_of(sandbox) == before
    assert _gone(theirs)


def test_it_ends_with_whoever_started_it_even_in_the_middle_of_a_loop() -> None:
    program = f"""
        import threading, time
        from transmission.sandbox.pool import Sandbox
        made = Sandbox({MEMORY}, 600, {TABLE!r})
        reader = made.run("process", {{}}, ())
        threading.Thread(target=made.run, args=("turns", {{}}, ()), daemon=True).start()
        while ") R " not in open(f"/proc/{{reader}}/stat").read():
            time.sleep(0.01)
        print(reader, flush=True)
        time.sleep(600)
    """
    started = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE
    )
    with started:
        assert started.stdout is not None
        reader = int(started.stdout.readline())
        assert Path(f"/proc/{reader}").exists()
        started.kill()
    assert _gone(reader)


def _gone(process: int) -> bool:
    for _ in range(200):
        with suppress(OSError):
            if ") Z " in Path(f"/proc/{process}/stat").read_text():
                return True
        if not Path(f"/proc/{process}").exists():
            return True
        time.sleep(0.05)
    return False


def test_a_process_of_the_service_shares_one() -> None:
    assert shared() is shared()
