"""Named points where a test can stop the process dead, to prove that nothing is lost there.

Inert unless ``arm`` is called, which only the setting ``kill_at`` does. A point acts once: the
marker file says that it has, across restarts.
"""

import os
import signal
from pathlib import Path
from typing import Final

POINTS: Final = (
    "accept.checked",
    "accept.before_commit",
    "accept.committed",
    "prepare.before_commit",
    "prepare.committed",
    "submit.before_intent",
    "submit.after_intent",
    "submit.after_post",
    "submit.after_outcome",
    "reconcile.asked",
    "reconcile.committed",
    "collect.bytes_kept",
    "collect.before_commit",
    "collect.committed",
    "inbox.bytes_kept",
    "inbox.committed",
    "apply.before_commit",
    "apply.committed",
    "link.before_request",
    "link.body_sent",
    "link.answered",
    "documents.written",
    "documents.renamed",
    "register.before_commit",
    "register.committed",
    "relay.published",
    "task.before_service",
    "task.after_service",
)
"""Every point: those of the services, then of the connectors, the store and the processes."""

_STOP = "stop:"

_armed: dict[str, Path] = {}
_passes: dict[str, int] = {}
_stopping: set[str] = set()


def arm(setting: str) -> None:
    """Arm points, one a line: ``point=marker file``.

    ``point+3=…`` lets this process pass three times before; ``stop:point=…`` freezes the process
    (SIGSTOP) instead of killing it.
    """
    for line in setting.splitlines():
        where, _, marker = line.partition("=")
        name, _, passes = where.removeprefix(_STOP).partition("+")
        _armed[name] = Path(marker)
        _passes[name] = int(passes or 0)
        if where.startswith(_STOP):
            _stopping.add(name)


def reach(name: str) -> None:
    """Stop this process without warning if that point is armed and has not acted yet."""
    marker = _armed.get(name)
    if marker is None:
        return
    if left := _passes.get(name, 0):
        _passes[name] = left - 1
        return
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGSTOP if name in _stopping else signal.SIGKILL)
