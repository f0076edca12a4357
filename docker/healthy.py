"""Health of a container: exit status 0 when its process does its work, else 1 and a sentence.

The one argument is ``worker`` (the worker of this container answers a ping), ``scheduler`` (the
sweep was started lately, as the database says), or an address that must answer.
"""

import socket
import sys
from datetime import timedelta
from urllib.request import urlopen

from transmission.bootstrap import addresses
from transmission.settings import Settings, load_settings

_SECONDS = 3
_MISSED_SWEEPS = 6


def main(what: str) -> str | None:
    """What is wrong, or None."""
    if what == "worker":
        return _worker(load_settings())
    if what == "scheduler":
        return _scheduler(load_settings())
    with urlopen(what, timeout=_SECONDS):  # noqa: S310 - the address is written in the compose file
        return None


def _worker(settings: Settings) -> str | None:
    from workers.app import app_of

    name = f"celery@{socket.gethostname()}"
    app = app_of(settings)
    answered = app.control.ping(destination=[name], timeout=_SECONDS)
    return None if answered else f"{name} does not answer"


def _scheduler(settings: Settings) -> str | None:
    from sqlalchemy import select

    from transmission.clock import SystemClock
    from transmission.store.tables import periodic_run
    from transmission.store.unit_of_work import open_engine

    engine = open_engine(addresses(settings).database_url, pool_size=1)
    started = select(periodic_run.c.started_at).where(periodic_run.c.name == "sweep")
    with engine.connect() as connection:
        last = connection.execute(started).scalar_one_or_none()
    patience = timedelta(seconds=_MISSED_SWEEPS * settings.sweep_period)
    if last is None or SystemClock().now() - last > patience:
        return f"no sweep since {last}"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
