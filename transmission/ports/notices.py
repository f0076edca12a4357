"""What the services need of the register to tell people and programs outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Protocol

from transmission.domain.legal.rappels import Limit

TO_PEOPLE = "annonce"
"""Kind of the notices to people with an account, whose addresses are not shown to others."""


class Channel(Enum):
    """How a notice travels; the code is kept. TOLD goes nowhere: it recalls what a digest said.

    WEBHOOK goes to a program of the authority's file, SUBSCRIPTION to one that asked to be told.
    """

    MAIL = "mail"
    WEBHOOK = "webhook"
    SUBSCRIPTION = "subscription"
    TOLD = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """Something to tell once to one target.

    ``kind`` says about what (``rappel``); ``key`` names it for ever: there is one notice of a key
    for each target of an authority. ``target`` is an e-mail address or a URL. ``content`` is JSON:
    ``subject``, ``text`` and ``html`` of a mail, the event of a webhook, nothing of what was told.
    """

    collectivite_id: int
    kind: str
    key: str
    channel: Channel
    target: str
    content: dict[str, Any]
    acte_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(NewNotice):
    """A notice as it is kept; ``attempts`` counts the one that begins when it is claimed."""

    id: int
    at: datetime
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What an attempt came to, at an instant.

    ``next_attempt_at`` is None when it was the last. ``failure`` (French) is why it was not
    delivered, None when it was. An attempt that was not ``tried`` is not counted.
    """

    at: datetime
    failure: str | None = None
    next_attempt_at: datetime | None = None
    tried: bool = True


class NoticeRegister(Protocol):
    """Part of the unit of work."""

    def limits_between(self, authority_id: int, first: date, last: date) -> Sequence[Limit]:
        """Dates of the current readings of an authority's acts, in a span of civil days."""
        ...

    def add_notice(self, new: NewNotice, at: datetime) -> bool:
        """Keep a notice, due at once; False, and nothing, when its target has one of that key."""
        ...

    def told_since(self, authority_id: int, target: str, kind: str, since: datetime) -> bool:
        """Whether a mail of that kind was written to a target at an instant or later."""
        ...

    def claim_notice(self, authority_id: int, now: datetime, until: datetime) -> Notice | None:
        """The oldest notice that is due, the attempt counted; nobody else gets it before ``until``.

        None when nothing is due that nobody else holds.
        """
        ...

    def settle_notice(self, notice: Notice, fate: Fate) -> bool:
        """Write what became of a claimed notice; False, and nothing, once it was delivered or a
        later attempt began."""
        ...

    def authorities_with_notices(self, now: datetime) -> Sequence[int]:
        """Authorities of which a notice is due."""
        ...

    def replay_notice(self, notice_id: int, now: datetime) -> int:
        """Make a notice due again, delivered or not, as new; the key of its authority.

        Raises NotFoundError, and for what goes nowhere too.
        """
        ...
