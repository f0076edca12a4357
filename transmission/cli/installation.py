"""A whole installation on one machine: engines and processes, started and stopped in order."""

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from transmission.bootstrap import RUNNING, Addresses, tell
from transmission.embedded.postgres import EmbeddedPostgres
from transmission.embedded.processes import ChildProcess, spawn, wait_until
from transmission.embedded.valkey import EmbeddedValkey
from transmission.settings import PREFIX, Settings
from transmission.store.migrations import upgrade

PROCESSES = ("worker", "scheduler", "web")
_RESTART_PAUSE = 1.0
_READY_SECONDS = 30


@dataclass(slots=True)
class Installation:
    """The running processes of one machine; ``watch`` starts again those that die."""

    home: Path
    settings: Settings
    told: Addresses
    children: dict[str, ChildProcess] = field(default_factory=dict)
    died_at: dict[str, float] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start one process of ours."""
        self.children[name] = spawn(
            _command(self.home, name, self.told),
            name=name,
            log=self.home / "logs" / f"{name}.log",
            env=_environment(self.home, self.settings, self.told),
        )

    def watch(self) -> list[str]:
        """Start again every process that has ended by itself; their names."""
        ended = [name for name, child in self.children.items() if not child.running]
        for name in ended:
            now = time.monotonic()
            if now - self.died_at.get(name, -_RESTART_PAUSE) >= _RESTART_PAUSE:
                self.died_at[name] = now
                self.start(name)
        return ended

    def stop(self) -> None:
        """Stop ours, intake first: the console, then what rings, then what works."""
        for name in reversed(PROCESSES):
            if name in self.children:
                self.children[name].stop(timeout=15)


@contextmanager
def installed(settings: Settings, say: Callable[[str], None]) -> Iterator[Installation]:
    """Engines where none is configured, database up to date, processes running; then all ends.

    Raises EngineUnavailableError (French) when an engine cannot run here.
    """
    home = settings.home.absolute()
    for folder in (home, home / "logs", home / "postgres", home / "valkey"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        told = _engines(settings, home, stack, say)
        say("mise à jour de la base de données")
        upgrade(told.database_url)
        installation = Installation(home, settings, told)
        tell(home, told)
        stack.callback((home / RUNNING).unlink, missing_ok=True)
        stack.callback(installation.stop)
        say("démarrage de la console, du relais et des exécutants")
        for name in PROCESSES:
            installation.start(name)
        _wait_for_console(installation)
        yield installation


def _engines(
    settings: Settings, home: Path, stack: ExitStack, say: Callable[[str], None]
) -> Addresses:
    database, broker = settings.database(), settings.broker()
    if database is None:
        say("démarrage de PostgreSQL")
        database = stack.enter_context(EmbeddedPostgres(home / "postgres")).url
    if broker is None:
        say("démarrage de Valkey")
        broker = stack.enter_context(EmbeddedValkey(home / "valkey")).urls.celery_url
    port = settings.web_port or _free_port(settings.web_host)
    return Addresses(database, broker, f"http://{settings.web_host}:{port}/")


def _wait_for_console(installation: Installation) -> None:
    address = urlsplit(installation.told.console_url or "")
    place = (address.hostname or "", address.port or 0)

    def answers() -> bool:
        try:
            with socket.create_connection(place, timeout=1):
                return True
        except OSError:
            return False

    if not wait_until(answers, _READY_SECONDS):
        log = installation.home / "logs" / "web.log"
        raise RuntimeError(f"La console ne répond pas ; voyez {log}.")


def _command(home: Path, name: str, told: Addresses) -> list[str]:
    command = [sys.executable, "-m", "transmission.cli.main", "--home", str(home), name]
    if name == "web" and told.console_url:
        address = urlsplit(told.console_url)
        command += ["--host", str(address.hostname), "--port", str(address.port)]
    return command


def _environment(home: Path, settings: Settings, told: Addresses) -> dict[str, str]:
    # URLs carry passwords: they go by the environment, never by the command line.
    return (
        os.environ
        | {
            f"{PREFIX}{name.upper()}": json.dumps(value) if isinstance(value, tuple) else str(value)
            for name, value in settings.model_dump(exclude_none=True, exclude_unset=True).items()
        }
        | {
            f"{PREFIX}HOME": str(home),
            f"{PREFIX}DATABASE_URL": told.database_url,
            f"{PREFIX}BROKER_URL": told.broker_url,
        }
    )


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
