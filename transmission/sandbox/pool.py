"""Processes that read files from outside, kept warm: what kills one of them is an answer here."""

import atexit
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

import structlog

from transmission.domain.errors import TransmissionError
from transmission.sandbox import framing
from transmission.sandbox.child import FILES_MAX, LIFELINE, LINK

MEMORY = 1024**3
"""Bytes that reading one file may take, beyond what the program itself takes."""

SECONDS = 60
"""Seconds of processor that reading one file may take."""

_PATIENCE = 5
"""Times as long that it may take by the clock of the wall: the machine may be busy."""

_AT_ONCE = 2
_JOBS_EACH = 500
_START_SECONDS = 60.0
_NEVER_TOLD = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}

_logger = structlog.get_logger()


class TooHeavyError(TransmissionError):
    """A file could not be read within the memory and the time that reading one may take."""


class RefusedInsideError(TransmissionError):
    """What the job itself raised: ``kind`` is the name of its class."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class NotStartedError(OSError):
    """The machine cannot start a process that reads files; no file is in question."""


class Sandbox:
    """At most two processes, started when they are needed, each with the limits given."""

    def __init__(
        self,
        memory: int = MEMORY,
        seconds: int = SECONDS,
        table: str = "transmission.sandbox.jobs",
    ) -> None:
        self._arguments = [str(memory), str(seconds), table]
        self._wait = float(seconds * _PATIENCE)
        self._forked()

    def _forked(self) -> None:
        # What was inherited belongs to the parent, which reads the answers.
        self._owner = os.getpid()
        self._idle: list[_Reader] = []
        self._guard = threading.Lock()
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def run(self, job: str, arguments: Mapping[str, Any], handles: Sequence[int]) -> Any:
        """The JSON value of a job over open files, read from their beginning.

        Raises TooHeavyError, RefusedInsideError, NotStartedError.
        """
        if self._owner != os.getpid():
            self._forked()
        with self._turns:
            answer = self._asked([job, dict(arguments)], handles)
        if not isinstance(answer, dict):
            raise TooHeavyError(_DIED)
        if "fault" in answer:
            _logger.warning("file not read", job=job, fault=answer["fault"])
            raise TooHeavyError(_MEMORY if answer["fault"] == "MemoryError" else _DIED)
        if "error" in answer:
            raise RefusedInsideError(str(answer["error"]), str(answer.get("message")))
        return answer.get("value")

    def _asked(self, question: Any, handles: Sequence[int]) -> Any:
        reader = self._taken()
        # One that served may have died since, or of what it read before: the file is not at fault.
        for last in (reader.served == 0, True):
            try:
                answer = reader.ask(question, handles, self._wait)
            except TimeoutError:
                reader.end()
                raise TooHeavyError(_TIME) from None
            except (EOFError, OSError, ValueError):
                died_of = reader.end()
                if last or died_of == signal.SIGXCPU:
                    _logger.warning("reader died", job=question[0], signal=died_of)
                    raise TooHeavyError(_TIME if died_of == signal.SIGXCPU else _DIED) from None
                reader = _Reader.started(self._arguments)
            except BaseException:
                reader.end()
                raise
            else:
                self._give_back(reader)
                return answer
        raise AssertionError

    def _taken(self) -> "_Reader":
        with self._guard:
            if self._idle:
                return self._idle.pop()
        return _Reader.started(self._arguments)

    def _give_back(self, reader: "_Reader") -> None:
        if reader.served >= _JOBS_EACH:
            reader.end()
            return
        with self._guard:
            self._idle.append(reader)

    def close(self) -> None:
        """End the processes that wait; others are started if they are needed again."""
        if self._owner != os.getpid():
            return
        with self._guard:
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.end()


@cache
def shared() -> Sandbox:
    """The one of this process."""
    made = Sandbox()
    atexit.register(made.close)
    return made


_MEMORY = (
    "le lire demande plus de mémoire que le service n'en donne à un fichier. Exportez-le de "
    "nouveau sous une forme plus simple, puis déposez-le"
)
_TIME = (
    "le lire prend plus de temps que le service n'en donne à un fichier. Exportez-le de nouveau "
    "sous une forme plus simple, puis déposez-le"
)
_DIED = (
    "le lire a arrêté net le programme qui lit les fichiers ; rien d'autre n'a souffert. "
    "Exportez-le de nouveau depuis le logiciel d'origine, puis déposez-le"
)


@dataclass
class _Reader:
    """A process that reads, and our ends of what links us."""

    process: int
    link: socket.socket = field(repr=False)
    lifeline: int
    served: int = 0

    @classmethod
    def started(cls, arguments: Sequence[str]) -> Self:
        """A process that is ready. Raises NotStartedError."""
        ours, theirs = socket.socketpair()
        watched, lifeline = os.pipe()
        try:
            process = _spawned(arguments, theirs.fileno(), watched)
        except OSError as error:
            ours.close()
            os.close(lifeline)
            raise NotStartedError(f"no process to read files: {error}") from error
        finally:
            theirs.close()
            os.close(watched)
        made = cls(process, ours, lifeline)
        made._wait_until_ready()
        return made

    def _wait_until_ready(self) -> None:
        self.link.settimeout(_START_SECONDS)
        try:
            framing.receive(self.link)
        except (EOFError, OSError, ValueError) as error:
            self.end()
            raise NotStartedError("the process that reads files did not start") from error
        except BaseException:
            self.end()
            raise

    def ask(self, question: Any, handles: Sequence[int], seconds: float) -> Any:
        """Raises TimeoutError, EOFError, OSError, ValueError."""
        self.link.settimeout(seconds)
        framing.send(self.link, question, handles[:FILES_MAX])
        answer, _none = framing.receive(self.link)
        self.served += 1
        return answer

    def end(self) -> int:
        """Kill it; the signal that it had died of before, else 0."""
        self.link.close()
        os.close(self.lifeline)
        status = 0
        with suppress(ChildProcessError):
            found, status = os.waitpid(self.process, os.WNOHANG)
            if not found:
                status = self._killed()
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def _killed(self) -> int:
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        return os.waitpid(self.process, 0)[1]


def _spawned(arguments: Sequence[str], link: int, watched: int) -> int:
    # Through high numbers: one of the two may be the place of the other.
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-m", "transmission.sandbox.child", *arguments],
            _NEVER_TOLD,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, link, 100),
                (os.POSIX_SPAWN_DUP2, watched, 101),
                *((os.POSIX_SPAWN_DUP2, nothing, place) for place in range(3)),
                (os.POSIX_SPAWN_DUP2, 100, LINK),
                (os.POSIX_SPAWN_DUP2, 101, LIFELINE),
                (os.POSIX_SPAWN_CLOSE, 100),
                (os.POSIX_SPAWN_CLOSE, 101),
            ],
            # Whoever interrupts a command does not kill what it is reading with.
            setsid=True,
        )
    finally:
        os.close(nothing)
