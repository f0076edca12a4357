"""What the services send to people and programs outside, and what they read back of the public web.

Nothing here ever raises for what the other side does: each call comes to an outcome.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeAlias

PUBLISHED_MAX = 157_286_400
"""Bytes read of a published file: 150 MiB, the bound of an archive (ACTES protocol §3.6)."""

_WEBHOOK_KEY = re.compile(r"[A-Za-z0-9_:-]{1,255}")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a program answered by HTTP: its status, the beginning of its body on one line."""

    status: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """The other side took it; ``detail`` is what it said, for people only.

    ``heard`` is its answer by HTTP, None when it answered otherwise or not at all.
    """

    detail: str
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side will never take it as it is; ``reason`` is French, without a final stop."""

    reason: str
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nobody knows that it was taken; the same may be sent later. ``reason`` is French."""

    reason: str
    heard: Heard | None = None


Delivery: TypeAlias = Delivered | Refused | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One e-mail to one person.

    ``key`` names it for ever: the same key gives the same ``Message-ID``, by which a mailbox
    recognises what was sent twice. ``written_at`` (aware instant) is its ``Date``: give the first
    one again and a resend is the same to the last byte. ``choices`` is where the recipient says
    what they want to be told, for their mailbox to show (RFC 2369).
    """

    key: str
    recipient: str
    subject: str
    text: str
    html: str
    written_at: datetime
    choices: str | None = None


class Mailer(Protocol):
    """Hands e-mails to a mail server."""

    def send(self, mail: Mail) -> Delivery:
        """Never raises for what the server does, nor for files of the settings that are gone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookCall:
    """One event for one program (Standard Webhooks 1.0).

    ``key`` names the event for ever: the receiver knows by it what it has already had. ``body`` is
    JSON in UTF-8; ``sent_at`` (aware instant) is that of this attempt, since a receiver refuses an
    old one. Signed with each of ``secrets`` (24 to 64 bytes), or with that of ``secret_file``,
    which holds ``whsec_`` and as many bytes in Base64. Raises ValueError for a key that is not 1 to
    255 letters, digits, ``_``, ``:`` or ``-``, and without any secret.
    """

    key: str
    address: str
    body: bytes
    sent_at: datetime
    secret_file: Path | None = None
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    content_type: str = "application/json"

    def __post_init__(self) -> None:
        if not _WEBHOOK_KEY.fullmatch(self.key):
            raise ValueError(f"{self.key!r} is no key of a webhook")
        if (self.secret_file is None) is not bool(self.secrets):
            raise ValueError("a webhook is signed with a file or with secrets")


class WebhookSender(Protocol):
    """Calls the programs that asked to be told."""

    def refusal(self, address: str) -> str | None:
        """Why an address will not be called (French, without a final stop), None when it may be.

        Its name is resolved now, and again at each call.
        """
        ...

    def post(self, call: WebhookCall) -> Delivery:
        """Never raises for what the other side does, nor for a secret that cannot be used."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a public address answered, to be kept as proof.

    ``final_address`` is where the redirects led. ``sha256`` (hex) and ``size`` (bytes) are those of
    the whole body, whatever the ``status``. ``content_type`` and ``date`` are headers as the server
    wrote them; ``certificate_sha256`` is the digest (hex) of its TLS certificate in DER. Each is
    None when there was none. ``fetched_at`` is the instant that the caller gave.
    """

    address: str
    final_address: str
    status: int
    sha256: str
    size: int
    content_type: str | None
    date: str | None
    certificate_sha256: str | None
    fetched_at: datetime


class PublicFetcher(Protocol):
    """Reads what the public reads."""

    def fetch(self, address: str, at: datetime) -> Answered | Unavailable:
        """What an address answers at ``at`` (aware instant). Never raises for the other side."""
        ...
