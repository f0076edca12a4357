"""One HTTP request, one answer, one connection: no redirect, no retry, no proxy, no cookie."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from transmission.domain.errors import TransmissionError
from transmission.outbound.addresses import Reach

if TYPE_CHECKING:
    from transmission.outbound.wire import Answer

PORTS = {"http": 80, "https": 443}
"""Schemes spoken, and their ports."""


class NoAnswerError(TransmissionError):
    """No complete answer came; the text is a French reason, without a final stop."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, for each wait of an answer, and for the whole of its body.

    ``whole`` bounds everything from the first byte sent on, whatever trickles in; None: nothing
    does.
    """

    connect: float = 10.0
    read: float = 30.0
    body: float = 600.0
    whole: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """How to reach the other side: whom to trust, which addresses are allowed, how long to wait."""

    context: ssl.SSLContext
    reach: Reach
    timeouts: Timeouts = Timeouts()
    monotonic: Callable[[], float] = time.monotonic


def checked(address: str) -> str:
    """An address as it is written on the wire, without its fragment.

    Raises NoAnswerError for anything but http and https, and for one that holds a password.
    """
    from transmission.outbound.wire import written

    try:
        parts = urlsplit(written(address))
        usable = parts.scheme in PORTS and parts.hostname and parts.port != 0
    except ValueError as error:
        raise NoAnswerError("l'adresse est mal formée") from error
    if not usable:
        raise NoAnswerError("l'adresse ne commence pas par https:// ou http://")
    if parts.username or parts.password:
        raise NoAnswerError("l'adresse contient un identifiant ou un mot de passe")
    return urldefrag(parts.geturl()).url


@contextmanager
def asked(
    method: str, address: str, headers: Mapping[str, str], body: bytes | None, line: Line
) -> Iterator["Answer"]:
    """The answer to one request; its connection is closed at the end.

    ``address`` comes from :func:`checked`. Raises NoAnswerError.
    """
    from transmission.outbound.wire import exchange

    with exchange(method, address, headers, body, line) as answer:
        yield answer
