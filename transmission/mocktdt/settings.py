"""What a run is made of. Values come from the command line or from a test, never from files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import ip_address
from pathlib import Path

from transmission.mocktdt.accounts import Authority

MEBIBYTE = 1024 * 1024


class UnsafeListenError(ValueError):
    """The mock was asked to listen where strangers could reach it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, numbers of files (S²LOW API §1.6)."""

    archive: int = 150 * MEBIBYTE
    request_body: int = 200_486_000
    files_per_request: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where the State mails its retours: IMAP over TLS. `ca_file`: to trust, the system's if None.

    `password_file`: its one line.
    """

    host: str
    user: str
    password_file: Path
    port: int = 993
    ca_file: Path | None = None
    folder: str = "INBOX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything settable at start. Delays are seconds of the virtual clock.

    `mailbox`: without one, nobody deposits directly.
    """

    directory: Path
    authorities: tuple[Authority, ...] = ()
    listen: str = "127.0.0.1"
    port: int = 0
    management_port: int = 0
    i_know_this_is_a_mock: bool = False
    server_names: tuple[str, ...] = ()
    calm: bool = False
    seed: int = 0
    version: int = 5
    ar_delay: float | None = None
    trigram: str = "SLO"
    quadrigram: str = "EACT"
    start: datetime | None = None
    frozen: bool = False
    classification_date: date = date(2025, 1, 15)
    switches: Mapping[str, bool] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    mailbox: Mailbox | None = None

    def __post_init__(self) -> None:
        if not self.i_know_this_is_a_mock and not is_loopback(self.listen):
            raise UnsafeListenError(
                f"mock-tdt n'écoute que sur la boucle locale, pas sur {self.listen} : "
                "un accusé fictif ne doit jamais pouvoir être pris pour un vrai. "
                "Dans un réseau de conteneurs, ajoutez --i-know-this-is-a-mock."
            )


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine and nobody else."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
