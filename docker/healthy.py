"""Health of a container: exit status 0 when its process does its work, else 1 and a sentence.

The one argument is ``worker`` (it answers, and some of its work or a probe was finished in this
container lately), ``scheduler`` (turns of the relay and sweeps were finished lately, as the
database says), a folder (its watcher looked at it lately), or an address that must answer.
"""

import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

from transmission.bootstrap import addresses
from transmission.settings import Settings, load_settings

_SECONDS = 3
_MISSED_SWEEPS = 6
_RELAY_SILENCE = timedelta(seconds=60)
_WATCH_SILENCE = timedelta(minutes=5)
"""Longer than any act takes to be handed over."""


def main(what: str) -> str | None:
    """What is wrong, or None."""
    if what == "worker":
        return _worker(load_settings())
    if what == "scheduler":
        return _scheduler(load_settings())
    if what.startswith("/"):
        return _watcher(Path(what))
    with urlopen(what, timeout=_SECONDS):  # noqa: S310 - the address is written in the compose file
        return None


def _worker(settings: Settings) -> str | None:
    from workers.app import app_of
    from workers.pulse import mark_of
    from workers.queues import PROBE_PERIOD, TIME_LIMIT

    name = f"celery@{socket.gethostname()}"
    if not app_of(settings).control.ping(destination=[name], timeout=_SECONDS):
        return f"{name} does not answer"
    # A probe a minute crosses each queue: several workers share them, and a task may be long.
    patience = timedelta(seconds=TIME_LIMIT + 5 * PROBE_PERIOD)
    silence = _age(mark_of(settings.home))
    if silence > patience and _relay_works(settings):
        return f"nothing finished here for {silence}"
    return None


def _watcher(folder: Path) -> str | None:
    from transmission.embedded.processes import LOCK

    if not (folder / LOCK).exists():
        return f"{folder} is not watched"
    silence = _age(folder / LOCK)
    return f"{folder} not looked at for {silence}" if silence > _WATCH_SILENCE else None


def _age(mark: Path) -> timedelta:
    from transmission.clock import SystemClock

    try:
        touched = datetime.fromtimestamp(mark.stat().st_mtime, UTC)
    except OSError:
        return timedelta()
    return SystemClock().now() - touched


def _relay_works(settings: Settings) -> bool:
    """Whether probes are sent at all: without them, silence is not this worker's fault."""
    from sqlalchemy.exc import SQLAlchemyError

    from workers.relay import RELAY

    try:
        return _since(settings)[RELAY] <= _RELAY_SILENCE
    except (KeyError, SQLAlchemyError):
        return False


def _scheduler(settings: Settings) -> str | None:
    from workers.relay import RELAY, run_heartbeat

    ages, sweep = _since(settings), run_heartbeat("sweep")
    sweeps = max(_RELAY_SILENCE, timedelta(seconds=_MISSED_SWEEPS * settings.sweep_period))
    for name, patience in ((RELAY, _RELAY_SILENCE), (sweep, sweeps)):
        if name not in ages or ages[name] > patience:
            return f"no {name} finished for {ages.get(name, 'ever')}"
    return None


def _since(settings: Settings) -> dict[str, timedelta]:
    """How long ago each kind of work was finished."""
    from sqlalchemy import NullPool, create_engine, select

    from transmission.clock import SystemClock
    from transmission.store.tables import heartbeat

    waits = {"connect_timeout": _SECONDS, "options": f"-c statement_timeout={1000 * _SECONDS}"}
    url = addresses(settings).database_url
    with create_engine(url, connect_args=waits, poolclass=NullPool).connect() as connection:
        rows = connection.execute(select(heartbeat.c.name, heartbeat.c.at)).all()
    now = SystemClock().now()
    return {row.name: now - row.at for row in rows}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
