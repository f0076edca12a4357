"""Heartbeats of this process: written when work ends, seldom enough to cost nothing."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from transmission.services.toolbox import Toolbox

_logger = structlog.get_logger()

_SELDOM = timedelta(seconds=5)


class Pulse:
    """Says in the register that work was finished, each name at most once in five seconds."""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}

    def beat(self, tools: Toolbox, name: str, detail: str = "") -> None:
        """Work of a name is finished. A register that is away takes nothing from that work."""
        now, last = tools.clock.now(), self._last.get(name)
        # Both ways: a clock set back must not hold the heart for as long.
        if last is not None and abs(now - last) < _SELDOM:
            return
        self._last[name] = now
        try:
            with tools.register() as unit:
                unit.beat(name, now, detail)
                unit.commit()
        except SQLAlchemyError as error:
            _logger.warning("no heartbeat", name=name, error=type(error).__name__)
