"""Calls to programs that asked to be told, signed as Standard Webhooks 1.0 says."""

import base64
import hashlib
import hmac
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from transmission.domain.webhooks import secret_bytes
from transmission.outbound.addresses import ForbiddenAddressError, Reach, resolve
from transmission.outbound.http import PORTS, Line, NoAnswerError, Timeouts, asked, checked
from transmission.outbound.reasons import excerpt, reason
from transmission.outbound.trust import UnusableFileError, read_text, trusting
from transmission.ports.outbound import (
    Delivered,
    Delivery,
    Heard,
    Refused,
    Unavailable,
    WebhookCall,
)

if TYPE_CHECKING:
    from transmission.outbound.wire import Answer

ANSWER_MAX = 4_096
"""Bytes read of an answer: its status says it all, the rest is for people."""
USUAL = Timeouts(connect=5.0, read=15.0, body=15.0, whole=20.0)
"""Seconds: a program that takes longer should answer first, and work afterwards."""

_TRUSTED_SECONDS = 60.0
_LATER = (408, 425, 429)
"""Statuses of the fourth hundred that say « not now » rather than « no »."""


class HttpWebhookSender:
    """The port ``WebhookSender``: https alone, or http to this very machine.

    ``ca_file`` holds the only authorities trusted, those of the machine when absent. With
    ``public_only``, neither this machine nor its private networks are called.
    """

    def __init__(
        self,
        *,
        ca_file: Path | None = None,
        timeouts: Timeouts = USUAL,
        public_only: bool = False,
    ) -> None:
        self._ca_file = ca_file
        self._timeouts = timeouts
        self._public_only = public_only
        self._kept: tuple[float, ssl.SSLContext | None] = (0.0, None)

    def refusal(self, address: str) -> str | None:
        """Why an address will not be called, None when it may be."""
        try:
            parts = urlsplit(checked(address))
            resolve(str(parts.hostname), parts.port or PORTS[parts.scheme], self._reach(address))
        except (NoAnswerError, ForbiddenAddressError) as error:
            return str(error)
        except (OSError, UnicodeError) as error:
            return reason(error)
        return None

    def post(self, call: WebhookCall) -> Delivery:
        """Post an event, once. A redirect is a refusal: it would carry the event elsewhere."""
        try:
            address = checked(call.address)
            headers = _signed(call, _secrets(call))
            line = Line(self._trusted(), self._reach(address), self._timeouts)
            with asked("POST", address, headers, call.body, line) as answer:
                return _outcome(answer)
        except (NoAnswerError, UnusableFileError) as error:
            return Unavailable(str(error))

    def _trusted(self) -> ssl.SSLContext:
        # Read again once a minute: to read some hundred authorities costs more than a call.
        until, context = self._kept
        if context is None or time.monotonic() > until:
            context = trusting(self._ca_file)
            self._kept = time.monotonic() + _TRUSTED_SECONDS, context
        return context

    def _reach(self, address: str) -> Reach:
        in_clear = urlsplit(address).scheme != "https"
        if self._public_only and in_clear:
            raise NoAnswerError("l'adresse ne commence pas par https://")
        if self._public_only:
            return Reach.PUBLIC
        return Reach.LOOPBACK if in_clear else Reach.ANYWHERE


def signature(secret: bytes, call: WebhookCall) -> str:
    """The ``webhook-signature`` of a call (Standard Webhooks, « Signature scheme », symmetric)."""
    signed = f"{call.key}.{_timestamp(call)}.".encode() + call.body
    digest = hmac.digest(secret, signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode('ascii')}"


def _signed(call: WebhookCall, secrets: tuple[bytes, ...]) -> dict[str, str]:
    return {
        "Content-Type": call.content_type,
        "webhook-id": call.key,
        "webhook-timestamp": _timestamp(call),
        "webhook-signature": " ".join(signature(secret, call) for secret in secrets),
    }


def _timestamp(call: WebhookCall) -> str:
    return str(int(call.sent_at.timestamp()))


def _secrets(call: WebhookCall) -> tuple[bytes, ...]:
    return call.secrets if call.secret_file is None else (_secret(call.secret_file),)


def _secret(file: Path) -> bytes:
    try:
        return secret_bytes(read_text(file).strip())
    except ValueError:
        raise UnusableFileError(
            f"le fichier {file} ne contient pas un secret de webhook : whsec_, puis 24 à 64 "
            "octets en Base64"
        ) from None


def _outcome(answer: "Answer") -> Delivery:
    heard = Heard(answer.status, _said(answer))
    said = f"{heard.status} {heard.excerpt}".strip()
    if 200 <= answer.status < 300:
        return Delivered(said, heard)
    if 300 <= answer.status < 400:
        told = f"le programme appelé renvoie ailleurs ({answer.status}) : donnez son adresse finale"
        return Refused(told, heard)
    if 400 <= answer.status < 500 and answer.status not in _LATER:
        return Refused(f"le programme appelé refuse : {said}", heard)
    return Unavailable(f"le programme appelé n'y parvient pas : {said}", heard)


def _said(answer: "Answer") -> str:
    said = b""
    try:
        for block in answer.blocks():
            said += block
            if len(said) > ANSWER_MAX:
                break
    except NoAnswerError:
        # The status is known, which is what counts.
        pass
    return excerpt(said[:ANSWER_MAX])
