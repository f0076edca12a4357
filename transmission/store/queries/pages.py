"""What a list of acts is asked for and gives: a page, and the key after which the next begins."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from transmission.domain.identifiers import NatureActe
from transmission.domain.lifecycle import FINAL, State
from transmission.store.queries.standing import LIVING

_CURSOR = re.compile(r"(?P<id>[0-9]{1,18})(?:@(?P<since>[0-9T:.+-]{19,35}))?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list: states, the SIREN of one authority, words or an identifier, the name of a TdT
    (empty: of every one)."""

    states: tuple[State, ...] = LIVING
    siren: str | None = None
    text: str = ""
    tdt: str = ""

    @property
    def oldest_first(self) -> bool:
        """Whether all the wanted states wait: then the longest wait comes first."""
        return not FINAL.intersection(self.states)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page, as the key after which the next one begins."""

    id: int
    since: datetime | None = None

    def __str__(self) -> str:
        return f"{self.id}@{self.since.isoformat()}" if self.since else str(self.id)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reverse of ``str``. Raises ValueError."""
        match = _CURSOR.fullmatch(text)
        if not match:
            raise ValueError(f"not a cursor: {text!r}")
        since = datetime.fromisoformat(match["since"]) if match["since"] else None
        if since is not None and since.tzinfo is None:
            raise ValueError(f"not an instant: {text!r}")
        return cls(int(match["id"]), since)


@dataclass(frozen=True, slots=True)
class ActeLine:
    """A sending in a list, with its act; ``message`` is its code, 1-1 for the act itself."""

    transmission_id: int
    message: str
    acte_id: int
    numero_interne: str
    objet: str
    nature: NatureActe
    siren: str
    collectivite: str
    time_zone: str
    id_acte: str
    state: State
    state_since: datetime
    next_attempt_at: datetime | None
    waiting_for: str | None
    date_reception: date | None


@dataclass(frozen=True, slots=True)
class ActePage:
    """Some acts in order, and where the next page begins, if there is one.

    ``stopped`` when the search went down a stretch of the list and not to its end.
    """

    lines: tuple[ActeLine, ...]
    following: Cursor | None
    stopped: bool = False
