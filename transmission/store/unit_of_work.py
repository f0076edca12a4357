"""One transaction over the register; leaving it without ``commit()`` undoes everything."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError

from transmission.killpoints import reach
from transmission.ports import AuthorityRow
from transmission.store.access import Tokens
from transmission.store.actes import Actes
from transmission.store.archiving import Archiving
from transmission.store.assessments import Assessments
from transmission.store.audits import Audits
from transmission.store.authorities import Authorities
from transmission.store.calls import Calls
from transmission.store.chain import Chain
from transmission.store.circuits import Circuits
from transmission.store.courriers import Courriers
from transmission.store.deliveries import Deliveries
from transmission.store.documents_small import SmallDocuments
from transmission.store.dossiers import Dossiers
from transmission.store.enveloppes import Enveloppes
from transmission.store.file_accesses import FileAccesses
from transmission.store.findings import Findings
from transmission.store.heartbeats import Heartbeats
from transmission.store.lanes import Lanes
from transmission.store.legal import Legal
from transmission.store.notices import Notices
from transmission.store.openings import Openings
from transmission.store.people import People
from transmission.store.personal import Personal
from transmission.store.publications import Publications
from transmission.store.retours import Retours
from transmission.store.reviews import Reviews
from transmission.store.scans import Scans
from transmission.store.sessions import Sessions
from transmission.store.signed_pdf import SignedPdfs
from transmission.store.sittings import Sittings
from transmission.store.subscriptions import Subscriptions
from transmission.store.telling import Telling
from transmission.store.texts import make_texts_storable
from transmission.store.time_stamps import TimeStamps
from transmission.store.transmissions import Transmissions
from transmission.store.uploads import Uploads
from transmission.store.webhooks import Webhooks
from transmission.store.windows import Windows
from transmission.store.work import Work


class PostgresUnitOfWork(
    Authorities,
    Actes,
    Transmissions,
    Lanes,
    Enveloppes,
    Openings,
    Retours,
    Courriers,
    Windows,
    Circuits,
    Heartbeats,
    SmallDocuments,
    Legal,
    Assessments,
    Archiving,
    Personal,
    Findings,
    Publications,
    Notices,
    Webhooks,
    Deliveries,
    Telling,
    Subscriptions,
    Sittings,
    Reviews,
    Tokens,
    Uploads,
    Calls,
    Work,
    Scans,
    FileAccesses,
    People,
    Sessions,
    SignedPdfs,
    TimeStamps,
    Chain,
    Audits,
    Dossiers,
):
    """The port ``UnitOfWork`` on PostgreSQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._authorities: dict[int, AuthorityRow] = {}

    def commit(self) -> None:
        """Make everything done so far durable."""
        reach("register.before_commit")
        self._connection.commit()
        reach("register.committed")

    @contextmanager
    def trial(self) -> Iterator[None]:
        """What is written inside is undone if it raises; what was written before stays."""
        with self._connection.begin_nested():
            yield


IDLE_LIMIT = 180
"""Seconds that a transaction may wait for its process: it is then frozen, or its machine is lost.

What it holds is given to others. Between two statements work takes less: the longest, to pack and
keep 150 MB, lasts half a second on a disk, and nearly this long in a distant store at 1 MB/s.
"""

_LINK = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""How soon a server that is gone without a word is missed: seconds, the last in ms."""

# By a statement rather than at connection, where a PgBouncer refuses it; whoever administers the
# database, or the URL, may have chosen otherwise.
_LIMITED = (
    "SELECT set_config('idle_in_transaction_session_timeout', %s, false) "
    "WHERE current_setting('idle_in_transaction_session_timeout') = '0'"
)


def open_engine(url: str, *, pool_size: int = 5) -> Engine:
    """Pooled connections to the register; one whose server went away is not used again.

    ``url`` is a SQLAlchemy URL of psycopg (``postgresql+psycopg://…``); what it says of the
    connection is kept.
    """
    said = make_url(url).query
    link = {name: value for name, value in _LINK.items() if name not in said}
    engine = create_engine(
        url,
        pool_size=pool_size,
        # An error tells the statement, never what it held: names of people, digests of secrets.
        hide_parameters=True,
        connect_args={"application_name": "transmission", **link},
    )
    event.listen(engine, "connect", _make_ready)
    event.listen(engine, "checkout", partial(_require_alive, engine))
    return engine


def _make_ready(driver: psycopg.Connection, record: object) -> None:  # noqa: ARG001
    make_texts_storable(driver)
    driver.autocommit = True
    driver.execute(_LIMITED, [f"{IDLE_LIMIT}s"])
    driver.autocommit = False


def _require_alive(
    engine: Engine,
    connection: Any,
    record: object,  # noqa: ARG001
    proxy: object,  # noqa: ARG001
) -> None:
    # A ping at each use would cost as much as a statement. A server that went away has written or
    # closed: only what can be read from is asked.
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if not waiting.poll(0):
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


class Register:
    """Gives units of work over one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def __call__(self) -> Iterator[PostgresUnitOfWork]:
        """A unit of work; rolled back unless committed."""
        with self.engine.connect() as connection:
            yield PostgresUnitOfWork(connection)
