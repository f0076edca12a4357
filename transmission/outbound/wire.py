"""The wire under :mod:`transmission.outbound.http`: the only user of requests here.

Imported at the first call, so that the many commands which call nobody do not pay for it.
"""

import hashlib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Retry
from urllib3 import exceptions as urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from transmission.outbound.addresses import ForbiddenAddressError, Reach, resolve
from transmission.outbound.http import PORTS, Line, NoAnswerError
from transmission.outbound.reasons import reason

_BLOCK = 65_536


class Answer:
    """The head of an answer; its body is read by whoever wants it.

    ``certificate_sha256`` is the digest (hex) of the server's certificate in DER, None in clear.
    """

    def __init__(self, response: requests.Response, line: Line) -> None:
        self._raw, self._line = response.raw, line
        self.status = response.status_code
        # Now: the connection is forgotten at the end of the body.
        self.certificate_sha256 = _digest(getattr(response.raw.connection, "certificate", None))

    def header(self, name: str) -> str | None:
        """Value of a header, as the server wrote it."""
        value: str | None = self._raw.headers.get(name)
        return value

    def blocks(self) -> Iterator[bytes]:
        """The body as it comes, as sent on the wire. Raises NoAnswerError."""
        end = self._line.monotonic() + self._line.timeouts.body
        while block := self._block():
            yield block
            if self._line.monotonic() > end:
                raise NoAnswerError("la réponse est trop lente : sa lecture a été arrêtée")

    def _block(self) -> bytes:
        try:
            block: bytes = self._raw.read1(_BLOCK, decode_content=False)
        except (urllib3.HTTPError, OSError) as error:
            raise NoAnswerError(reason(error)) from error
        return block


def _digest(certificate: bytes | None) -> str | None:
    return None if certificate is None else hashlib.sha256(certificate).hexdigest()


def written(address: str) -> str:
    """An address as the wire wants it: quoted, its host in ASCII. Raises NoAnswerError."""
    request = requests.PreparedRequest()
    try:
        request.prepare_url(address, None)
    except (requests.RequestException, ValueError) as error:
        raise NoAnswerError("l'adresse est mal formée") from error
    return request.url or ""


@contextmanager
def exchange(
    method: str, address: str, headers: Mapping[str, str], body: bytes | None, line: Line
) -> Iterator[Answer]:
    """The answer to one request; its connection is closed at the end. Raises NoAnswerError."""
    request = requests.PreparedRequest()
    request.method, request.url, request.body = method, address, body
    request.headers = CaseInsensitiveDict(
        {"User-Agent": "transmission", "Accept": "*/*", "Accept-Encoding": "identity"}
    )
    request.headers.update(headers)
    if body is not None:
        request.headers["Content-Length"] = str(len(body))
    timeouts = line.timeouts.connect, line.timeouts.read
    with closing(_Adapter(line)) as adapter:
        try:
            response = adapter.send(request, stream=True, timeout=timeouts)
        except ForbiddenAddressError as error:
            raise NoAnswerError(str(error)) from error
        except (requests.RequestException, urllib3.HTTPError, OSError, ValueError) as error:
            raise NoAnswerError(reason(error)) from error
        with closing(response):
            yield Answer(response, line)


class _Deadline:
    """Cuts a connection at the end of the time given to the whole exchange."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None
        self._held: socket.socket | None = None

    def watch(self, connection: socket.socket) -> None:
        """Begin to count; one exchange opens one connection."""
        if self._seconds is None:
            return
        # By a descriptor of our own: TLS takes the socket away while it shakes hands.
        self._held = connection.dup()
        self._timer = threading.Timer(self._seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """Count no more."""
        if self._timer is not None and self._held is not None:
            self._timer.cancel()
            self._timer.join()
            self._held.close()

    def _cut(self) -> None:
        if self._held is not None:
            # Gone already, it is cut all the same.
            with suppress(OSError):
                self._held.shutdown(socket.SHUT_RDWR)


class _Judged(HTTPConnection):
    """A connection to an address that was judged, whatever its name answers afterwards."""

    def __init__(self, *args: Any, reach: Reach, deadline: _Deadline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reach = reach
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        last: OSError | None = None
        for *_, where in resolve(self._dns_host, self.port, self._reach):
            try:
                # By its number: the name is not asked again.
                made = create_connection(
                    where[:2], self.timeout, socket_options=self.socket_options
                )
            except OSError as error:
                last = error
                continue
            self._deadline.watch(made)
            return made
        raise urllib3.NewConnectionError(self, "no address answers") from last


class _JudgedTls(_Judged, HTTPSConnection):
    """The same over TLS. It keeps the server's certificate, for the library leaves a connection
    that ends with its answer as soon as the head is read."""

    certificate: bytes | None = None

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, ssl.SSLSocket):
            self.certificate = self.sock.getpeercert(binary_form=True)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Judged


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _JudgedTls


class _Adapter(HTTPAdapter):
    def __init__(self, line: Line) -> None:
        self._line = line
        self._deadline = _Deadline(line.timeouts.whole)
        self._pool: HTTPConnectionPool | None = None
        super().__init__(max_retries=Retry(0, read=False, redirect=0))

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any
    ) -> Any:
        parts = urlsplit(request.url or "")
        host, port = str(parts.hostname), parts.port or PORTS[str(parts.scheme)]
        ours: dict[str, Any] = {"reach": self._line.reach, "deadline": self._deadline}
        if parts.scheme == "https":
            self._pool = _TlsPool(host, port, ssl_context=self._line.context, **ours)
        else:
            self._pool = _Pool(host, port, **ours)
        return self._pool

    def close(self) -> None:
        self._deadline.close()
        if self._pool is not None:
            self._pool.close()
        super().close()

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        # Neither cookies nor an encoding to guess: the bytes are taken as they come.
        response = requests.Response()
        response.status_code, response.raw, response.request = resp.status, resp, req
        return response

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        # Left to itself, requests adds its bundle of public authorities to our own context.
        pass
