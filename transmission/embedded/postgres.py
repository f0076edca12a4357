"""A real PostgreSQL that the program starts, stops and, after a crash, takes up again by itself."""

import contextlib
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from transmission.embedded.errors import EngineUnavailableError
from transmission.embedded.postgres_cluster import ENVIRONMENT, Cluster, locate
from transmission.embedded.postgres_programs import Programs
from transmission.embedded.postgres_settings import SERVICE, Address, durability, new_address
from transmission.embedded.processes import ChildProcess, sole_use, spawn, wait_until

_START_SECONDS = 120.0
_STOP_SECONDS = 60.0
_PAUSE_SECONDS = 0.1
# A port taken since we looked, backends that have not yet noticed that their postmaster is dead.
_PASSING_FAILURES = ("could not bind IPv4", "pre-existing shared memory block")
_UTC = {"timezone": "UTC", "log_timezone": "UTC"}


class EmbeddedPostgres:
    """PostgreSQL on the data of `directory`, with the database `transmission` and its roles.

    `for_tests` gives up durability for speed: a crash of the machine would corrupt the data.
    """

    def __init__(self, directory: Path, *, for_tests: bool = False) -> None:
        self._asked = directory.resolve()
        self._for_tests = for_tests
        self._cluster: Cluster | None = None
        self._address: Address | None = None
        self._server: ChildProcess | None = None
        self._held = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def directory(self) -> Path:
        """Where everything is while started; for root not always the one asked for."""
        return self._started()[0].directory

    @property
    def url(self) -> str:
        """For SQLAlchemy: `postgresql+psycopg://…`; on a loopback port it holds the password."""
        return self._started()[1].url(scheme="postgresql+psycopg")

    @property
    def service_url(self) -> str:
        """The same as the role that only works in the tables, once it was given rights."""
        return self._started()[1].url(scheme="postgresql+psycopg", role=SERVICE)

    @property
    def libpq_url(self) -> str:
        """The same for psycopg and psql: `postgresql://…`."""
        return self._started()[1].url()

    @property
    def pid(self) -> int | None:
        return self._server.pid if self._server else None

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.running

    def start(self) -> str:
        """Start, after stopping what a killed run left; `url`. Main thread only.

        Raises EngineUnavailableError, with nothing left running.
        """
        if self.running:
            return self.url
        self.stop()
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise EngineUnavailableError(
                f"PostgreSQL n'a pas pu démarrer dans {self._asked} ({error}). Vérifiez les droits "
                "et la place disponible dans ce dossier, puis relancez la même commande."
            ) from error
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """Disconnect everybody, write everything, end. Harmless when stopped."""
        if self._server is not None:
            self._server.stop(_STOP_SECONDS)
        self._server = self._cluster = self._address = None
        self._held.close()

    def _start(self) -> None:
        cluster = self._cluster = locate(self._asked)
        self._held.enter_context(sole_use(cluster.directory))
        cluster.stop_leftover()
        programs = cluster.programs(for_tests=self._for_tests)
        deadline = time.monotonic() + _START_SECONDS
        while said := self._try_to_serve(cluster, programs):
            passing = any(text in said for text in _PASSING_FAILURES)
            if not passing or time.monotonic() > deadline:
                raise _refused(cluster, said)
            time.sleep(_PAUSE_SECONDS)
        # Imported late: psycopg costs 0.15 s, which commands without a database should not pay.
        from transmission.embedded.postgres_database import ensure_database

        ensure_database(self._started()[1], cluster.password())

    def _try_to_serve(self, cluster: Cluster, programs: Programs) -> str:
        """Nothing once the server accepts connections, else what it wrote before it gave up."""
        self._address = new_address(cluster.sockets, cluster.password())
        settings = cluster.write_access(self._address) | self._address.settings() | _UTC
        settings |= durability(for_tests=self._for_tests)
        logged = cluster.log.stat().st_size if cluster.log.exists() else 0
        self._server = server = spawn(
            [
                str(programs.directory / "postgres"),
                "-D",
                str(cluster.data),
                *(f"--{name}={value}" for name, value in settings.items()),
            ],
            name="postgres",
            log=cluster.log,
            env=ENVIRONMENT,
            cwd=Path("/"),
            account=cluster.run_as,
            stop_signal=signal.SIGINT,
        )
        wait_until(lambda: not server.running or cluster.is_ready(server.pid), _START_SECONDS)
        if cluster.is_ready(server.pid):
            return ""
        server.stop()
        return cluster.log.read_bytes()[logged:].decode(errors="replace") or "aucun message"

    def _started(self) -> tuple[Cluster, Address]:
        if self._cluster is None or self._address is None:
            raise RuntimeError("the embedded PostgreSQL is not started")
        return self._cluster, self._address


def _refused(cluster: Cluster, said: str) -> EngineUnavailableError:
    last = said.strip().splitlines()[-1]
    return EngineUnavailableError(
        f"PostgreSQL s'est arrêté au démarrage dans {cluster.directory} : {last} "
        f"(journal : {cluster.log}). Corrigez la cause indiquée, puis relancez la même commande."
    )
