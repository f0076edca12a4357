"""How an embedded PostgreSQL is reached, by whom, and with which settings it runs."""

from dataclasses import dataclass, field
from pathlib import Path

from transmission.embedded.addresses import free_port, serves_as_socket

NAME = "transmission"
SUPERUSER = "postgres"
SERVICE, AUDITOR = "transmission_service", "transmission_auditor"
ROLES = (NAME, SERVICE, AUDITOR)
"""Who owns the database, who works in it, who reads it."""

_SOCKET_PORT = 5432
_MAP = "transmission"


@dataclass(frozen=True, slots=True)
class Address:
    """A Unix socket's folder and no password, or 127.0.0.1 and a password."""

    host: str
    port: int
    password: str | None = field(default=None, repr=False)

    def url(self, *, scheme: str = "postgresql", role: str = NAME, database: str = NAME) -> str:
        """A libpq URL, or SQLAlchemy's with the scheme `postgresql+psycopg`."""
        if self.password is None:
            return f"{scheme}://{role}@/{database}?host={self.host}&port={self.port}"
        server = f"{role}:{self.password}@{self.host}:{self.port}"
        return f"{scheme}://{server}/{database}?sslmode=disable"

    def settings(self) -> dict[str, str]:
        if self.password is None:
            where = {"listen_addresses": "", "unix_socket_directories": self.host}
        else:
            where = {"listen_addresses": self.host, "unix_socket_directories": ""}
        return where | {"port": str(self.port)}

    def access_rule(self) -> str:
        """The one line of pg_hba.conf.

        On the socket the kernel names the peer, and only the account that started us passes: safer
        than `trust` behind a closed folder, which also lets in the server's own account.
        """
        if self.password is None:
            return f"local all all peer map={_MAP}\n"
        return f"host all all {self.host}/32 scram-sha-256\n"


def new_address(sockets: Path, password: str) -> Address:
    """The socket in `sockets` when its path will do, else a free port with `password`."""
    if serves_as_socket(sockets / f".s.PGSQL.{_SOCKET_PORT}"):
        return Address(str(sockets), _SOCKET_PORT)
    return Address("127.0.0.1", free_port(), password)


def identity_map(starter: str) -> str:
    """pg_ident.conf: `starter`, a system account, may be every database role."""
    return "".join(f'{_MAP} "{starter}" {role}\n' for role in (*ROLES, SUPERUSER))


def durability(*, for_tests: bool) -> dict[str, str]:
    """Nothing when the data matter: PostgreSQL is durable by default."""
    if not for_tests:
        return {}
    # DROP DATABASE … FORCE fails for an ordinary role while autovacuum is in the database.
    off = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
    # The folder of a test may be memory: keep little of the journal.
    return dict.fromkeys(off, "off") | {"max_wal_size": "64MB"}
