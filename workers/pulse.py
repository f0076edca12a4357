"""Heartbeats of this process: written when work ends, seldom enough to cost nothing."""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from transmission.services.toolbox import Toolbox

_logger = structlog.get_logger()

_SELDOM = timedelta(seconds=5)


def mark_of(home: Path) -> Path:
    """The file that the workers of this installation touch: its age is that of their last work."""
    return home / "pulse" / "worker"


class Pulse:
    """Says in the register that work was finished, each name at most once in five seconds.

    ``mark`` is a file touched at the same time: the register says that somebody works, this file
    that somebody here does.
    """

    def __init__(self, mark: Path | None = None) -> None:
        self._mark = mark
        self._last: dict[str, datetime] = {}

    def touch(self) -> None:
        """Work was finished here, or begins to be expected."""
        if self._mark is None:
            return
        # Whoever cannot write there is only judged less well.
        with suppress(OSError):
            self._mark.parent.mkdir(parents=True, exist_ok=True)
            self._mark.touch()

    def beat(self, tools: Toolbox, name: str, detail: str = "") -> None:
        """Work of a name is finished. A register that is away takes nothing from that work."""
        now, last = tools.clock.now(), self._last.get(name)
        # Both ways: a clock set back must not hold the heart for as long.
        if last is not None and abs(now - last) < _SELDOM:
            return
        self._last[name] = now
        self.touch()
        try:
            with tools.register() as unit:
                unit.beat(name, now, detail)
                unit.commit()
        except SQLAlchemyError as error:
            _logger.warning("no heartbeat", name=name, error=type(error).__name__)
