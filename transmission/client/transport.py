"""Calls to one service: how long one waits, and when a call may be made again.

A call whose answer was lost is repeated only if doing it twice is doing it once: it reads, or it
carries a key of idempotence. One that never left, and one that the service put off (429, 503), is
repeated in any case.
"""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
from urllib3 import exceptions as urllib3

from transmission.client.bodies import Body, Progress
from transmission.client.errors import (
    ClientError,
    NoAnswerError,
    OverloadedError,
    UnreadableAnswerError,
)
from transmission.client.trust import trusting, usable_address, usable_token
from transmission.client.wire import Adapter, Bearer, Opening, Sending, no_answer, read

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, to wait for each part of an answer, before a second try (twice as long
    before each next one), and at most before any; a service that asks for longer is not waited for.
    """

    connect: float = 10.0
    read: float = 120.0
    first: float = 0.5
    most: float = 90.0
    tries: int = 5


USUAL = Patience()


@dataclass(frozen=True, slots=True)
class Call:
    """A request; ``path`` is below ``/api/v1``. ``repeatable``: doing it twice is doing it once."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None
    repeatable: bool = True
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer that is no refusal; ``headers`` whatever the case of their names."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The document that it is. Raises UnreadableAnswerError."""
        try:
            return json.loads(self.content)
        except ValueError:
            raise UnreadableAnswerError(
                "Ce qui répond à cette adresse n'est pas le service : sa réponse n'est pas du "
                "JSON. Vérifiez l'adresse."
            ) from None


class Transport:
    """Speaks to one service in the name of one token, which nothing of this object shows."""

    def __init__(
        self,
        address: str,
        token: str,
        ca_file: Path | None,
        patience: Patience,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = usable_address(address)
        self._patience = patience
        self._pause = pause
        self._session = requests.Session()
        # A proxy, a .netrc or a bundle of the environment would each decide whom the token is
        # shown to.
        self._session.trust_env = False
        self._session.auth = Bearer(usable_token(token))
        self._session.headers.update({"Accept-Encoding": "identity", "User-Agent": "transmission"})
        self._session.mount("https://", Adapter(trusting(ca_file)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.address!r})"

    def close(self) -> None:
        """End the connections."""
        self._session.close()

    def call(self, call: Call) -> Answer:
        """Make a call, and again where it is safe. Raises ClientError, OSError of what is sent."""
        tried = 0
        while True:
            tried += 1
            try:
                return self.attempt(call)
            except (OverloadedError, NoAnswerError) as error:
                if not self.may_try_again(call, tried, error):
                    raise

    def attempt(self, call: Call, opening: Opening | None = None) -> Answer:
        """Make a call once; the content of its answer goes where ``opening`` says.

        Raises as :meth:`call`.
        """
        if not call.repeatable:
            # A kept connection may have been ended by the service, which would leave a doubt.
            self._session.close()
        prepared, sending = self._prepared(call)
        try:
            response = self._session.send(
                prepared,
                stream=True,
                allow_redirects=False,
                timeout=(self._patience.connect, self._patience.read),
            )
        except (requests.RequestException, urllib3.HTTPError, OSError) as error:
            if sending is not None and sending.failed is not None:
                raise sending.failed from None
            raise no_answer(error) from error
        with closing(response):
            content = read(response, opening, None if call.body else call.progress)
            return Answer(response.status_code, response.headers, content)

    def may_try_again(self, call: Call, tried: int, error: ClientError) -> bool:
        """Wait before another try, ``tried`` of them being made; False when there is to be none."""
        if isinstance(error, NoAnswerError) and error.may_be_done and not call.repeatable:
            return False
        wait = self._patience.first * 2 ** (tried - 1)
        if isinstance(error, OverloadedError):
            wait = max(wait, error.retry_after)
        if tried >= self._patience.tries or wait > self._patience.most:
            return False
        self._pause(wait)
        return True

    def _prepared(self, call: Call) -> tuple[requests.PreparedRequest, Sending | None]:
        query = f"?{urlencode(call.query)}" if call.query else ""
        address = f"{self.address}{PREFIX}{call.path}{query}"
        prepared = self._session.prepare_request(
            requests.Request(call.method, address, headers=dict(call.headers))
        )
        if call.body is None:
            return prepared, None
        sending = Sending(call.body, call.progress)
        prepared.headers["Content-Type"] = call.body.content_type
        prepared.headers["Content-Length"] = str(sending.length)
        # Typed as Any: any iterable of bytes is sent as it comes, its types do not say so.
        content: Any = sending
        prepared.body = content
        return prepared, sending
