"""What the services need to tell programs of events: part of the unit of work, and the seal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from transmission.domain.cloud_events import Happened
from transmission.domain.errors import TransmissionError
from transmission.domain.transmission import Author
from transmission.domain.webhooks import Webhook
from transmission.ports.notices import Fate, Notice


class SealError(TransmissionError):
    """The key of the secrets cannot be used, or opens none of what was sealed; no secret is
    shown."""


class Sealer(Protocol):
    """Keeps secrets unreadable at rest."""

    def seal(self, secret: bytes, about: str) -> bytes:
        """A secret under seal, which opens for the same ``about`` alone. Raises SealError."""
        ...

    def open(self, sealed: bytes, about: str) -> bytes:
        """The secret. Raises SealError, for any change of what was sealed too."""
        ...


@dataclass(frozen=True, slots=True)
class SealedSecrets:
    """The secrets of a subscription under seal: the one in force, the one before and its end."""

    current: bytes
    former: bytes | None = None
    overlap_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """A subscription to keep; ``secret`` is under seal, ``types`` are none for all."""

    collectivite_id: int
    name: str
    url: str
    types: tuple[str, ...]
    secret: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """A number of the journal and one of the changes of findings: what is below was told."""

    journal: int
    findings: int


@dataclass(frozen=True, slots=True)
class Span:
    """What happened between two places, in order; ``place`` is where the next one begins."""

    happened: tuple[Happened, ...]
    place: Place
    has_more: bool


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to write: ``key`` names it for ever for its subscription, ``content`` is a
    CloudEvent without its sequence."""

    kind: str
    key: str
    content: dict[str, Any]
    acte_id: int | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A call that begins: the notice, the number of its attempt in the log."""

    notice: Notice
    attempt_id: int


@dataclass(frozen=True, slots=True)
class Ended:
    """What a call came to, as the log keeps it: status of HTTP and excerpt of the answer when one
    came, reason (French) when it was not delivered."""

    at: datetime
    status: int | None
    answer: str
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a round learned of a program; ``last_success_at`` is None when it learned nothing."""

    failures: int
    failing_since: datetime | None
    rests_until: datetime | None
    last_success_at: datetime | None


class WebhookRegister(Protocol):
    """Part of the unit of work. Whatever is another authority's is not found."""

    # subscriptions
    def add_webhook(self, new: NewWebhook, author: Author, at: datetime) -> int:
        """Keep a subscription in service, which is told of what happens from now on, and tell the
        journal; its number. Raises ConflictError when another in force bears its name."""
        ...

    def webhook(self, authority_id: int, webhook_id: int) -> Webhook:
        """A subscription that was not ended. Raises NotFoundError."""
        ...

    def webhooks(self, authority_id: int) -> Sequence[Webhook]:
        """Those that were not ended, by name."""
        ...

    def lock_webhook(self, authority_id: int, webhook_id: int) -> Webhook:
        """The same as :meth:`webhook`, which nobody else changes before the end."""
        ...

    def save_webhook(
        self, changed: Webhook, event: str, author: Author, at: datetime, **details: Any
    ) -> None:
        """Write name, address, types, state and health of a locked subscription, and tell the
        journal. Raises ConflictError when another in force bears its name."""
        ...

    def note_webhook(
        self, about: Webhook, event: str, author: Author, at: datetime, **details: Any
    ) -> int:
        """Tell the journal; the number of the line."""
        ...

    def sealed_secrets(self, webhook_id: int) -> SealedSecrets: ...

    def set_secrets(self, webhook_id: int, secrets: SealedSecrets, at: datetime) -> None: ...

    # events
    def settled_place(self, patience: float) -> Place | None:
        """A place below which nothing can appear any more, None while somebody is writing after
        ``patience`` seconds. To be asked before anything is read or written."""
        ...

    def authorities_to_tell(self) -> Sequence[int]:
        """Authorities which have a subscription in service behind the logs."""
        ...

    def place_of(self, webhook_id: int) -> Place:
        """What a subscription was told of."""
        ...

    def happened(self, authority_id: int, after: Place, until: Place, most: int) -> Span:
        """What happened to an authority between two places, up to ``most`` of each log."""
        ...

    def add_events(
        self, to: Webhook, events: Sequence[NewEvent], place: Place | None, at: datetime
    ) -> int:
        """Write what a locked subscription is to be told, numbered, and its new place; how many are
        new. What it has under the same key is left out."""
        ...

    # calls
    def count_ready(self, now: datetime, most: int) -> int:
        """How many subscriptions have something due that nobody is sending, at most ``most``."""
        ...

    def hold_webhook(self, now: datetime, until: datetime) -> Webhook | None:
        """The subscription that was served longest ago of those that are ready; nobody else gets
        it before ``until``."""
        ...

    def begin_delivery(self, webhook_id: int, now: datetime) -> Begun | None:
        """The oldest notice that is due of a subscription in service, its attempt written."""
        ...

    def begin_test(self, to: Webhook, event: NewEvent, at: datetime) -> Begun:
        """Write an event without a number and its attempt; it is never due by itself."""
        ...

    def end_delivery(self, begun: Begun, ended: Ended, fate: Fate | None) -> None:
        """Write what a call came to, in the log and, with its fate, on the notice."""
        ...

    def put_off(self, notices: Sequence[Notice], at: datetime) -> None:
        """Have notices that are still to be sent tried at that instant."""
        ...

    def hasten(self, webhook_id: int, at: datetime) -> None:
        """Have all that is still to be sent of a subscription due at that instant at the latest."""
        ...

    def let_go(self, webhook_id: int, health: Health, now: datetime) -> None:
        """Give back a subscription that was held, with what its round learned."""
        ...

    # replay
    def replay_event(self, webhook_id: int, notice_id: int, now: datetime) -> None:
        """Make a notice of a subscription due again, as new. Raises NotFoundError."""
        ...

    def replay_events(
        self,
        webhook_id: int,
        since: datetime,
        until: datetime | None,
        now: datetime,
        *,
        failed: bool,
    ) -> int:
        """The same for all that were written from ``since`` on, to before ``until`` if given, or
        for those of them that were given up; how many."""
        ...
