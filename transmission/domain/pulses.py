"""The names under which finished work is told, and after which silence something is wrong.

Judged on what was finished, never on which processes are alive.
"""

from datetime import datetime, timedelta
from typing import Final

RELAY: Final = "relay"
"""Name under which each finished turn of the relay is told."""

QUEUE: Final = "queue:"
RUN: Final = "run:"
"""Beginnings of the other names: a task of a queue, a periodic run."""

PROBE_PERIOD: Final = 60
"""Seconds between two probes of each queue: how soon a silence is heard when there is no work."""

RELAY_SILENCE = timedelta(seconds=60)
QUEUE_SILENCE = timedelta(seconds=3 * PROBE_PERIOD)

BELLS_AGE = timedelta(minutes=2)
UNREAD_AGE = timedelta(minutes=10)
"""How long bells wait for the relay, and retours to be read, before something is wrong."""

STAMPS_AGE = timedelta(hours=1)
"""How long a time stamp may be missing before its authority is to be looked at."""


def heartbeat_of(queue: str) -> str:
    """Name under which the end of each task of a queue is told."""
    return f"{QUEUE}{queue}"


def run_heartbeat(run: str) -> str:
    """Name under which the end of a periodic run is told."""
    return f"{RUN}{run}"


def is_silent(last: datetime | None, patience: timedelta, now: datetime) -> bool:
    """Whether work was not finished for too long; None is never."""
    return last is None or now - last > patience
