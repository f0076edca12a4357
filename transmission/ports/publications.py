"""What the services need of the register about what is on line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from transmission.domain.publication import PublishedCopy, Verdict
from transmission.domain.transmission import StoredFile


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCopy:
    """A publication to be kept; see ``PublishedCopy``."""

    acte_id: int
    collectivite_id: int
    date_mise_en_ligne: date
    date_minimum: date
    address: str | None = None
    file: StoredFile | None = None
    nom_fichier: str | None = None
    next_check_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCopy:
    """A publication to look at, claimed.

    ``acte_file`` is the act as it was handed over; ``tries`` counts the looks in a row, up to the
    last, that said nothing; ``is_other`` when the file at the address was found, the first time,
    to be neither the act nor its stamped copy.
    """

    copy: PublishedCopy
    siren: str
    time_zone: str
    acte_file: StoredFile
    tries: int
    is_other: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look found: ``file`` is what answered, ``detail`` French words, ``proof`` JSON.

    With ``is_first``, that file is from now on the content published, unless there is one.
    ``tries`` counts the looks in a row that said nothing, this one included.
    """

    verdict: Verdict
    at: datetime
    file: StoredFile | None = None
    is_first: bool = False
    detail: str | None = None
    proof: dict[str, Any] = field(default_factory=dict)
    tries: int = 0


class PublicationRegister(Protocol):
    """Part of the unit of work."""

    def current_copy(self, acte_id: int) -> PublishedCopy | None:
        """What is on line of an act, None when nothing is.

        Nobody else publishes or withdraws it before the end. Raises NotFoundError.
        """
        ...

    def add_copy(self, new: NewCopy, author: str, at: datetime) -> int:
        """Keep a publication of an act, of which none is current: its id.

        Raises ConflictError when another is.
        """
        ...

    def withdraw_copy(self, copy_id: int, reason: str, at: datetime) -> None:
        """End a publication; its row stays, with ``reason``. The act has no public address any
        more, and is to be read again."""
        ...

    def has_due_copies(self, now: datetime) -> bool:
        """Whether the look of a publication is due."""
        ...

    def claim_copies(self, now: datetime, until: datetime, limit: int) -> Sequence[DueCopy]:
        """Those whose look has been due the longest; nobody else gets them before ``until``."""
        ...

    def put_off_copies(self, copy_ids: Sequence[int], at: datetime) -> None:
        """Give back publications that were claimed and not looked at, due at that instant."""
        ...

    def record_look(self, copy_id: int, look: Look, next_check_at: datetime) -> bool:
        """Keep what a look found, and when the next is due; False, and nothing, once withdrawn.

        The act is to be read again when something is amiss, or was until this look.
        """
        ...
