"""Child processes that never outlive the program, whichever way it ends. Linux only.

The kernel sends the parent-death signal when the *thread* that forked ends, not when the process
does: `spawn` therefore refuses every thread but the main one, which lives as long as the process.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from transmission.embedded.accounts import Account
from transmission.embedded.errors import EngineUnavailableError

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.02

LOCK = "lock"
"""Name of the file by which a process holds a folder."""


class _Credentials(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """A process started by `spawn`, leader of a session and of a process group of its own."""

    name: str
    stop_signal: signal.Signals
    _popen: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self.exit_code is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number when a signal ended it."""
        return self._popen.poll()

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises `subprocess.TimeoutExpired` after `timeout` seconds."""
        return self._popen.wait(timeout)

    def stop(self, timeout: float = 10.0) -> int:
        """Ask politely, wait `timeout` seconds, then kill its whole group; the exit code."""
        if self.running:
            self._popen.send_signal(self.stop_signal)
            try:
                return self.wait(timeout)
            except subprocess.TimeoutExpired:
                # Not reaped yet, so the number cannot have passed to somebody else's group.
                os.killpg(self.pid, signal.SIGKILL)
        return self.wait()


def spawn(
    argv: Sequence[str],
    *,
    name: str,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> ChildProcess:
    """Start `argv`, which gets `stop_signal` from the kernel as soon as this process is gone.

    The child has a session of its own, so that Ctrl-C at the terminal reaches the supervisor only,
    which stops its children in the order it wants. Its output is appended to `log`. With `account`
    (root only) it runs as that account, without supplementary groups. `env` None inherits ours.

    Raises RuntimeError outside the main thread, OSError when `argv[0]` cannot be executed.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError(f"{name}: children are started from the main thread only")
    with log.open("ab") as output:
        popen = subprocess.Popen(  # noqa: S603
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            umask=0o077,
            start_new_session=True,
            # Changing the user clears the death signal: subprocess calls this one after the change.
            preexec_fn=_dying_with(os.getpid(), stop_signal),  # noqa: PLW1509
            **_run_as(account),
        )
    return ChildProcess(name, stop_signal, popen)


def output_of(argv: Sequence[str], account: Account | None = None) -> str | None:
    """What a short command prints, or None when it cannot run here (or not as `account`)."""
    try:
        answer = subprocess.run(  # noqa: S603
            list(argv), capture_output=True, timeout=20, check=True, cwd="/", **_run_as(account)
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.decode(errors="replace")


def belongs(pid: int, programs: Collection[str], directory: Path) -> bool:
    """Whether `pid` is alive, is one of `programs`, and works in `directory` or was given it.

    The command line counts as much as the working directory because the latter of another account's
    process is hidden from a root without CAP_SYS_PTRACE, as in a container.
    """
    process = Path("/proc", str(pid))
    try:
        if (process / "comm").read_text().strip() not in programs:
            return False
        arguments = (process / "cmdline").read_bytes().split(b"\0")
        if os.fsencode(directory) in arguments:
            return True
        return (process / "cwd").readlink() == directory.resolve()
    except OSError:
        return False


def end_leftover(
    pid: int, ours: Callable[[int], bool], stop_signal: signal.Signals, timeout: float = 30.0
) -> None:
    """Stop a process of a former run that is no child of this one, as long as `ours(pid)`."""
    for sent in (stop_signal, signal.SIGKILL):
        if not ours(pid):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sent)
        wait_until(lambda: not ours(pid), timeout)


def wait_until(condition: Callable[[], bool], timeout: float) -> bool:
    """Poll `condition` until it holds; False when `timeout` seconds have passed."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


@contextlib.contextmanager
def sole_use(directory: Path) -> Iterator[None]:
    """Hold `directory` for this process; the kernel lets go when the process dies.

    It is what tells a leftover, to be stopped, from an engine that another living run is using.
    Raises EngineUnavailableError when another process holds it.
    """
    with (directory / LOCK).open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EngineUnavailableError(
                f"Le dossier {directory} est déjà utilisé par une autre exécution du programme. "
                "Arrêtez-la, ou choisissez un autre dossier."
            ) from error
        yield


def _run_as(account: Account | None) -> _Credentials:
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _dying_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    prctl = ctypes.CDLL(None).prctl

    def in_the_child() -> None:
        # A supervisor that waits with sigwait has them blocked, and children inherit that.
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
            os.write(2, b"prctl(PR_SET_PDEATHSIG) is refused by this system\n")
            os._exit(126)
        # The parent may have died before prctl: that signal will never come.
        if os.getppid() != parent:
            os._exit(126)

    return in_the_child
