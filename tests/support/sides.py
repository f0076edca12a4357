"""The sides that connectors are tried against: real programs, and what only they can tell."""

import email
import email.policy
import hashlib
import http.client
import imaplib
import json
import ssl
import subprocess
import sys
import tarfile
import urllib.parse
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from tests.support.dovecot import MailServer, mail_server
from transmission.domain.collectivite import Mailbox, TdtAccount
from transmission.embedded.processes import wait_until
from transmission.ports import Parcel

SIREN = "123456782"
START = ("--calm", "--now", "2026-03-16T10:00:00+0000", "--frozen")
_PATIENCE_SECONDS = 30
_PROGRAM = Path(sys.executable).with_name("mock-tdt")


@dataclass
class Mock:
    """A running mock: what it printed when ready, its management port, a plain client for it.

    ``mail`` is where the State's mails go, if anywhere.
    """

    ready: dict[str, Any]
    mail: MailServer | None = None

    @property
    def account(self) -> dict[str, str]:
        (account,) = self.ready["authorities"]
        return dict(account)

    def set(self, path: str, **arguments: Any) -> dict[str, Any]:
        return self._managed("POST", path, json.dumps(arguments))

    def received(self) -> dict[str, Any]:
        return self._managed("GET", "/received")

    def calls(self, *scripts: str) -> int:
        """Requests to these scripts, complete or not."""
        calls = self.received()["totals"]["calls"]
        return sum(calls.get(script, 0) for script in set(scripts))

    def plain(self, target: str) -> bytes:
        """What the platform answers to a client that shares no code with ours."""
        return self.asked(target)[1]

    def asked(self, target: str) -> tuple[str, bytes]:
        """The same, with the address of a redirection."""
        context = ssl.create_default_context(cafile=self.ready["ca_file"])
        context.load_cert_chain(self.account["certificate_file"], self.account["key_file"])
        address = urllib.parse.urlsplit(self.ready["url"])
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, context=context
        )
        with closing(connection):
            connection.request("GET", target)
            answer = connection.getresponse()
            return answer.getheader("Location", "").strip(), answer.read()

    def _managed(self, method: str, path: str, body: str | None = None) -> dict[str, Any]:
        address = urllib.parse.urlsplit(self.ready["management_url"])
        connection = http.client.HTTPConnection(address.hostname or "", address.port)
        with closing(connection):
            connection.request(method, path, body)
            answer = connection.getresponse()
            content = answer.read()
        assert answer.status == 200, content
        return dict(json.loads(content))


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Mock]:
    """A mock with one authority, for the time of a ``with``."""
    authority = f"{SIREN}:042:2:31:Commune de Saint-Exemple"
    command = [_PROGRAM, "--directory", folder, "--authority", authority, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Mock(json.loads(process.stdout.readline()))
        finally:
            process.terminate()


class Side(Protocol):
    """One kind of TdT in one mode, and the program that plays it.

    Sides with the same ``options`` share their program. What the connector can do is asked of its
    capabilities, never of its side.
    """

    @property
    def name(self) -> str: ...

    @property
    def options(self) -> tuple[str, ...]: ...

    def start(self, folder: Path) -> AbstractContextManager[Mock]:
        """The program, for the time of a ``with``."""
        ...

    def settle(self, mock: Mock) -> None:
        """Wait until all that the State has sent is where the connector looks."""
        ...

    def forget(self, mock: Mock) -> None:
        """Empty the inbox, where it is of an account rather than of an act."""
        ...

    def account(self, mock: Mock, **changes: Any) -> TdtAccount:
        """The account of the authority."""
        ...

    def script(self, code: str) -> str:
        """The script that takes a message, by its code: where a fault is set, and counted."""
        ...

    @property
    def letter_script(self) -> str | None:
        """The one that gives the bytes of a letter; None when no script of the program does."""
        ...

    def taken(self, mock: Mock, parcel: Parcel) -> int:
        """How many times the program took the documents of a parcel, and kept them."""
        ...

    def unpacked(self, container: bytes) -> dict[str, bytes]:
        """The files of what came by the inbox, by name; read by code that is not ours."""
        ...


@dataclass(frozen=True)
class S2low:
    """An S²LOW platform of a version, in a mode."""

    name: str
    mode: str
    version: str = "5"
    letter_script = "actes_download_file.php"

    @property
    def options(self) -> tuple[str, ...]:
        return (*START, "--version", self.version)

    def start(self, folder: Path) -> AbstractContextManager[Mock]:
        return running(folder, *self.options)

    def settle(self, mock: Mock) -> None:
        """Its letters are there at once."""

    def forget(self, mock: Mock) -> None:
        """Its letters bother no other act."""

    def account(self, mock: Mock, **changes: Any) -> TdtAccount:
        fields: dict[str, Any] = {
            "connector": "s2low",
            "nom": "TdT simulé",
            "base_url": mock.ready["url"],
            "certificate_file": mock.account["certificate_file"],
            "key_file": mock.account["key_file"],
            "passphrase_file": None,
            "ca_file": mock.ready["ca_file"],
            "mode": self.mode,
        }
        return TdtAccount(**fields | changes)

    def script(self, code: str) -> str:
        if code == "1-1":
            return f"actes_transac_{'submit' if self.mode == 'enveloppe' else 'create'}.php"
        return f"actes_transac_{'cancel' if code == '6-1' else 'reponse_create'}.php"

    def taken(self, mock: Mock, parcel: Parcel) -> int:
        sent = [hashlib.sha256(each.open().read()).hexdigest() for each in parcel.documents]
        return sum(
            reception["accepted"] and [each["sha256"] for each in reception["documents"]] == sent
            for reception in mock.received()["receptions"]
        )

    def unpacked(self, container: bytes) -> dict[str, bytes]:
        with tarfile.open(fileobj=BytesIO(container), mode="r:gz") as archive:
            members = [(each.name, archive.extractfile(each)) for each in archive]
            return {name: content.read() for name, content in members if content}


@dataclass(frozen=True)
class Ministere:
    """The direct route, and a real mail server between the ministry and the authority."""

    name: str
    letter_script = None

    @property
    def options(self) -> tuple[str, ...]:
        return (*START, "--mailbox-host")

    @contextmanager
    def start(self, folder: Path) -> Iterator[Mock]:
        with mail_server(folder / "mail") as mail:
            options = ["--mailbox-host", mail.host, "--mailbox-port", str(mail.port)]
            options += ["--mailbox-user", mail.user, "--mailbox-ca-file", str(mail.ca_file)]
            options += ["--mailbox-password-file", str(mail.password_file)]
            with running(folder, *START, *options) as mock:
                mock.mail = mail
                yield mock

    def settle(self, mock: Mock) -> None:
        def is_delivered() -> bool:
            return all(mail["delivered"] for mail in mock.received()["mails"])

        assert wait_until(is_delivered, _PATIENCE_SECONDS)

    def forget(self, mock: Mock) -> None:
        self.settle(mock)
        mail = self._mail(mock)
        trusting = ssl.create_default_context(cafile=str(mail.ca_file))
        with imaplib.IMAP4_SSL(mail.host, mail.port, ssl_context=trusting) as session:
            session.login(mail.user, mail.password)
            session.select(mail.folder)
            session.uid("STORE", "1:*", "+FLAGS", "\\Deleted")
            session.expunge()

    def account(self, mock: Mock, **changes: Any) -> TdtAccount:
        mail = self._mail(mock)
        files = str(mail.password_file), str(mail.ca_file)
        fields: dict[str, Any] = {
            "connector": "ministere",
            "nom": "Commune de Saint-Exemple",
            "base_url": mock.ready["url"] + "/ministere/depot",
            "certificate_file": mock.account["certificate_file"],
            "key_file": mock.account["key_file"],
            "passphrase_file": None,
            "ca_file": mock.ready["ca_file"],
            "mailbox": Mailbox(mail.host, mail.user, *files, mail.port, mail.folder),
        }
        return TdtAccount(**fields | changes)

    def script(self, code: str) -> str:
        return "depot"

    def taken(self, mock: Mock, parcel: Parcel) -> int:
        return sum(
            reception["accepted"] and reception["sha256"] == parcel.archive_sha256
            for reception in mock.received()["receptions"]
        )

    def unpacked(self, container: bytes) -> dict[str, bytes]:
        parts = email.message_from_bytes(container, policy=email.policy.default).walk()
        files = ((part.get_filename(), part.get_payload(decode=True)) for part in parts)
        return {name: content for name, content in files if name and isinstance(content, bytes)}

    @staticmethod
    def _mail(mock: Mock) -> MailServer:
        assert mock.mail is not None
        return mock.mail


S2LOW_SIDES = (
    S2low("s2low v5 enveloppe", "enveloppe"),
    S2low("s2low v5 champs", "champs"),
    S2low("s2low v6 champs", "champs", "6"),
)
MINISTERE = Ministere("ministere")
SIDES: tuple[Side, ...] = (*S2LOW_SIDES, MINISTERE)
"""Every connector, each in every way it may be used."""
