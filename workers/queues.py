"""One queue per task, so that a slow dependency never holds the others back."""

from typing import Final

TASKS: Final = (
    "prepare",
    "submit",
    "reconcile",
    "collect",
    "inbox",
    "apply",
    "classify",
)
"""Names of the tasks, which are also the names of their queues."""

TIME_LIMIT: Final = 900
"""Seconds after which a task's process is killed: a question, a long upload, a slow answer."""

VISIBILITY: Final = 10 * TIME_LIMIT
"""Seconds before Redis gives an unacknowledged message to another worker."""
