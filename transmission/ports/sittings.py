"""What the services need of the register about the lists of sittings: part of the unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from transmission.domain.sitting_list import SittingActe
from transmission.domain.transmission import StoredFile


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSitting:
    """A list to keep: the file as it came, under the name that it had, and the acts read in it."""

    collectivite_id: int
    date_seance: date
    nom_fichier: str
    file: StoredFile
    at: datetime
    author: str
    actes: Sequence[SittingActe]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSitting:
    """The list that counts for a date: the newest one imported for it. ``at`` is aware UTC."""

    id: int
    nom_fichier: str
    file: StoredFile
    at: datetime
    author: str


class SittingRegister(Protocol):
    """Part of the unit of work."""

    def hold_sitting(self, collectivite_id: int, date_seance: date) -> KeptSitting | None:
        """The list that counts for a date, None without any.

        Nobody else imports one for the authority before the end. Raises NotFoundError.
        """
        ...

    def add_sitting(self, new: NewSitting) -> int:
        """Keep a list, which counts from now on for its date; those before it stay. Its number."""
        ...
