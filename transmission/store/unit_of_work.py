"""One transaction over the register; leaving it without ``commit()`` undoes everything."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine

from transmission.store.actes import Actes
from transmission.store.authorities import Authorities
from transmission.store.circuits import Circuits
from transmission.store.courriers import Courriers
from transmission.store.heartbeats import Heartbeats
from transmission.store.openings import Openings
from transmission.store.retours import Retours
from transmission.store.transmissions import Transmissions
from transmission.store.windows import Windows


class PostgresUnitOfWork(
    Authorities, Actes, Transmissions, Openings, Retours, Courriers, Windows, Circuits, Heartbeats
):
    """The port ``UnitOfWork`` on PostgreSQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def commit(self) -> None:
        """Make everything done so far durable."""
        self._connection.commit()

    @contextmanager
    def trial(self) -> Iterator[None]:
        """What is written inside is undone if it raises; what was written before stays."""
        with self._connection.begin_nested():
            yield


def open_engine(url: str, *, pool_size: int = 5) -> Engine:
    """Pooled connections to the register; each is checked before use after a restart.

    ``url`` is a SQLAlchemy URL of psycopg (``postgresql+psycopg://…``).
    """
    return create_engine(
        url,
        pool_size=pool_size,
        pool_pre_ping=True,
        connect_args={"application_name": "transmission"},
    )


class Register:
    """Gives units of work over one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def __call__(self) -> Iterator[PostgresUnitOfWork]:
        """A unit of work; rolled back unless committed."""
        with self.engine.connect() as connection:
            yield PostgresUnitOfWork(connection)
