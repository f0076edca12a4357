"""Calls to programs that asked to be told, signed as Standard Webhooks 1.0 says."""

import base64
import hashlib
import hmac
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from transmission.outbound.addresses import Reach
from transmission.outbound.http import Line, NoAnswerError, Timeouts, asked, checked
from transmission.outbound.reasons import excerpt
from transmission.outbound.trust import UnusableFileError, read_text, trusting
from transmission.ports.outbound import Delivered, Delivery, Refused, Unavailable, WebhookCall

if TYPE_CHECKING:
    from transmission.outbound.wire import Answer

ANSWER_MAX = 4_096
"""Bytes read of an answer: its status says it all, the rest is for people."""
_PREFIX = "whsec_"
_SECRET_BYTES = range(24, 65)
_LATER = (408, 425, 429)
"""Statuses of the fourth hundred that say « not now » rather than « no »."""


class HttpWebhookSender:
    """The port ``WebhookSender``: https alone, or http to this very machine.

    ``ca_file`` holds the only authorities trusted, those of the machine when absent.
    """

    def __init__(
        self,
        *,
        ca_file: Path | None = None,
        timeouts: Timeouts = Timeouts(body=30.0),  # noqa: B008 - frozen
    ) -> None:
        self._ca_file = ca_file
        self._timeouts = timeouts

    def post(self, call: WebhookCall) -> Delivery:
        """Post an event, once. A redirect is a refusal: it would carry the event elsewhere."""
        try:
            address = checked(call.address)
            headers = _signed(call, _secret(call.secret_file))
            in_clear = urlsplit(address).scheme != "https"
            reach = Reach.LOOPBACK if in_clear else Reach.ANYWHERE
            line = Line(trusting(self._ca_file), reach, self._timeouts)
            with asked("POST", address, headers, call.body, line) as answer:
                return _outcome(answer)
        except (NoAnswerError, UnusableFileError) as error:
            return Unavailable(str(error))


def signature(secret: bytes, call: WebhookCall) -> str:
    """The ``webhook-signature`` of a call (Standard Webhooks, « Signature scheme », symmetric)."""
    signed = f"{call.key}.{_timestamp(call)}.".encode() + call.body
    digest = hmac.digest(secret, signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode('ascii')}"


def _signed(call: WebhookCall, secret: bytes) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "webhook-id": call.key,
        "webhook-timestamp": _timestamp(call),
        "webhook-signature": signature(secret, call),
    }


def _timestamp(call: WebhookCall) -> str:
    return str(int(call.sent_at.timestamp()))


def _secret(file: Path) -> bytes:
    text = read_text(file).strip()
    try:
        secret = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except ValueError:
        secret = b""
    if not text.startswith(_PREFIX) or len(secret) not in _SECRET_BYTES:
        raise UnusableFileError(
            f"le fichier {file} ne contient pas un secret de webhook : {_PREFIX}, puis 24 à 64 "
            "octets en Base64"
        )
    return secret


def _outcome(answer: "Answer") -> Delivery:
    said = f"{answer.status} {_said(answer)}".strip()
    if 200 <= answer.status < 300:
        return Delivered(said)
    if 300 <= answer.status < 400:
        return Refused(
            f"le programme appelé renvoie ailleurs ({answer.status}) : donnez son adresse finale"
        )
    if 400 <= answer.status < 500 and answer.status not in _LATER:
        return Refused(f"le programme appelé refuse : {said}")
    return Unavailable(f"le programme appelé n'y parvient pas : {said}")


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
