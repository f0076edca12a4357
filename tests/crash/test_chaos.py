"""Rounds drawn from a seed: use cases, points, passes and falling engines, all at once.

``CHAOS_ROUNDS`` and ``CHAOS_SEED`` say which; a round is told by both and drawn again from them.
"""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import psycopg
import pytest
import redis
from sqlalchemy.engine import make_url

from tests.support.service import Service
from tests.support.stories import STORIES
from transmission.embedded.processes import wait_until
from transmission.embedded.valkey import EmbeddedValkey
from transmission.killpoints import POINTS

SEED = os.environ.get("CHAOS_SEED", "0")
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "1"))
PATIENCE = 400
_POSTS = [
    "actes_transac_submit.php",
    "actes_transac_reponse_create.php",
    "actes_transac_cancel.php",
]
_WIRE = [
    "cut_before_body",
    "cut_mid_body",
    "cut_before_accept",
    "cut_after_accept",
    "cut_mid_answer",
    "error_500",
    "error_500_before",
    "redirect",
]


@dataclass
class Trouble:
    """What may befall a service; each call is one fault."""

    service: Service
    broker: EmbeddedValkey
    administration: psycopg.Connection
    database: str
    random: Random

    def drawn(self) -> Callable[[], None]:
        """One of them."""
        return self.random.choice(
            [self.flush, self.kill_broker, self.pause, self.fill, self.drop, self.spoil]
        )

    def flush(self) -> None:
        with redis.Redis.from_url(self.broker.urls.redis_url) as client:
            client.flushall()

    def kill_broker(self) -> None:
        assert self.broker.pid is not None
        os.kill(self.broker.pid, signal.SIGKILL)
        assert wait_until(lambda: not self.broker.running, 60)
        self.broker.start()

    def pause(self) -> None:
        assert self.broker.pid is not None
        os.kill(self.broker.pid, signal.SIGSTOP)
        time.sleep(1)
        os.kill(self.broker.pid, signal.SIGCONT)

    def fill(self) -> None:
        with redis.Redis.from_url(self.broker.urls.redis_url) as client:
            client.config_set("maxmemory", 1)
            time.sleep(1)
            client.config_set("maxmemory", 0)

    def drop(self) -> None:
        # This process asks questions too: it begins again with new connections.
        self.service.scene.engine.dispose()
        self.administration.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            (self.database,),
        )

    def spoil(self) -> None:
        fault = self.random.choice(_WIRE)
        self.service.scene.manage("faults", fault=fault, paths=_POSTS)


@pytest.mark.chaos
@pytest.mark.parametrize("drawn", [f"{SEED}/{number}" for number in range(ROUNDS)])
def test_whatever_breaks_at_once_loses_and_doubles_nothing(
    own_service: Service,
    own_broker: EmbeddedValkey,
    administration: psycopg.Connection,
    database_url: str,
    drawn: str,
) -> None:
    random, service = Random(drawn), own_service
    overs = [
        story.begin(service, f"D{rank}", random.randint(1, 8)) for rank, story in enumerate(STORIES)
    ]
    points = {
        name: [f"{point}+{random.randint(0, 12)}" for point in random.sample(POINTS, count)]
        for name, count in (("worker", 10), ("scheduler", 3))
    }
    database = make_url(database_url).database or ""
    trouble = Trouble(service, own_broker, administration, database, random)
    began = time.monotonic()
    due = [
        (instant, trouble.drawn()) for instant in sorted(random.uniform(0, 20) for _ in range(6))
    ]

    def over() -> bool:
        if due and time.monotonic() - began > due[0][0]:
            due.pop(0)[1]()
        return not due and all(each() for each in overs)

    service.start("worker", "--pool=prefork")
    # A worker without a pool ends by itself when Redis is full: whoever started it does again.
    service.outlive(over, points, supervised=True, patience=PATIENCE)
    service.check()
