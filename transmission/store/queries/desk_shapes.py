"""What a desk is asked for and gives: items, counts, pages, and who dealt with what."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from transmission.domain.desks import Charge, Desk, WorkItem

COUNTED = 1000
"""Items beyond which no more are counted."""

_CURSOR = re.compile(r"(?P<id>[0-9]{1,18})@(?P<key>[0-9T:.+-]{10,35})")


@dataclass(frozen=True, slots=True)
class Looked:
    """Whose items are looked at: authorities (None: every one), and in whose charge.

    ``of_person`` is the number of a person, ``of_nobody`` leaves out what somebody deals with.
    """

    sirens: Collection[str] | None = None
    of_person: int | None = None
    of_nobody: bool = False


@dataclass(frozen=True, slots=True)
class DeskCursor:
    """The last item of a page: its number and what its desk is ordered by."""

    id: int
    key: datetime | date

    def __str__(self) -> str:
        return f"{self.id}@{self.key.isoformat()}"

    @classmethod
    def parse(cls, text: str, desk: Desk) -> Self:
        """The reverse of ``str``. Raises ValueError."""
        match = _CURSOR.fullmatch(text)
        if not match:
            raise ValueError(f"not a cursor: {text!r}")
        if desk is Desk.LETTERS:
            return cls(int(match["id"]), date.fromisoformat(match["key"]))
        at = datetime.fromisoformat(match["key"])
        if at.tzinfo is None:
            raise ValueError(f"not an instant: {text!r}")
        return cls(int(match["id"]), at)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLine:
    """An item of a desk. ``since`` is when it came there, ``due`` the civil day by which it is to
    be dealt with, where the law gives one.

    ``message`` is the code of the sending, of the letter or of the retour, the channel of a notice;
    ``said`` what it waits for, says or was refused for; ``about`` what names it beside its act: a
    file name, a recipient. ``webhook_id`` is the subscription that a notice is for.
    """

    desk: Desk
    id: int
    since: datetime
    due: date | None
    date_courrier: date | None
    collectivite_id: int
    siren: str
    collectivite: str
    time_zone: str
    acte_id: int | None
    numero_interne: str | None
    objet: str | None
    message: str | None
    said: str | None
    about: str | None
    charge: Charge | None
    webhook_id: int | None = None

    @property
    def item(self) -> WorkItem:
        """The same as the services know it."""
        return WorkItem(self.desk.subject, self.id, self.collectivite_id)


@dataclass(frozen=True, slots=True)
class PastCharge:
    """Who dealt with an item, from when and by whose decision, to when and by whose."""

    name: str
    taken_at: datetime
    taken_by: str
    given_back_at: datetime | None
    given_back_by: str | None


@dataclass(frozen=True, slots=True)
class DeskCount:
    """How many items a desk has, at most ``COUNTED`` being told, since when the oldest, and the
    first day by which one is due."""

    desk: Desk
    count: int
    oldest_since: datetime | None
    first_due: date | None

    @property
    def capped(self) -> bool:
        """Whether there are more."""
        return self.count > COUNTED


@dataclass(frozen=True, slots=True)
class DeskPage:
    """Some items of a desk in order, and where the next page begins, if there is one."""

    lines: tuple[DeskLine, ...]
    following: DeskCursor | None
