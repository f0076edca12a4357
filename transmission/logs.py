"""What the processes say of themselves: one line an event, on the standard error.

A line is JSON where a program reads it and plain words at a terminal. Of a fault the message and
the places of the code are told: never the value of a variable, which may be a secret. An address
that lets in whoever has it is told without the part that does.
"""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.types import EventDict, Processor

_LETS_IN = re.compile(r"(/connexion/(?:premiere|directe)/)[^/?#\s\"']+")


def configure() -> None:
    """Settle how every logger of this process writes. Said again, it changes nothing."""
    common = (
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    rendering = _rendering(at_a_terminal=sys.stderr.isatty())
    structlog.configure(processors=[*common, *rendering], logger_factory=_at_standard_error)
    _settle_libraries(common, rendering)


def _settle_libraries(common: tuple[Processor, ...], rendering: tuple[Processor, ...]) -> None:
    # What libraries say when nobody chose otherwise: warnings and faults, written like our own.
    if logging.lastResort is not None:
        said = (structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering)
        logging.lastResort.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=[*common, structlog.stdlib.add_logger_name], processors=said
            )
        )


def without_links(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """What is told, less the secrets of links that serve once: one may not have served yet."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _LETS_IN.sub(r"\1…", value)
    return event


def _at_standard_error(*_: Any) -> structlog.PrintLogger:
    # The stream of the moment, and not that of the import: a test or a supervisor may change it.
    return structlog.PrintLogger(sys.stderr)


def _rendering(*, at_a_terminal: bool) -> tuple[Processor, ...]:
    if at_a_terminal:
        plain = structlog.dev.plain_traceback
        return (without_links, structlog.dev.ConsoleRenderer(exception_formatter=plain))
    return (
        structlog.processors.format_exc_info,
        without_links,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    )
