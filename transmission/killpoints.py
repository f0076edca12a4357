"""Named points where a test can stop the process dead, to prove that nothing is lost there.

Inert unless ``arm`` is called, which only the setting ``kill_at`` does. A point kills once: the
marker file says that it has fired, across restarts.
"""

import os
import signal
from pathlib import Path

_armed: dict[str, Path] = {}


def arm(setting: str) -> None:
    """Arm one point from ``point=marker file``."""
    name, _, marker = setting.partition("=")
    _armed[name] = Path(marker)


def reach(name: str) -> None:
    """Stop this process without warning if that point is armed and has not fired yet."""
    marker = _armed.get(name)
    if marker is None:
        return
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
