"""A whole installation to measure: real engines, real processes, the mock in its own."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.figures import luhn_siren
from benchmarks.key import rsa_key
from benchmarks.processes import tree_cpu
from transmission.bootstrap import Container, container
from transmission.domain.collectivite import Collectivite, Referent, SigningKey, TdtAccount
from transmission.domain.identifiers import Departement, Siren
from transmission.embedded.postgres import EmbeddedPostgres
from transmission.embedded.processes import ChildProcess, spawn, wait_until
from transmission.embedded.valkey import EmbeddedValkey
from transmission.services.classify import classify
from transmission.services.enroll import enroll
from transmission.settings import PREFIX, load_settings
from transmission.store.migrations import upgrade

SENDERS = 8
"""Authorities that share the acts of a load."""
BARE = 2
"""Authorities of the bare loop, one for each of its processes."""
_READY_SECONDS = 60

SETTINGS: dict[str, Any] = {
    "poll_delays": (1, 2, 2, 5),
    "sweep_period": 1,
    "worker_processes": 2,
}
"""The service's own, but for a TdT that answers at once: it is looked at sooner."""


@dataclass
class Site:
    """What the measures share. ``senders`` and ``bare`` are SIRENs, ``silent`` the one of acts
    that wait; ``authorities`` gives their keys in the register."""

    home: Path
    made: Container
    database_url: str
    broker_url: str
    libpq_url: str
    told: dict[str, Any]
    key_file: Path
    roots: dict[str, int]
    senders: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    silent: str = ""
    authorities: dict[str, int] = field(default_factory=dict)
    service: dict[str, ChildProcess] = field(default_factory=dict)

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far of every tree of processes, by name."""
        running = {name: child.pid for name, child in self.service.items()}
        return tree_cpu(self.roots | running)

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement of the measures' own; ``values`` are its values, or one mapping."""
        given = values[0] if values and isinstance(values[0], Mapping) else values
        with psycopg.connect(self.libpq_url, autocommit=True) as connection:
            cursor = connection.execute(statement, given or None)
            return cursor.fetchall() if cursor.description else []

    def start(self, workers: int = 2) -> None:
        """Start the worker, of that many processes, and the scheduler."""
        for name in ("worker", "scheduler"):
            self.service[name] = spawn(
                [sys.executable, "-P", "-m", "transmission.cli.main", name],
                name=name,
                log=self.home / "logs" / f"{name}.log",
                env=self.environment(worker_processes=workers),
            )

    def stop(self) -> None:
        """Stop what ``start`` started, what rings first."""
        for name in ("scheduler", "worker"):
            if name in self.service:
                self.service.pop(name).stop(timeout=30)

    def environment(self, **changes: Any) -> dict[str, str]:
        """The settings of this installation, for a child."""
        named = SETTINGS | changes
        texts = {name: json.dumps(value) for name, value in named.items()}
        texts |= {
            "home": str(self.home),
            "database_url": self.database_url,
            "broker_url": self.broker_url,
        }
        return os.environ | {f"{PREFIX}{name.upper()}": text for name, text in texts.items()}


@contextmanager
def site(parent: Path) -> Iterator[Site]:
    """An installation in a new folder of ``parent``, everything gone afterwards.

    New, because files are abnormally dear on ext4 where many others were deleted a while ago.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=parent.resolve()) as folder:
        home = Path(folder)
        # Started by root, PostgreSQL runs under an account that must pass to reach its data.
        home.chmod(0o711)
        (home / "logs").mkdir()
        with (
            _temporary_files(home / "tmp"),
            _postgres(home / "postgres") as postgres,
            EmbeddedValkey(home / "valkey") as valkey,
            _mock(home) as (mock, told),
        ):
            upgrade(postgres.url)
            settings = load_settings(
                home=home,
                database_url=postgres.url,
                broker_url=valkey.urls.celery_url,
                **SETTINGS,
            )
            with container(settings) as made:
                roots = {"mock": mock.pid, "postgres": postgres.pid or 0, "valkey": _pid(valkey)}
                yield from _enrolled(
                    Site(
                        home,
                        made,
                        postgres.url,
                        valkey.urls.celery_url,
                        postgres.libpq_url,
                        told,
                        rsa_key(home / "cachet.pem"),
                        roots,
                    )
                )


@contextmanager
def _temporary_files(folder: Path) -> Iterator[None]:
    """Those of this process and of all that it starts, on the disk that is measured."""
    folder.mkdir()
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        del os.environ["TMPDIR"]
        tempfile.tempdir = None


@contextmanager
def _postgres(directory: Path) -> Iterator[EmbeddedPostgres]:
    """Its data gone afterwards: for root they may live elsewhere than in ``directory``."""
    engine = EmbeddedPostgres(directory)
    engine.start()
    place = engine.directory
    try:
        yield engine
    finally:
        engine.stop()
        shutil.rmtree(place)


def _pid(valkey: EmbeddedValkey) -> int:
    return int((valkey.directory / "valkey.pid").read_text())


def _sirens() -> Sequence[str]:
    return [luhn_siren(rank) for rank in range(1, SENDERS + BARE + 2)]


def _enrolled(made: Site) -> Iterator[Site]:
    sirens = _sirens()
    made.senders = tuple(sirens[:SENDERS])
    made.bare = tuple(sirens[SENDERS:-1])
    made.silent = sirens[-1]
    tools = made.made.tools
    for siren in sirens:
        made.authorities[siren] = enroll(tools, collectivite(made.told, siren, made.key_file))
        classify(tools, made.authorities[siren])
    made.query("DELETE FROM outbox")
    try:
        yield made
    finally:
        made.stop()


def collectivite(told: Mapping[str, Any], siren: str, key_file: Path) -> Collectivite:
    """An invented authority that signs its acts; ``told`` is what the mock tells of itself."""
    account = next(each for each in told["authorities"] if each["siren"] == siren)
    return Collectivite(
        siren=Siren(siren),
        departement=Departement("042"),
        arrondissement=2,
        nature="31",
        nom=f"Commune de mesure {siren}",
        adresses_retour=("retours@saint-exemple.example.org",),
        referent=Referent("Service des assemblées", "0400000000", "assemblees@example.org"),
        tdt=TdtAccount(
            connector="s2low",
            nom="mock-tdt (fictif)",
            base_url=told["url"],
            certificate_file=account["certificate_file"],
            key_file=account["key_file"],
            passphrase_file=None,
            ca_file=told["ca_file"],
        ),
        signing_key=SigningKey(str(key_file)),
        signs_documents=True,
    )


@contextmanager
def _mock(home: Path) -> Iterator[tuple[ChildProcess, dict[str, Any]]]:
    log = home / "logs" / "mock-tdt.log"
    options = ["--calm", "--ar-delay=0", f"--directory={home / 'mock-tdt'}"]
    accounts = [f"--authority={siren}:042:2:31:Commune de mesure {siren}" for siren in _sirens()]
    child = spawn(
        [str(Path(sys.executable).with_name("mock-tdt")), *options, *accounts],
        name="mock-tdt",
        log=log,
    )
    try:
        wait_until(lambda: not child.running or log.read_bytes().endswith(b"}\n"), _READY_SECONDS)
        yield child, json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    finally:
        child.stop()
