"""The sides that connectors are tried against: real programs, and what only they can tell."""

import hashlib
import http.client
import json
import ssl
import subprocess
import sys
import tarfile
import urllib.parse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from transmission.domain.collectivite import TdtAccount
from transmission.ports import Parcel

SIREN = "123456782"
START = ("--calm", "--now", "2026-03-16T10:00:00+0000", "--frozen")
_PROGRAM = Path(sys.executable).with_name("mock-tdt")


@dataclass
class Mock:
    """A running mock: what it printed when ready, its management port, a plain client for it."""

    ready: dict[str, Any]

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

    ``options`` start the program; sides with the same ones share it. What the connector can do is
    asked of its capabilities, never of its side.
    """

    @property
    def name(self) -> str: ...

    @property
    def options(self) -> tuple[str, ...]: ...

    def account(self, mock: Mock, **changes: Any) -> TdtAccount:
        """The account of the authority."""
        ...

    def script(self, code: str) -> str:
        """The script that takes a message, by its code: where a fault is set, and counted."""
        ...

    @property
    def letter_script(self) -> str:
        """The one that gives the bytes of a letter."""
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


S2LOW_SIDES = (
    S2low("s2low v5 enveloppe", "enveloppe"),
    S2low("s2low v5 champs", "champs"),
    S2low("s2low v6 champs", "champs", "6"),
)
SIDES: tuple[Side, ...] = S2LOW_SIDES
"""Every connector, each in every way it may be used."""
