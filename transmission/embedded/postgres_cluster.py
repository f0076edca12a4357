"""One PostgreSQL data directory: where it is, who owns it, how it is made and put in order.

Its layout, all of it ours but for `data` and `socket`, which belong to the server's account:
`data/` · `socket/` · `pg_hba.conf` · `pg_ident.conf` · `password` · `postgres.log` · `lock`.
"""

import hashlib
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from transmission.embedded import postgres_programs
from transmission.embedded.accounts import (
    Account,
    can_reach,
    own_account,
    owner_of,
    server_account,
)
from transmission.embedded.errors import EngineUnavailableError
from transmission.embedded.postgres_programs import Programs, shared_directory, usable_programs
from transmission.embedded.postgres_settings import SUPERUSER, Address, identity_map
from transmission.embedded.processes import belongs, end_leftover, spawn

# Nothing of the caller's environment (PGDATA, PGPORT, LD_LIBRARY_PATH…), and logs in English.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

_BUILTIN_LOCALE = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
_FIRST_WITH_BUILTIN_LOCALE = 17


@dataclass(frozen=True, slots=True)
class Cluster:
    """`directory` is where everything is; `account` owns the data and runs the server."""

    directory: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def sockets(self) -> Path:
        return self.directory / "socket"

    @property
    def log(self) -> Path:
        return self.directory / "postgres.log"

    @property
    def _lock(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def run_as(self) -> Account | None:
        """None: as ourselves."""
        return self.account if self.account.uid != os.geteuid() else None

    def password(self) -> str:
        """That of every database role, drawn once; only a loopback port asks for it."""
        return self._password_file().read_text()

    def write_access(self, address: Address) -> dict[str, str]:
        """Write who may enter by `address`; the settings that point there."""
        rules, identities = self.directory / "pg_hba.conf", self.directory / "pg_ident.conf"
        self._write(rules, address.access_rule())
        self._write(identities, identity_map(own_account().name))
        if not self.sockets.exists():
            self.sockets.mkdir(mode=0o700)
            self._hand_over(self.sockets)
        return {"hba_file": str(rules), "ident_file": str(identities)}

    def programs(self, *, for_tests: bool) -> Programs:
        """Those that fit the data, which the first that can makes where there are none.

        Raises EngineUnavailableError when no PostgreSQL of this machine will do.
        """
        usable = usable_programs(self.run_as)
        if self.data.exists():
            return self._makers_of_data(usable)
        for unfinished in self.directory.glob("data.new-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        for programs in usable:
            if self._make_data(programs, for_tests=for_tests):
                return programs
        raise EngineUnavailableError(
            "PostgreSQL ne peut pas tourner sur cette machine : ni la version fournie ni celle du "
            f"système n'ont pu créer de base (journal : {self.log}). Installez-le "
            "(« apt-get install postgresql »), puis relancez la même commande."
        )

    def is_ready(self, pid: int) -> bool:
        """Whether the postmaster `pid` says in its lock file that it accepts connections."""
        try:
            lines = self._lock.read_text().splitlines()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(pid)] and lines[-1].strip() == "ready"

    def stop_leftover(self) -> None:
        """Stop the server that a killed run may have left on these data, and clear its traces."""
        if self._lock.exists():
            first, *rest = self._lock.read_text().splitlines(keepends=True) or [""]
            if first.strip().isdecimal():
                end_leftover(int(first), self._is_postmaster, signal.SIGINT)
            if self._lock.exists():
                self._take_over_lock(rest)
        for stale in self.sockets.glob(".s.PGSQL.*"):
            stale.unlink()

    def _is_postmaster(self, pid: int) -> bool:
        return belongs(pid, ("postgres", "postmaster"), self.data)

    def _take_over_lock(self, rest: list[str]) -> None:
        # PostgreSQL would refuse to start if the number now belonged to some other process, but
        # takes its own parent's for stale. It must still read the rest of the file, by which it
        # finds backends that have outlived their postmaster: hence no deletion.
        ours = self.directory / "postmaster.pid.new"
        self._write(ours, "".join([f"{os.getpid()}\n", *rest]))
        ours.replace(self._lock)

    def _makers_of_data(self, usable: Iterator[Programs]) -> Programs:
        major = int((self.data / "PG_VERSION").read_text())
        for programs in usable:
            if programs.major == major:
                return programs
        raise EngineUnavailableError(
            f"Les données de {self.directory} ont été créées par PostgreSQL {major}, qui ne "
            f"s'exécute plus sur cette machine. Installez-le (« apt-get install "
            f"postgresql-{major} »), puis relancez la même commande."
        )

    def _make_data(self, programs: Programs, *, for_tests: bool) -> bool:
        fresh = Path(tempfile.mkdtemp(prefix="data.new-", dir=self.directory))
        self._hand_over(fresh)
        options = self._initdb_options(programs, for_tests=for_tests)
        initdb = spawn(
            [str(programs.directory / "initdb"), *options, str(fresh)],
            name="initdb",
            log=self.log,
            env=ENVIRONMENT,
            cwd=Path("/"),
            account=self.run_as,
        )
        try:
            if initdb.wait() != 0:
                return False
            fresh.rename(self.data)
            return True
        finally:
            initdb.stop()
            shutil.rmtree(fresh, ignore_errors=True)

    def _initdb_options(self, programs: Programs, *, for_tests: bool) -> list[str]:
        builtin = programs.major >= _FIRST_WITH_BUILTIN_LOCALE
        return [
            f"--username={SUPERUSER}",
            "--encoding=UTF8",
            *(_BUILTIN_LOCALE if builtin else ("--locale=C.UTF-8",)),
            "--data-checksums",
            "--auth-local=peer",
            "--auth-host=scram-sha-256",
            f"--pwfile={self._password_file()}",
            *(("--no-sync",) if for_tests else ()),
            "--pgdata",
        ]

    def _password_file(self) -> Path:
        kept = self.directory / "password"
        if not kept.exists():
            self._write(kept, secrets.token_urlsafe(24))
        return kept

    def _write(self, path: Path, text: str) -> None:
        """What the server's account must read; the folder is ours, so it cannot plant a link."""
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(text)
        self._hand_over(path)

    def _hand_over(self, path: Path) -> None:
        if account := self.run_as:
            os.chown(path, account.uid, account.gid)


def locate(asked: Path) -> Cluster:
    """The cluster asked for in `asked`, which is made when missing; never chmods what exists.

    For root, data that the server's account could not reach there (a checkout under /root) live in
    /var/lib/transmission instead, under a name derived from `asked`. Where data already are wins.
    Raises EngineUnavailableError when they belong to an account we cannot become.
    """
    asked.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(os.fsencode(asked)).hexdigest()[:16]
    for cluster_directory in (asked, postgres_programs.SHARED_STATE / name):
        if (cluster_directory / "data").exists():
            return Cluster(cluster_directory, _owner_of_data(cluster_directory / "data"))
    account = server_account()
    if os.geteuid() != 0 or can_reach(account, asked):
        return Cluster(asked, account)
    return Cluster(shared_directory(name), account)


def _owner_of_data(data: Path) -> Account:
    owner = owner_of(data)
    if os.geteuid() in (0, owner.uid):
        return owner
    raise EngineUnavailableError(
        f"Les données de {data} appartiennent au compte « {owner.name} ». Relancez le programme "
        "sous le compte qui l'a lancé la première fois, ou choisissez un autre dossier."
    )
