"""One queue per task, so that a slow dependency never holds the others back."""

from typing import Final

from transmission.domain.pulses import PROBE_PERIOD as PROBE_PERIOD
from transmission.domain.pulses import heartbeat_of as heartbeat_of

TASKS: Final = (
    "send",
    "reconcile",
    "collect",
    "inbox",
    "apply",
    "classify",
    "assess",
    "review",
    "deliver",
    "watch",
    "announce",
    "tell",
    "inform",
    "chain",
    "anchor",
    "timestamp",
    "audit",
)
"""Names of the tasks, which are also the names of their queues."""

TIME_LIMIT: Final = 900
"""Seconds after which a task's process is killed: a question, a long upload, a slow answer."""

VISIBILITY: Final = 10 * TIME_LIMIT
"""Seconds before Redis gives an unacknowledged message to another worker."""

LANES: Final = frozenset(
    {
        "send",
        "collect",
        "inbox",
        "classify",
        "assess",
        "review",
        "deliver",
        "watch",
        "announce",
        "tell",
        "inform",
        "chain",
        "anchor",
        "timestamp",
        "audit",
    }
)
"""Tasks about an authority, or about all of them: one message of each waits in the broker, however
many bells rang."""

_PROBE = "probe:"


def probe_of(queue: str) -> str:
    """Name of the task that goes through a queue and does nothing else."""
    return _PROBE + queue


def queue_of(task: str) -> str:
    """Queue that a task goes through: its own, or the one that it probes."""
    return task.removeprefix(_PROBE)
