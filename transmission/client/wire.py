"""One exchange with the service, as requests makes it: token, trust, bytes both ways."""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import exceptions as urllib3

from transmission.client.bodies import Body, Progress
from transmission.client.decoding import decoded
from transmission.client.errors import (
    AddressError,
    ClientError,
    NoAnswerError,
    OverloadedError,
    Probleme,
    RefusedByServiceError,
    UnreadableAnswerError,
    kind_of,
)

ANSWER_MAX = 64 << 20
"""Bytes of an answer that is no file: more than any page of the service has."""
_BLOCK = 1 << 16
_PROBLEM = "application/problem+json"
_RELAYS = (502, 504)
_NOT_MODIFIED = 304
_WITHOUT_CONTENT = (204, _NOT_MODIFIED)


class Bearer(AuthBase):
    """Adds the token to a request; kept in a function, for nothing may print it."""

    def __init__(self, token: str) -> None:
        self._headers: Callable[[], dict[str, str]] = lambda: {"Authorization": f"Bearer {token}"}

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with its token."""
        request.headers.update(self._headers())
        return request


class Adapter(HTTPAdapter):
    """HTTPS with a context of our own, which requests would otherwise add authorities to."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Connections that trust our context alone."""
        kwargs |= {"ssl_context": self._context}
        super().init_poolmanager(*args, **kwargs)

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the context says whom to believe."""


class Sending:
    """A body that leaves, and tells how far it is; ``failed`` is what reading it met."""

    def __init__(self, body: Body, progress: Progress | None) -> None:
        self.length = body.length
        self.failed: OSError | None = None
        self._body = body
        self._progress = progress

    def __iter__(self) -> Iterator[bytes]:
        sent = 0
        try:
            for block in self._body.blocks():
                sent += len(block)
                if sent > self.length:
                    break
                yield block
                if self._progress is not None:
                    self._progress(sent, self.length)
        except OSError as error:
            self.failed = error
            raise
        if sent != self.length:
            self.failed = OSError("Un fichier a changé pendant son envoi")
            raise self.failed


class Target(Protocol):
    """Where the content of an answer goes as it comes."""

    def write(self, block: bytes, /) -> object: ...


Opening = Callable[[int, Mapping[str, str]], Target]
"""Where to write, from the status and the headers of the answer."""


def read(response: requests.Response, opening: Opening | None, progress: Progress | None) -> bytes:
    """The content of an answer, or nothing once it is written where ``opening`` says.

    Raises RefusedByServiceError for a refusal, NoAnswerError when it is cut.
    """
    if response.status_code in _RELAYS:
        raise NoAnswerError(
            f"Un relais répond à la place du service (HTTP {response.status_code}).",
            may_be_done=True,
        )
    if not _says_its_end(response):
        raise NoAnswerError(
            "Le service n'a pas répondu : la connexion a été coupée.", may_be_done=True
        )
    if response.status_code >= 300 and response.status_code != _NOT_MODIFIED:
        raise _refusal(response, _content(response, None))
    if opening is None:
        return _content(response, progress)
    target = opening(response.status_code, response.headers)
    for block in _blocks(response, progress):
        target.write(block)
    return b""


def _says_its_end(response: requests.Response) -> bool:
    """Whether the head came whole: the library takes one that is cut for a shorter one."""
    if response.status_code in _WITHOUT_CONTENT or response.request.method == "HEAD":
        return True
    told = response.headers.get("Content-Length", "")
    return told.isdecimal() or response.headers.get("Transfer-Encoding", "") == "chunked"


def _content(response: requests.Response, progress: Progress | None) -> bytes:
    content = bytearray()
    for block in _blocks(response, progress):
        content += block
        if len(content) > ANSWER_MAX:
            raise UnreadableAnswerError("La réponse du service est trop longue.")
    return bytes(content)


def _blocks(response: requests.Response, progress: Progress | None) -> Iterator[bytes]:
    total, received = int(response.headers.get("Content-Length", "0")), 0
    blocks = response.iter_content(_BLOCK)
    while True:
        try:
            block = next(blocks, b"")
        except (requests.RequestException, urllib3.HTTPError, OSError) as error:
            raise no_answer(error) from error
        if not block:
            return
        received += len(block)
        yield block
        if progress is not None:
            progress(received, total)


def _refusal(response: requests.Response, content: bytes) -> RefusedByServiceError:
    status = response.status_code
    said = _problem(response.headers, content)
    code = said.type.rpartition(":")[2]
    made = kind_of(status, code)(
        status,
        code,
        said.title or f"Le service a répondu HTTP {status}, sans dire pourquoi.",
        said.detail,
        problemes=said.problemes,
        differences=said.differences,
        acte=said.acte,
    )
    after = response.headers.get("Retry-After", "")
    if isinstance(made, OverloadedError) and after.isascii() and after.isdecimal():
        made.retry_after = float(after)
    return made


@dataclass(frozen=True, slots=True)
class _Said:
    type: str = ""
    title: str = ""
    detail: str = ""
    problemes: tuple[Probleme, ...] = ()
    differences: tuple[str, ...] = ()
    acte: str | None = None


def _problem(headers: Mapping[str, str], content: bytes) -> _Said:
    """What a refusal says of itself; nothing when another than the service refuses."""
    if not headers.get("Content-Type", "").startswith(_PROBLEM):
        return _Said()
    try:
        return decoded(_Said, json.loads(content))
    except (ValueError, RecursionError, UnreadableAnswerError):
        return _Said()


_NOT_SENT = (urllib3.NewConnectionError, urllib3.ConnectTimeoutError)
_WORDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((urllib3.NameResolutionError,), "son nom est introuvable (DNS)"),
    ((ConnectionRefusedError,), "la connexion est refusée"),
    ((urllib3.ConnectTimeoutError,), "il est injoignable (délai dépassé)"),
    ((urllib3.NewConnectionError,), "il est injoignable"),
    ((urllib3.ReadTimeoutError, TimeoutError), "il n'a pas répondu à temps"),
    ((BaseException,), "la connexion a été coupée"),
)


def no_answer(error: BaseException) -> ClientError:
    """What it means that no whole answer came; AddressError where trying again is of no use."""
    chain = list(_causes(error))
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in chain):
        return AddressError(
            "Le certificat du service n'est pas reconnu : rien ne lui a été envoyé. Donnez le "
            "fichier de l'autorité qui l'a signé."
        )
    why = next(words for kinds, words in _WORDS if any(isinstance(each, kinds) for each in chain))
    sent = not any(isinstance(each, _NOT_SENT) for each in chain)
    return NoAnswerError(f"Le service n'a pas répondu : {why}.", may_be_done=sent)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    left = [error]
    while left:
        cause = left.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        reason = getattr(cause, "reason", None)
        nested = (cause.__cause__, cause.__context__, reason, *cause.args)
        left += [each for each in nested if isinstance(each, BaseException)]
