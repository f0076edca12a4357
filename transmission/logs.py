"""What the processes say of themselves: one line an event, on the standard error.

A line is JSON where a program reads it and plain words at a terminal. Of a fault the message and
the places of the code are told: never the value of a variable, which may be a secret.
"""

import sys
from typing import Any

import structlog
from structlog.types import Processor


def configure() -> None:
    """Settle how every logger of this process writes. Said again, it changes nothing."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_rendering(at_a_terminal=sys.stderr.isatty()),
        ],
        logger_factory=_at_standard_error,
    )


def _at_standard_error(*_: Any) -> structlog.PrintLogger:
    # The stream of the moment, and not that of the import: a test or a supervisor may change it.
    return structlog.PrintLogger(sys.stderr)


def _rendering(*, at_a_terminal: bool) -> tuple[Processor, ...]:
    if at_a_terminal:
        plain = structlog.dev.plain_traceback
        return (structlog.dev.ConsoleRenderer(exception_formatter=plain),)
    return (
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    )
