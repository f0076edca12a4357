"""The one publisher: outbox rows become messages once their transaction is committed."""

from datetime import timedelta
from threading import Event
from typing import Any

import structlog
from celery import Celery
from kombu import Queue
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from transmission.domain.pulses import RELAY as RELAY
from transmission.domain.pulses import run_heartbeat as run_heartbeat
from transmission.killpoints import reach
from transmission.services.toolbox import Toolbox
from transmission.store.outbox import Lanes, claim_periods, period_of, relay_batch
from workers.pulse import Pulse
from workers.queues import LANES, TASKS, queue_of
from workers.schedule import Periodic

_logger = structlog.get_logger()

_OUTAGE_PAUSE = 1.0


class Relay:
    """Publishes bells and starts periodic runs until told to stop.

    Several relays may run at once: they share the outbox rows, and each period is claimed by
    one of them. A broker or a database that is away is waited for, whatever the time it takes.
    """

    def __init__(
        self, app: Celery, engine: Engine, tools: Toolbox, periodic: list[Periodic], pause: float
    ) -> None:
        self._app = app
        self._engine = engine
        self._tools = tools
        self._periodic = {entry.name: entry for entry in periodic}
        self._asked: dict[str, int] = {}
        self._pause = pause
        self._pulse = Pulse()

    def run(self, stop: Event) -> None:
        """Work until ``stop`` is set; then finish the turn and return."""
        while not stop.is_set():
            stop.wait(self._turn())

    def _turn(self) -> float:
        try:
            self._run_periodic()
            published = relay_batch(self._engine, self._publish, self._lanes())
        except (OperationalError, RedisError, DBAPIError, OSError) as error:
            _logger.warning("outage, will try again", error=type(error).__name__)
            return _OUTAGE_PAUSE
        self._pulse.beat(self._tools, RELAY)
        return 0.0 if published else self._pause

    def _lanes(self) -> Lanes:
        now = self._tools.clock.now()
        lost = timedelta(seconds=self._tools.delays.lost_bell)
        return Lanes(LANES, now, now - lost)

    def _publish(self, task: str, subject: int) -> None:
        # Named by its queue, a message takes the nameless exchange, which keeps no table in Redis:
        # a Redis emptied by accident takes messages again at once.
        # A queue that is not ours is that of a newer version, which rings while it replaces us:
        # given as an object, it needs not be known.
        name = queue_of(task)
        queue: Any = name if name in TASKS else Queue(name)
        self._app.send_task(task, args=[subject], queue=queue)
        reach("relay.published")

    def _run_periodic(self) -> None:
        now = self._tools.clock.now()
        begun = {entry.name: period_of(now, entry.seconds) for entry in self._periodic.values()}
        # The database is asked once for each period, not at each turn.
        new = [name for name, period in begun.items() if self._asked.get(name) != period]
        if not new:
            return
        periods = [(name, self._periodic[name].seconds) for name in new]
        claimed = claim_periods(self._engine, periods, now)
        self._asked = begun
        for name in claimed:
            try:
                self._periodic[name].run(self._tools)
                self._pulse.beat(self._tools, run_heartbeat(name))
            except Exception:
                # A fault in one run must silence neither the others nor the bells.
                _logger.exception("periodic run failed", run=name)
