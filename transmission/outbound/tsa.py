"""Authorities of time, asked over HTTP (RFC 3161 §3.4), one after the other until one answers."""

import base64
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from transmission.outbound.addresses import Reach
from transmission.outbound.http import Line, NoAnswerError, Timeouts, asked, checked
from transmission.outbound.trust import UnusableFileError, read_text, trusting
from transmission.ports.proof import UnsoundError
from transmission.ports.time_stamps import NotStamped, Stamped, TimeStampFormat

if TYPE_CHECKING:
    from transmission.outbound.wire import Answer

ANSWER_MAX: Final = 65_536
"""Bytes of an answer: a token and its certificates take some thousands."""

USUAL = Timeouts(connect=5.0, read=10.0, body=10.0, whole=15.0)
"""Seconds: a time stamp is a signature, and nothing else."""

REST: Final = 30.0
"""Seconds during which an authority that gave nothing is not asked again by this process."""

_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_NONCE_BYTES: Final = 8
_TRUSTED_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TsaAccess:
    """Where authorities of time are asked, in this order, and as whom.

    The password is read from its file at each request; whoever gives one gives addresses by TLS
    alone, or of this very machine. ``ca_file`` holds the only authorities trusted for TLS, those of
    the machine when absent.
    """

    addresses: Sequence[str]
    user: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    timeouts: Timeouts = USUAL


class HttpTimeStamper:
    """The port ``TimeStamper``. ``random`` gives so many unpredictable bytes."""

    def __init__(
        self,
        access: TsaAccess,
        form: TimeStampFormat,
        random: Callable[[int], bytes],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._form = form
        self._random = random
        self._monotonic = monotonic
        self._kept: tuple[float, ssl.SSLContext | None] = (0.0, None)
        self._resting: dict[str, tuple[float, str]] = {}

    def stamp(self, digest: bytes) -> Stamped | NotStamped:
        """A time stamp over a SHA-256 digest, from the first authority that gives one which holds.

        One that gave nothing some seconds ago is passed over.
        """
        reasons = []
        for address in self._access.addresses:
            until, reason = self._resting.get(address, (0.0, ""))
            if self._monotonic() >= until:
                try:
                    return self._asked(address, digest)
                except (NoAnswerError, UnusableFileError, UnsoundError) as error:
                    reason = f"{urlsplit(address).hostname} : {error}"
                    self._resting[address] = self._monotonic() + REST, reason
            reasons.append(reason)
        return NotStamped(" ; ".join(reasons))

    def _asked(self, address: str, digest: bytes) -> Stamped:
        # Never negative, and never as short as another by its zeros.
        nonce = int.from_bytes(b"\x01" + self._random(_NONCE_BYTES))
        headers = {"Content-Type": _QUERY, "Accept": _REPLY, **self._login()}
        line = Line(self._trusted(), Reach.ANYWHERE, self._access.timeouts)
        body = self._form.request(digest, nonce)
        with asked("POST", checked(address), headers, body, line) as answer:
            content = _content(answer)
        return self._form.read(content, digest, nonce)

    def _login(self) -> dict[str, str]:
        user, file = self._access.user, self._access.password_file
        if user is None or file is None:
            return {}
        login = base64.b64encode(f"{user}:{read_text(file)}".encode()).decode("ascii")
        return {"Authorization": f"Basic {login}"}

    def _trusted(self) -> ssl.SSLContext:
        # Read again once a minute: to read some hundred authorities costs more than a request.
        until, context = self._kept
        if context is None or self._monotonic() > until:
            context = trusting(self._access.ca_file)
            self._kept = self._monotonic() + _TRUSTED_SECONDS, context
        return context


def _content(answer: "Answer") -> bytes:
    if answer.status != 200:
        raise NoAnswerError(f"l'autorité répond {answer.status} au lieu d'un horodatage")
    if (answer.header("Content-Type") or "").partition(";")[0].strip().lower() != _REPLY:
        raise NoAnswerError(f"la réponse n'est pas du type {_REPLY}")
    content = b""
    for block in answer.blocks():
        content += block
        if len(content) > ANSWER_MAX:
            raise NoAnswerError(f"la réponse dépasse {ANSWER_MAX} octets")
    return content
