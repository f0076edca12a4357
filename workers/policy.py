"""What becomes of a task that fails: the row waits in the database, never in the broker."""

from collections.abc import Callable

import structlog

from transmission.killpoints import reach
from transmission.services.sweep import record_failure
from transmission.services.toolbox import Toolbox
from workers.pulse import Pulse
from workers.queues import heartbeat_of

_ABOUT_A_TRANSMISSION = frozenset({"reconcile"})

_logger = structlog.get_logger()


def run(
    tools: Toolbox,
    pulse: Pulse,
    task: str,
    service: Callable[[Toolbox, int], object],
    subject: int,
) -> None:
    """Run one service for one subject; a fault is logged and counted, never retried here.

    Retries belong to the sweep: it rings again for whatever is due. A failure about a
    transmission is written on its row, so that after some of them a person is asked.
    """
    reach("task.before_service")
    try:
        service(tools, subject)
    except Exception as error:
        _logger.exception("task failed", task=task, subject=subject)
        if task in _ABOUT_A_TRANSMISSION:
            record_failure(tools, subject, task, f"{type(error).__name__} : {error}")
    else:
        finished(tools, pulse, task, "work")
    # Acknowledged late: the broker still holds the message.
    reach("task.after_service")


def finished(tools: Toolbox, pulse: Pulse, queue: str, what: str) -> None:
    """Tell that a queue is served up to the end: ``what`` came through, "work" or "probe"."""
    pulse.beat(tools, heartbeat_of(queue), what)
