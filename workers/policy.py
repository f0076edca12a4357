"""What becomes of a task that fails: the row waits in the database, never in the broker."""

from collections.abc import Callable

import structlog

from transmission.services.sweep import record_failure
from transmission.services.toolbox import Toolbox

_ABOUT_A_TRANSMISSION = frozenset({"prepare", "submit", "reconcile"})

_logger = structlog.get_logger()


def run(tools: Toolbox, task: str, service: Callable[[Toolbox, int], object], subject: int) -> None:
    """Run one service for one subject; a fault is logged and counted, never retried here.

    Retries belong to the sweep: it rings again for whatever is due. A failure about a
    transmission is written on its row, so that after some of them a person is asked.
    """
    try:
        service(tools, subject)
    except Exception as error:
        _logger.exception("task failed", task=task, subject=subject)
        if task in _ABOUT_A_TRANSMISSION:
            record_failure(tools, subject, task, f"{type(error).__name__} : {error}")
