"""A whole installation on one machine: engines and processes, started and stopped in order."""

import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from transmission.bootstrap import RUNNING, Addresses, tell
from transmission.cli.interruption import interruptible, pause
from transmission.embedded.errors import EngineUnavailableError
from transmission.embedded.postgres import EmbeddedPostgres
from transmission.embedded.processes import ChildProcess, sole_use, spawn, wait_until
from transmission.embedded.valkey import EmbeddedValkey
from transmission.settings import PREFIX, Settings
from transmission.store.roles import bring_up_to_date

PROCESSES = ("worker", "scheduler", "web")
REGISTRE = "registre"
"""The public register: started only where the settings give it a port."""

_SERVERS = {"web": "La console", REGISTRE: "Le registre"}
_RESTART_PAUSE = 1.0
_WATCH_RESTART_PAUSE = 30.0
"""A watched folder whose authority is not known yet is no emergency."""
_READY_SECONDS = 60


@dataclass(slots=True)
class Installation:
    """The running processes of one machine; ``watch`` starts again those that die."""

    home: Path
    settings: Settings
    told: Addresses
    postgres: EmbeddedPostgres | None = None
    valkey: EmbeddedValkey | None = None
    children: dict[str, ChildProcess] = field(default_factory=dict)
    died_at: dict[str, float] = field(default_factory=dict)

    @property
    def watchers(self) -> dict[str, list[str]]:
        """Arguments of the process of each folder that the settings have watched, by its name."""
        folders = self.settings.intake_folders
        return {
            f"watch-{siren}": ["watch", str(path.absolute()), "--siren", siren]
            for siren, path in folders.items()
        }

    def start(self, name: str) -> None:
        """Start one process of ours."""
        self.children[name] = spawn(
            _command(self.home, self.watchers.get(name, [name]), self.told),
            name=name,
            log=self.log(name),
            env=_environment(self.home, self.settings, self.told),
        )

    def log(self, name: str) -> Path:
        """Where a process of ours writes what it has to say."""
        return self.home / "logs" / f"{name}.log"

    def watch(self) -> list[str]:
        """Start again every engine and process that has ended by itself; names of those started.

        Raises EngineUnavailableError.
        """
        if restarted := self._watch_engines():
            return restarted
        now = time.monotonic()
        for name, child in self.children.items():
            rest = _WATCH_RESTART_PAUSE if name in self.watchers else _RESTART_PAUSE
            if not child.running and now - self.died_at.get(name, -rest) >= rest:
                self.died_at[name] = now
                self.start(name)
                restarted.append(name)
        return restarted

    def _watch_engines(self) -> list[str]:
        restarted = []
        if self.postgres and not self.postgres.running:
            owner = self.postgres.start()
            self.told = replace(self.told, database_url=self.postgres.service_url, owner_url=owner)
            restarted.append("PostgreSQL")
        if self.valkey and not self.valkey.running:
            self.told = replace(self.told, broker_url=self.valkey.start().celery_url)
            restarted.append("Valkey")
        if restarted:
            # On a loopback port the address has changed, and everybody must learn it.
            self.stop()
            self.start_all()
        return restarted

    def start_all(self) -> None:
        """Tell the addresses to other commands, and start every process of ours."""
        tell(self.home, self.told)
        for name in self.processes():
            self.start(name)

    def processes(self) -> tuple[str, ...]:
        """Names of ours, in the order in which they start."""
        registre = (REGISTRE,) if self.told.registre_url else ()
        return (*PROCESSES, *registre, *self.watchers)

    def stop(self) -> None:
        """Stop ours, intake first: what is read, then what rings, then what works."""
        for name in reversed(self.processes()):
            if name in self.children:
                self.children[name].stop(timeout=15)


def say(step: str) -> None:
    """Tell what comes next, unless asked to stop. Raises KeyboardInterrupt."""
    pause(0)
    click.echo(f"… {step}")


@contextmanager
def installed(settings: Settings) -> Iterator[Installation]:
    """Engines where none is configured, database up to date, processes running; then all ends.

    Ctrl-C, SIGTERM and SIGHUP act at the next step or ``pause``, and never while it ends. Raises
    KeyboardInterrupt, and EngineUnavailableError (French) when something cannot run here or when
    another run holds this ``home``.
    """
    _require_folders(settings)
    home = settings.home.absolute()
    # Started by root, PostgreSQL runs under another account, which must pass to reach its data.
    home.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    (home / "logs").mkdir(exist_ok=True, mode=0o700)
    with ExitStack() as stack:
        stack.enter_context(interruptible())
        stack.enter_context(sole_use(home))
        installation = _with_engines(settings, home, stack)
        say("mise à jour de la base de données")
        bring_up_to_date(installation.told.database_url, installation.told.owner_url)
        stack.callback((home / RUNNING).unlink, missing_ok=True)
        stack.callback(installation.stop)
        say("démarrage de la console, du relais et des exécutants")
        installation.start_all()
        _wait_for_pages(installation)
        yield installation


def _require_folders(settings: Settings) -> None:
    absent = [str(path) for path in settings.intake_folders.values() if not path.is_dir()]
    if absent:
        raise EngineUnavailableError(
            f"{PREFIX}INTAKE_FOLDERS nomme ce qui n'est pas un dossier : {', '.join(absent)}. "
            "Créez-le, ou corrigez le réglage."
        )


def _with_engines(settings: Settings, home: Path, stack: ExitStack) -> Installation:
    console = _listening("web", "WEB", settings.web_host, settings.web_port)
    registre = None
    if settings.register_port is not None:
        registre = _listening(REGISTRE, "REGISTER", settings.register_host, settings.register_port)
    database, broker, owner = settings.database(), settings.broker(), settings.database_owner()
    postgres = valkey = None
    if database is None:
        say("démarrage de PostgreSQL")
        postgres = stack.enter_context(EmbeddedPostgres(home / "postgres"))
        database, owner = postgres.service_url, postgres.url
    if broker is None:
        say("démarrage de Valkey")
        valkey = stack.enter_context(EmbeddedValkey(home / "valkey"))
        broker = valkey.urls.celery_url
    told = Addresses(database, broker, console, registre, owner)
    return Installation(home, settings, told, postgres, valkey)


def _wait_for_pages(installation: Installation) -> None:
    told = installation.told
    for name, url in (("web", told.console_url), (REGISTRE, told.registre_url)):
        if url is not None:
            _wait_for(installation, name, url)


def _wait_for(installation: Installation, name: str, url: str) -> None:
    address, child = urlsplit(url), installation.children[name]
    place = (address.hostname or "", address.port or 0)

    def answers() -> bool:
        pause(0)
        try:
            with socket.create_connection(place, timeout=1):
                return True
        except OSError:
            return False

    wait_until(lambda: not child.running or answers(), _READY_SECONDS)
    if not child.running or not answers():
        raise EngineUnavailableError(
            f"{_SERVERS[name]} n'a pas démarré. La cause est à la fin du journal :\n"
            f"{installation.log(name)}\nCorrigez-la, puis relancez la même commande."
        )


def _command(home: Path, words: Sequence[str], told: Addresses) -> list[str]:
    # -P: what the folder we were started from holds is not to be imported.
    command = [sys.executable, "-P", "-m", "transmission.cli.main", "--home", str(home), *words]
    listening = {"web": told.console_url, REGISTRE: told.registre_url}.get(words[0])
    if listening:
        address = urlsplit(listening)
        command += ["--host", str(address.hostname), "--port", str(address.port)]
    return command


def _environment(home: Path, settings: Settings, told: Addresses) -> dict[str, str]:
    """The settings of this very process for a child, whatever the environment said of them."""
    inherited = {k: v for k, v in os.environ.items() if not k.upper().startswith(PREFIX)}
    given = settings.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    # Whoever works in the tables does not know how to come in as their owner.
    for owner in ("database_owner_url", "database_owner_url_file"):
        given.pop(owner, None)
    # URLs carry passwords: they go by the environment, never by the command line.
    given |= {
        "home": str(home),
        "database_url": told.database_url,
        "broker_url": told.broker_url,
    }
    # The library writes stars in their place.
    secrets = {
        "broker_sentinel_password": settings.sentinel_password(),
        "s3_secret_key": settings.s3_secret(),
    }
    given |= {name: secret for name, secret in secrets.items() if secret}
    return inherited | {
        f"{PREFIX}{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in given.items()
    }


def _listening(name: str, setting: str, host: str, wanted: int) -> str:
    """The address of a process of ours, on the port asked for, or a free one for 0.

    Raises EngineUnavailableError when that port is taken, or the host is not of this machine.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError as error:
            raise EngineUnavailableError(
                f"{_SERVERS[name]} ne peut pas écouter sur {host}:{wanted} : l'adresse n'est pas à "
                f"cette machine ou le port est déjà pris. Changez {PREFIX}{setting}_HOST ou "
                f"{PREFIX}{setting}_PORT."
            ) from error
        return f"http://{host}:{probe.getsockname()[1]}/"
