"""How a bare loop talks to the TdT and to the register: as the service must, or fastest.

The fastest sound way: http.client on one kept connection, a body in pieces that are never joined,
and a register that commits each statement by itself.
"""

import ssl
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPSConnection
from types import MappingProxyType
from typing import Protocol
from urllib.parse import urlencode, urlsplit

import requests

from transmission.domain.collectivite import TdtAccount

_SUBMIT = "/modules/actes/actes_transac_submit.php"
_STATUS = "/modules/actes/actes_transac_get_status.php"
_SECONDS = 60
_BOUNDARY = uuid.uuid4().hex
_HEAD = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="api"\r\n\r\n1\r\n'
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="enveloppe"; filename="%s"\r\n'
    "Content-Type: application/gzip\r\n\r\n"
)
_END = f"\r\n--{_BOUNDARY}--\r\n".encode("ascii")


class Wire(Protocol):
    """Both calls of a loop (S²LOW API §4.26, §4.9); the bytes of the answer."""

    def submit(self, name: str, archive: bytes) -> bytes:
        """Post an archive."""

    def status(self, reference: str) -> bytes:
        """Ask what became of it."""


class RequestsWire:
    """A session of requests."""

    def __init__(self, account: TdtAccount) -> None:
        self._base_url = account.base_url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = account.ca_file
        self._session.cert = (account.certificate_file, account.key_file or "")

    def submit(self, name: str, archive: bytes) -> bytes:
        answer = self._session.post(
            self._base_url + _SUBMIT,
            data={"api": "1"},
            files={"enveloppe": (name, archive, "application/gzip")},
            timeout=_SECONDS,
        )
        return answer.content

    def status(self, reference: str) -> bytes:
        query = {"transaction": reference, "api": "1"}
        answer = self._session.get(self._base_url + _STATUS, params=query, timeout=_SECONDS)
        return answer.content


class ClientWire:
    """One kept connection of http.client."""

    def __init__(self, account: TdtAccount) -> None:
        context = ssl.create_default_context(cafile=account.ca_file)
        context.load_cert_chain(account.certificate_file, account.key_file)
        address = urlsplit(account.base_url)
        self._root = address.path
        self._connection = HTTPSConnection(
            address.hostname or "", address.port, timeout=_SECONDS, context=context
        )

    def submit(self, name: str, archive: bytes) -> bytes:
        pieces = ((_HEAD % name).encode("ascii"), archive, _END)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
            "Content-Length": str(sum(map(len, pieces))),
        }
        return self._answer("POST", _SUBMIT, pieces, headers)

    def status(self, reference: str) -> bytes:
        query = urlencode({"transaction": reference, "api": "1"})
        return self._answer("GET", f"{_STATUS}?{query}", None, {})

    def _answer(
        self, method: str, path: str, body: Iterable[bytes] | None, headers: Mapping[str, str]
    ) -> bytes:
        self._connection.request(method, self._root + path, body, headers)
        with self._connection.getresponse() as answer:
            return answer.read()


@dataclass(frozen=True, slots=True)
class Way:
    """What sets two floors apart; with ``commits_itself`` a statement is a transaction.

    ``allocator`` are settings of the C library, in the environment of a loop.
    """

    wire: Callable[[TdtAccount], Wire]
    commits_itself: bool
    allocator: Mapping[str, str]


# Or each document of some size is mapped and unmapped, page by page, at every step.
_KEEPS_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": "268435456",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
    "MALLOC_TOP_PAD_": "16777216",
}
WAYS: Mapping[str, Way] = MappingProxyType(
    {"requests": Way(RequestsWire, False, {}), "fastest": Way(ClientWire, True, _KEEPS_MEMORY)}
)
"""The floors, by name."""
