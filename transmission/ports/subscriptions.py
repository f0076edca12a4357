"""What the services need of the register to tell people by e-mail: part of the unit of work."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from transmission.domain.notifications import Mention
from transmission.domain.wishes import Wishes
from transmission.ports.webhooks import Place


@dataclass(frozen=True, slots=True)
class Followed:
    """How far the people of an authority were told: place in the logs, civil day of their last
    daily mail."""

    place: Place
    date_quotidien: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mention that waits for the daily mail of some persons, by their numbers."""

    mention: Mention
    persons: tuple[int, ...]


class SubscriptionRegister(Protocol):
    """Part of the unit of work."""

    def wishes(self) -> Mapping[int, Wishes]:
        """What each person chose, by number; nothing for whoever chose nothing."""
        ...

    def keep_wishes(self, person_id: int, chosen: Wishes) -> None:
        """Replace what a person chose."""
        ...

    def keep_email(self, person_id: int, email: str | None) -> None:
        """Replace the address of a person."""
        ...

    def followed(self) -> Mapping[int, Followed]:
        """Authorities whose people are told, by number."""
        ...

    def follow(self, begun: Mapping[int, date]) -> None:
        """Tell the people of other authorities of what happens from now on; each with the civil day
        whose daily mail is held to be written."""
        ...

    def unfollow(self, authority_ids: Collection[int]) -> None:
        """Tell the people of authorities no more: what waited for them is forgotten."""
        ...

    def authorities_with_news(self) -> Collection[int]:
        """Authorities of those followed to which something happened since."""
        ...

    def lock_followed(self, authority_id: int) -> Followed | None:
        """How far an authority was told, which nobody else moves before the end."""
        ...

    def move_followed(self, authority_id: int, reached: Followed) -> None:
        """Write how far a locked authority was told."""
        ...

    def objets(self, authority_id: int, acte_ids: Collection[int]) -> Mapping[int, str]:
        """The objects of acts of an authority, by number."""
        ...

    def authors(self, authority_id: int, line_ids: Collection[int]) -> Mapping[int, str]:
        """Who wrote lines of the journal of an authority, by their numbers."""
        ...

    def add_waiting(self, authority_id: int, waiting: Sequence[Waiting]) -> None:
        """Keep mentions for the daily mail."""
        ...

    def take_waiting(self, authority_id: int) -> Sequence[Waiting]:
        """All that waits for the daily mail of an authority, oldest first: it waits no more."""
        ...
