"""One queue per task, so that a slow dependency never holds the others back."""

from typing import Final

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
)
"""Names of the tasks, which are also the names of their queues."""

TIME_LIMIT: Final = 900
"""Seconds after which a task's process is killed: a question, a long upload, a slow answer."""

VISIBILITY: Final = 10 * TIME_LIMIT
"""Seconds before Redis gives an unacknowledged message to another worker."""

LANES: Final = frozenset(
    {"send", "collect", "inbox", "classify", "assess", "review", "deliver", "watch"}
)
"""Tasks about an authority: one message of each waits in the broker, however many bells rang."""

PROBE_PERIOD: Final = 60
"""Seconds between two probes of each queue: how soon a silence is heard when there is no work."""

_PROBE = "probe:"


def probe_of(queue: str) -> str:
    """Name of the task that goes through a queue and does nothing else."""
    return _PROBE + queue


def queue_of(task: str) -> str:
    """Queue that a task goes through: its own, or the one that it probes."""
    return task.removeprefix(_PROBE)


def heartbeat_of(queue: str) -> str:
    """Name under which the end of each task of a queue is told."""
    return f"queue:{queue}"
