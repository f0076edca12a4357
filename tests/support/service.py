"""The real processes of the service around a test, on the session's engines."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.scene import Scene
from transmission.clock import SystemClock
from transmission.domain.lifecycle import State
from transmission.embedded.processes import ChildProcess, spawn, wait_until
from transmission.settings import PREFIX

QUICK: dict[str, Any] = {
    "connect_timeout": 2,
    "read_timeout": 3,
    "submission_max": 3,
    "settle_delay": 1,
    "retry_delays": [0.5, 1],
    "poll_delays": [0.2, 0.5, 1],
    "lost_bell_delay": 2,
    "sweep_period": 1,
    "relay_pause": 0.05,
    "worker_processes": 2,
}
PATIENCE = 60
"""Seconds after which a test gives up waiting: a bound for failures, never a measure."""


@dataclass
class Service:
    """Processes started and killed by the test, by process id."""

    scene: Scene
    environment: dict[str, str]
    logs: Path
    running: dict[str, ChildProcess] = field(default_factory=dict)
    starts: int = 0

    def start(self, name: str, *arguments: str, kill_at: str | None = None) -> ChildProcess:
        """Start ``worker``, ``scheduler`` or ``web``; ``kill_at`` names a kill point."""
        environment = dict(self.environment)
        if kill_at:
            environment[f"{PREFIX}KILL_AT"] = f"{kill_at}={self.marker(kill_at)}"
        self.starts += 1
        child = spawn(
            [sys.executable, "-m", "transmission.cli.main", name, *arguments],
            name=name,
            log=self.logs / f"{name}-{self.starts}.log",
            env=environment,
        )
        self.running[name] = child
        return child

    def marker(self, kill_at: str) -> Path:
        """The file that says that a kill point has fired."""
        return self.logs / f"killed-at-{kill_at}"

    def stop(self) -> None:
        """Stop everything that this object started."""
        for child in self.running.values():
            child.stop(timeout=20)

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
