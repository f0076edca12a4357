"""What the services need of the register to give a person their data, and to erase it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from transmission.domain.transmission import Author

ERASED = "account_erased"
"""Event of the accounts' log."""


class PersonalRegister(Protocol):
    """Part of the unit of work."""

    def personal_rows(self, person_id: int) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Everything held about the person of an account, by table; no digest of a secret."""
        ...

    def lines_signed(self, name: str) -> int:
        """How many lines of the journal bear a name: they prove, and stay."""
        ...

    def erase_person(self, person_id: int, author: Author, at: datetime) -> None:
        """End an account for good: what others lead to keeps a number, and nothing of a person."""
        ...

    def forget_visits(self, before: datetime) -> int:
        """Remove sessions and one-time links that were over before an instant; how many."""
        ...
