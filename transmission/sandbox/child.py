"""The process that reads files from outside: limited, alone, and gone with whoever started it.

Started as ``python -I -m transmission.sandbox.child`` with its limits; it inherits no environment
and no open file but its link (3) and its lifeline (4).
"""

import ctypes
import fcntl
import importlib
import os
import resource
import select
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from io import BufferedRandom
from pathlib import Path
from typing import Any, cast

from transmission.domain.errors import TransmissionError
from transmission.sandbox import framing
from transmission.sandbox.jobs import Job

LINK, LIFELINE = 3, 4
FILES_MAX = 2

_WRITTEN_MAX = 2 * 1024**3
_OPEN_MAX = 64
_INHERITED_MAX = 4096
_NEW_USER_NAMES, _NEW_NETWORK = 0x10000000, 0x40000000


def main(memory: int, seconds: int, table: str) -> None:
    """Serve until the link is closed: ``memory`` in bytes beyond what the program itself takes,
    ``seconds`` of processor for each job; ``table`` is the module whose ``JOBS`` are done."""
    os.closerange(LIFELINE + 1, _INHERITED_MAX)
    _die_with_whoever_holds_the_lifeline()
    _leave_the_network()
    jobs: Mapping[str, Job] = importlib.import_module(table).JOBS
    _bound(memory)
    link = socket.socket(fileno=LINK)
    framing.send(link, "ready")
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            (name, arguments), handles = framing.receive(link, FILES_MAX)
            _allow(seconds)
            framing.send(link, _answer(jobs[name], arguments, handles))


def _answer(job: Job, arguments: Mapping[str, Any], handles: list[int]) -> Any:
    with ExitStack() as stack:
        files = [stack.enter_context(_opened(handle)) for handle in handles]
        try:
            return {"value": job(arguments, files)}
        except TransmissionError as error:
            return {"error": type(error).__name__, "message": str(error)}
        except MemoryError:
            return {"fault": "MemoryError"}
        except Exception as error:  # noqa: BLE001 - a file must not end the process, nor choose what is said
            return {"fault": type(error).__name__}


def _opened(handle: int) -> BufferedRandom:
    flags = fcntl.fcntl(handle, fcntl.F_GETFL)
    writable = flags & os.O_ACCMODE == os.O_RDWR
    file = cast("BufferedRandom", os.fdopen(handle, "r+b" if writable else "rb"))
    file.seek(0)
    return file


def _die_with_whoever_holds_the_lifeline() -> None:
    # Its end sends SIGIO, which nothing handles: it kills, be it in the middle of a loop in C.
    fcntl.fcntl(LIFELINE, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(LIFELINE, fcntl.F_SETFL, fcntl.fcntl(LIFELINE, fcntl.F_GETFL) | os.O_ASYNC)
    watch = select.poll()
    watch.register(LIFELINE, select.POLLIN)
    if watch.poll(0):
        sys.exit(1)


def _leave_the_network() -> None:
    # Refused inside most containers, where the other limits stay.
    ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER_NAMES | _NEW_NETWORK)


def _bound(memory: int) -> None:
    taken = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    for what, most in (
        (resource.RLIMIT_AS, taken + memory),
        (resource.RLIMIT_FSIZE, _WRITTEN_MAX),
        (resource.RLIMIT_NOFILE, _OPEN_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _allow(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
