"""The only user of requests: one kept connection per account, one request per call, no retry."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPSConnectionPool, Retry, Timeout
from urllib3 import exceptions as urllib3

from transmission.domain.errors import TransmissionError
from transmission.killpoints import reach
from transmission.tdt.multipart import Multipart, Sending, TruncatedFileError

TEXT_MAX = 1_048_576
"""Bytes kept of an answer that should be a few lines."""
FILE_MAX = 33_554_432
"""Bytes kept of an answer that is a file or a long list."""
_BLOCK = 65_536
_OK = 200


class NoAnswerError(TransmissionError):
    """No complete answer came. The request may have been carried out.

    ``received`` holds what was read of the answer, headers first.
    """

    def __init__(self, reason: str, received: bytes = b"") -> None:
        super().__init__(reason)
        self.received = received


class NotSentError(NoAnswerError):
    """No answer came, and it is certain that not one byte of the body left."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer: ``head`` is the status line and the headers, ``body`` the exact bytes."""

    status: int
    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        """Headers and body, cut at 1 MiB."""
        return (self.head + self.body)[:TEXT_MAX]

    def header(self, name: str) -> str | None:
        """First value of a header, whatever the case of its name, without its outer spaces."""
        for line in self.head.decode("iso-8859-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


class Target(Protocol):
    """Where the body of an answer goes as it comes."""

    def write(self, content: bytes, /) -> object: ...


class HttpsLink:
    """An account's connection to its TdT. Times are in seconds.

    ``connect_timeout`` bounds TCP and then TLS; ``read_timeout`` bounds every wait while sending
    and answering. A connection unused for ``idle_limit`` is replaced: servers close idle ones
    (Apache after 5 s by default), and a request that meets such an end is lost without our
    knowing whether it was read.
    """

    def __init__(
        self,
        base_url: str,
        context: ssl.SSLContext,
        *,
        authorization: str | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 180.0,
        idle_limit: float = 4.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._context = context
        self._timeouts = connect_timeout, read_timeout
        self._idle_limit = idle_limit
        self._monotonic = monotonic
        self._answered_at: float | None = None
        self._date: str | None = None
        self._lock = threading.Lock()
        self._adapter = _Adapter(context, read_timeout)
        # Made at each call, so that no state of the link shows the password.
        self._headers: Callable[[], CaseInsensitiveDict[str]] = lambda: _headers(authorization)

    @property
    def is_warm(self) -> bool:
        """Whether the server answered so lately that it will not have closed the connection."""
        if self._answered_at is None:
            return False
        return self._monotonic() - self._answered_at < self._idle_limit

    @property
    def told_at(self) -> datetime | None:
        """The server's clock when it last answered, by its ``Date``; None when it told none."""
        return _instant(self._date)

    def url(self, path: str) -> str:
        """Full address of a path."""
        return self._base_url + path

    def handshake(self) -> None:
        """Connect, prove who is who both ways, and leave. Raises NotSentError.

        A server that speaks TLS 1.3 refuses our certificate only after that: it is not seen here.
        """
        address = urlsplit(self._base_url)
        host = address.hostname or ""
        try:
            with (
                socket.create_connection((host, address.port or 443), self._timeouts[0]) as bare,
                self._context.wrap_socket(bare, server_hostname=host),
            ):
                pass
        except (OSError, UnicodeError) as error:
            raise NotSentError(_words(error)) from error

    def get(self, path: str, query: Mapping[str, str], limit: int = TEXT_MAX) -> Answer:
        """Read at most ``limit`` bytes from a path. Raises NoAnswerError."""
        return self._call(self._request("GET", f"{path}?{urlencode(query)}"), None, limit)

    def download(self, path: str, query: Mapping[str, str], target: Target, limit: int) -> Answer:
        """Write the body of a 200 into ``target``, block by block: the answer then has none.

        Any other answer is read as by ``get``. Past ``limit`` bytes it is no answer. Raises
        NoAnswerError, after which ``target`` may hold a beginning, and what ``target`` raises.
        """
        request = self._request("GET", f"{path}?{urlencode(query)}")
        return self._call(request, None, limit, target)

    def post(self, path: str, form: Multipart, is_late: Callable[[], bool] | None = None) -> Answer:
        """Post a form, once, unless ``is_late`` says at the last moment that it must not leave.

        Raises NotSentError, NoAnswerError, and what its files raise.
        """
        with form.opened() as body:
            request = self._request("POST", path)
            request.headers["Content-Type"] = form.content_type
            request.headers["Content-Length"] = str(len(body))
            # Typed as Any: any iterable of bytes is sent as it comes, its types do not say so.
            content: Any = body
            request.body = content
            return self._call(request, body, TEXT_MAX, is_late=is_late)

    def _request(self, method: str, path: str) -> requests.PreparedRequest:
        # Ready-made: a session would merge settings, cookies and proxies that an account never has,
        # for as much as the call itself costs.
        request = requests.PreparedRequest()
        request.method, request.url = method, self.url(path)
        request.headers = self._headers()
        return request

    def _call(
        self,
        request: requests.PreparedRequest,
        body: Sending | None,
        limit: int,
        target: Target | None = None,
        is_late: Callable[[], bool] | None = None,
    ) -> Answer:
        with self._lock:
            if not self.is_warm:
                self._adapter.close()
            self._answered_at = None
            reach("link.before_request")
            if is_late is not None and is_late():
                raise NotSentError("trop de temps a passé depuis la décision d'envoyer")
            try:
                response = self._adapter.send(request, stream=True, timeout=self._timeouts)
            except (requests.RequestException, urllib3.HTTPError) as error:
                sent = body is None or body.started
                raise (NoAnswerError if sent else NotSentError)(_words(error)) from error
            if target is not None and response.status_code != _OK:
                target, limit = None, TEXT_MAX
            answer = _read(response, limit, target)
            self._answered_at = self._monotonic()
            self._date = answer.header("Date")
            reach("link.answered")
            return answer


class _Pool(HTTPSConnectionPool):
    def _validate_conn(self, conn: Any) -> None:
        super()._validate_conn(conn)
        # The connection is made: its short time-out would cut the sending on a slow line.
        conn.timeout = self.timeout.read_timeout


class _Adapter(HTTPAdapter):
    def __init__(self, context: ssl.SSLContext, read_timeout: float) -> None:
        self._context = context
        self._timeout = Timeout(read=read_timeout)
        never = Retry(0, read=False, redirect=0)
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=never)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"ssl_context": self._context, "timeout": self._timeout}
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> Any:
        if not (request.url or "").startswith("https://"):
            raise requests.exceptions.InvalidSchema("nothing but https is spoken")
        return super().get_connection_with_tls_context(request, *args, **kwargs)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        # Neither cookies, of which the first would outrank the password sent later (S²LOW API
        # §2.7), nor an encoding to guess: the bytes are taken as they come.
        response = requests.Response()
        response.status_code, response.raw, response.request = resp.status, resp, req
        return response

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        # Left to itself, requests adds its bundle of public authorities to our own context.
        pass


def _headers(authorization: str | None) -> CaseInsensitiveDict[str]:
    headers = CaseInsensitiveDict(
        {"User-Agent": "transmission", "Accept": "*/*", "Accept-Encoding": "identity"}
    )
    if authorization is not None:
        headers["Authorization"] = authorization
    return headers


def _read(response: requests.Response, limit: int, target: Target | None) -> Answer:
    head, body, size = _head(response), bytearray(), 0
    with closing(response):
        while block := _block(response, head, body):
            (body.extend if target is None else target.write)(block)
            size += len(block)
            if size > limit:
                raise NoAnswerError("la réponse dépasse la taille attendue", _kept(head, body))
    return Answer(response.status_code, head, bytes(body))


def _block(response: requests.Response, head: bytes, body: bytearray) -> bytes:
    try:
        # As it comes, not by full blocks: what precedes a cut is evidence too.
        block: bytes = response.raw.read1(_BLOCK, decode_content=False)
    except (urllib3.HTTPError, OSError) as error:
        raise NoAnswerError(_words(error), _kept(head, body)) from error
    return block


def _instant(date: str | None) -> datetime | None:
    try:
        told = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    # Without a zone, it is not the date that HTTP prescribes.
    return told if told.tzinfo is not None else None


def _kept(head: bytes, body: bytearray) -> bytes:
    return (head + bytes(body[:TEXT_MAX]))[:TEXT_MAX]


def _head(response: requests.Response) -> bytes:
    raw = response.raw
    lines = [f"{raw.version_string} {raw.status} {raw.reason or ''}".rstrip()]
    lines += [f"{name}: {value}" for name, value in raw.headers.iteritems()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("iso-8859-1", "replace")


_CUT = "la connexion a été coupée"
_TLS_FAILED = "la liaison chiffrée a échoué (TLS)"
_UNEXPECTED_EOF = "UNEXPECTED_EOF_WHILE_READING"

# First line that fits any link of the chain of causes, most telling first.
_WORDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((TruncatedFileError,), "un fichier à envoyer est plus court que prévu"),
    ((urllib3.NameResolutionError, socket.gaierror), "le nom du serveur est introuvable (DNS)"),
    ((ssl.SSLCertVerificationError,), "le certificat du serveur est refusé"),
    ((ConnectionRefusedError,), "le serveur refuse la connexion"),
    ((urllib3.NewConnectionError,), "le serveur est injoignable"),
    ((urllib3.ConnectTimeoutError,), "le serveur ne répond pas à l'appel (délai dépassé)"),
    ((urllib3.ReadTimeoutError, TimeoutError), "le serveur n'a pas répondu à temps"),
    (
        (ssl.SSLEOFError, ConnectionError, IncompleteRead, urllib3.IncompleteRead),
        _CUT,
    ),
    ((ssl.SSLError,), _TLS_FAILED),
    ((BaseException,), "l'échange a échoué"),
)


def _words(error: BaseException) -> str:
    chain = list(_causes(error))
    for kinds, words in _WORDS:
        for cause in chain:
            if isinstance(cause, kinds):
                if getattr(cause, "reason", None) == _UNEXPECTED_EOF:
                    # Older Pythons raise a plain SSLError for it.
                    return _CUT
                detail = getattr(cause, "verify_message", "") or getattr(cause, "reason", "")
                return f"{words} : {detail}" if isinstance(detail, str) and detail else words
    raise AssertionError  # pragma: no cover


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    left = [error]
    while left:
        cause = left.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        nested = (cause.__cause__, cause.__context__, *cause.args)
        left += [each for each in nested if isinstance(each, BaseException)]
