"""Every way to ask a program to stop leads to the same orderly stop.

The signals are blocked and waited for, never handled: an exception raised by a handler is lost when
it falls in one of the interpreter's own hooks, as happens while a process is being started.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


def _heeded() -> set[signal.Signals]:
    # nohup asks that the end of the session be ignored.
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return {signal.SIGINT, signal.SIGTERM} | (set() if ignored else {signal.SIGHUP})


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, Ctrl-C, SIGTERM and SIGHUP act at the next :func:`pause` and nowhere else.

    What undoes the work is thus never cut short, however often the person insists.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _heeded())
    try:
        yield
    finally:
        while signal.sigtimedwait(_heeded(), 0):
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def pause(seconds: float) -> None:
    """Wait, inside :func:`interruptible`. Raises KeyboardInterrupt when asked to stop."""
    if signal.sigtimedwait(_heeded(), seconds):
        raise KeyboardInterrupt
