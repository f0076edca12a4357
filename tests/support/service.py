"""The real processes of the service around a test, on the session's engines."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.support.oracle import faults
from tests.support.scene import Scene
from transmission.clock import SystemClock
from transmission.domain.lifecycle import FINAL, State
from transmission.embedded.processes import ChildProcess, spawn, wait_until
from transmission.settings import PREFIX
from transmission.store.tables import transmission

QUICK: dict[str, Any] = {
    "connect_timeout": 2,
    "read_timeout": 3,
    "submission_max": 3,
    "settle_delay": 0.5,
    "retry_delays": [0.5, 1],
    "poll_delays": [0.2, 0.5, 1],
    "lost_bell_delay": 0.5,
    "sweep_period": 1,
    "relay_pause": 0.05,
    "worker_processes": 2,
    "inbox_period": 2,
}
_PAUSE = 0.02
PATIENCE = 60
"""Seconds after which a test gives up waiting: a bound for failures, never a measure."""


@dataclass
class Service:
    """Processes started and killed by the test, by process id."""

    scene: Scene
    environment: dict[str, str]
    logs: Path
    running: list[ChildProcess] = field(default_factory=list)
    starts: int = 0

    def start(
        self,
        name: str,
        *arguments: str,
        kill_at: str | Sequence[str] | None = None,
        program: str = "transmission.cli.main",
    ) -> ChildProcess:
        """Start ``worker``, ``scheduler`` or ``web``; ``kill_at`` names kill points."""
        points = [kill_at] if isinstance(kill_at, str) else kill_at or []
        self.starts += 1
        child = spawn(
            [sys.executable, "-m", program, name, *arguments],
            name=name,
            log=self.logs / f"{name}-{self.starts}.log",
            env=self.environment | self.armed(points, name),
        )
        self.running.append(child)
        return child

    def armed(self, points: Sequence[str], name: str = "worker") -> dict[str, str]:
        """The setting that arms kill points of a process."""
        lines = [f"{point}={self.marker(point, name)}" for point in points]
        return {f"{PREFIX}KILL_AT": "\n".join(lines)} if lines else {}

    def marker(self, kill_at: str, name: str = "worker") -> Path:
        """The file that says that a kill point has fired in a process of that name."""
        return self.logs / f"{name}-killed-at-{kill_at}"

    def unreached(self, points: Sequence[str], name: str = "worker") -> list[str]:
        """The points that have not fired."""
        return [point for point in points if not self.marker(point, name).exists()]

    def outlive(
        self,
        over: Callable[[], bool],
        points: Mapping[str, Sequence[str]],
        *,
        supervised: bool = False,
        patience: float = 2 * PATIENCE,
    ) -> int:
        """Run a worker and a scheduler, started again each time they die, until it is over.

        ``points`` are those where each dies, by name; how many times they died. When
        ``supervised``, they may also end by themselves and are started again. The rest of what
        runs is left alone.
        """
        arguments = {"worker": ("--pool=solo",), "scheduler": ()}
        living = {
            name: self.start(name, *given, kill_at=points.get(name, ()))
            for name, given in arguments.items()
        }
        deaths, deadline = 0, time.monotonic() + patience
        while not over():
            for name, child in living.items():
                if not child.running:
                    assert supervised or child.exit_code == -signal.SIGKILL, self._tails()
                    deaths += 1
                    living[name] = self.start(name, *arguments[name], kill_at=points.get(name, ()))
            assert time.monotonic() < deadline, f"not over\n{self.whereabouts()}\n{self._tails()}"
            time.sleep(_PAUSE)
        _end(list(living.values()))
        return deaths

    def stop(self) -> None:
        """Stop everything that this object started."""
        _end(self.running)

    def check(self) -> None:
        """Ask the register, its journal, the documents and the TdT whether they agree."""
        scene = self.scene
        assert faults(scene.engine, scene.tools.documents, scene.received()) == []

    def whereabouts(self) -> list[tuple[int, str, str | None, int]]:
        """Where every transmission is that is not over."""
        with self.scene.engine.connect() as connection:
            rows = connection.execute(select(transmission).order_by(transmission.c.id)).all()
        return [
            (row.id, row.state, row.waiting_for, row.attempts)
            for row in rows
            if State.of(row.state) not in FINAL
        ]

    def wait_for(self, *actes: int, state: State = State.ACKNOWLEDGED) -> None:
        """Wait until every act is in a state; on giving up, say where each is."""

        def reached() -> bool:
            return all(self.scene.transmission(acte_id).state is state for acte_id in actes)

        if not wait_until(reached, PATIENCE):
            where = {acte_id: self.scene.transmission(acte_id) for acte_id in actes}
            late = {a: (t.state.code, t.waiting_for) for a, t in where.items() if t.state != state}
            raise AssertionError(f"after {PATIENCE} s: {late}\n{self._tails()}")

    def _tails(self) -> str:
        return "\n".join(
            f"== {log.name}\n{log.read_text(errors='replace')[-1500:]}"
            for log in sorted(self.logs.glob("*.log"))
        )


def _end(children: Sequence[ChildProcess]) -> None:
    # All of each group at once: nothing is asked of them any more, and a farewell takes seconds.
    for child in children:
        if child.running:
            os.killpg(child.pid, signal.SIGKILL)
    for child in children:
        child.wait()


@contextmanager
def service(
    scene: Scene, database_url: str, broker_url: str, documents: Path, logs: Path
) -> Iterator[Service]:
    """A service whose processes share the scene's register, documents and mock."""
    logs.mkdir(exist_ok=True)
    # The processes live in real time; the scene's clock must not lag behind them.
    scene.clock.instant = SystemClock().now()
    texts = {name: json.dumps(value) for name, value in QUICK.items()}
    texts |= {
        "home": str(logs),
        "documents_dir": str(documents),
        "database_url": database_url,
        "broker_url": broker_url,
    }
    named = {f"{PREFIX}{name.upper()}": text for name, text in texts.items()}
    made = Service(scene, os.environ | named, logs)
    try:
        yield made
    finally:
        made.stop()
