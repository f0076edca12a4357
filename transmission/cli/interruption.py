"""Every way to ask a program to stop leads to the same orderly stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Never

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM and SIGHUP raise KeyboardInterrupt as Ctrl-C does; a second one changes nothing.

    A SIGHUP that was ignored (nohup) stays ignored.
    """
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heeded = [
        number
        for number in _SIGNALS
        if number is not signal.SIGHUP or before[number] is not signal.SIG_IGN
    ]

    def end(_number: int, _frame: FrameType | None) -> Never:
        for number in heeded:
            signal.signal(number, signal.SIG_IGN)
        import traceback; open("/tmp/where.txt","a").write("".join(traceback.format_stack(_frame)[-6:])+"=====\n")
        raise KeyboardInterrupt

    for number in heeded:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])
