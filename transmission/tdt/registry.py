"""Connectors by name, one per account, kept for the life of the process."""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from transmission.domain.collectivite import TdtAccount
from transmission.ports import Capabilities, TdtConfigurationError, TdtConnector
from transmission.tdt import ministere, s2low

if TYPE_CHECKING:
    from transmission.tdt.http import HttpsLink

_Stamps = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. ``connect`` bounds TCP, then TLS; ``read`` every wait for the server after that."""

    connect: float = 10.0
    read: float = 180.0


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of TdT: how to build a connector, and its bounds by mode of the account.

    ``answers_by_mail``: it answers nowhere but in the mailbox of the account.
    """

    build: Callable[[TdtAccount, Timeouts], TdtConnector]
    capabilities: Mapping[str, Capabilities]
    answers_by_mail: bool = False


class ConnectorRegistry:
    """The ``TdtRegistry`` of the service. A renewed certificate is read at the next call."""

    def __init__(self, timeouts: Timeouts | None = None) -> None:
        self._timeouts = timeouts or Timeouts()
        self._lock = threading.Lock()
        self._connectors: dict[tuple[int, TdtAccount], tuple[_Stamps, TdtConnector]] = {}

    def connector(self, account: TdtAccount) -> TdtConnector:
        """The connector of an account. Raises TdtConfigurationError."""
        # By process too: two processes writing on one inherited TLS connection would ruin it.
        key = os.getpid(), account
        stamps = _stamps(account)
        with self._lock:
            kept = self._connectors.get(key)
            if kept is None or kept[0] != stamps:
                kept = self._connectors[key] = stamps, self._built(account)
            return kept[1]

    def capabilities(self, account: TdtAccount) -> Capabilities:
        """Bounds of a kind of TdT in the mode of an account.

        Raises TdtConfigurationError, also where the account lacks a mailbox that it needs.
        """
        kind = _kind(account)
        if kind.answers_by_mail and account.mailbox is None:
            raise TdtConfigurationError(
                f"{account.nom} répond par courriel, et le compte n'a pas de boîte aux lettres. "
                "Décrivez dans [tdt.mailbox] celle des adresses de retour."
            )
        if account.mode not in kind.capabilities:
            raise TdtConfigurationError(
                f"Le mode « {account.mode} » de {account.nom} est inconnu. "
                f"Choisissez parmi : {', '.join(kind.capabilities)}."
            )
        return kind.capabilities[account.mode]

    def _built(self, account: TdtAccount) -> TdtConnector:
        self.capabilities(account)
        _check_address(account)
        return _kind(account).build(account, self._timeouts)


def _s2low(account: TdtAccount, timeouts: Timeouts) -> TdtConnector:
    # Here, so that commands which send nothing do not pay for requests.
    from transmission.tdt.s2low.connector import S2lowConnector

    return S2lowConnector(_link(account, account.base_url, timeouts), account.mode)


def _ministere(account: TdtAccount, timeouts: Timeouts) -> TdtConnector:
    from transmission.tdt.identity import mailbox_context, mailbox_password
    from transmission.tdt.imap import ImapMailbox
    from transmission.tdt.ministere.connector import MinistereConnector

    assert account.mailbox is not None  # noqa: S101 - capabilities() was asked first
    mailbox = ImapMailbox(
        account.mailbox,
        mailbox_password(account, account.mailbox),
        mailbox_context(account, account.mailbox),
        connect_timeout=timeouts.connect,
        read_timeout=timeouts.read,
    )
    # The deposit is at this very address, a final slash or none included.
    address = urlsplit(account.base_url)
    link = _link(account, f"https://{address.netloc}", timeouts)
    return MinistereConnector(link, address.path or "/", mailbox)


def _link(account: TdtAccount, address: str, timeouts: Timeouts) -> "HttpsLink":
    from transmission.tdt.http import HttpsLink
    from transmission.tdt.identity import authorization, client_context

    return HttpsLink(
        address,
        client_context(account),
        authorization=authorization(account),
        connect_timeout=timeouts.connect,
        read_timeout=timeouts.read,
    )


_KINDS: dict[str, _Kind] = {
    "s2low": _Kind(_s2low, s2low.CAPABILITIES),
    "ministere": _Kind(_ministere, ministere.CAPABILITIES, answers_by_mail=True),
}


def _kind(account: TdtAccount) -> _Kind:
    if account.connector not in _KINDS:
        raise TdtConfigurationError(
            f"Le connecteur « {account.connector} » de {account.nom} est inconnu. "
            f"Choisissez parmi : {', '.join(sorted(_KINDS))}."
        )
    return _KINDS[account.connector]


def _stamps(account: TdtAccount) -> _Stamps:
    """What changes when a file of the account is replaced (ns, bytes)."""
    files = [
        account.certificate_file,
        account.key_file,
        account.passphrase_file,
        account.ca_file,
        account.password_file,
    ]
    if account.mailbox is not None:
        files += [account.mailbox.password_file, account.mailbox.ca_file]
    return tuple(_stamp(Path(file)) if file is not None else None for file in files)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        # Told in full by whoever tries to read it.
        return None
    return found.st_mtime_ns, found.st_size


def _check_address(account: TdtAccount) -> None:
    parts = urlsplit(account.base_url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise TdtConfigurationError(
            f"L'adresse « {account.base_url} » de {account.nom} doit être celle d'un serveur "
            "HTTPS, sans paramètre (exemple : https://tdt.example)."
        )
    if parts.username or parts.password:
        raise TdtConfigurationError(
            f"L'adresse de {account.nom} contient un identifiant ou un mot de passe. Retirez-le : "
            "il a sa place dans l'identifiant du compte et le fichier du mot de passe."
        )
