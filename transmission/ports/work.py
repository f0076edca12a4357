"""What the services need of the register about those who deal with what waits for a person."""

from datetime import datetime
from typing import Protocol

from transmission.domain.desks import Charge, WorkItem
from transmission.domain.people import Person
from transmission.domain.transmission import Author


class WorkRegister(Protocol):
    """Part of the unit of work."""

    def charge_of(self, item: WorkItem) -> Charge | None:
        """Who takes care of an item, which nobody else changes before the end; None for nobody."""
        ...

    def take_work(
        self, item: WorkItem, person: Person, author: Author, at: datetime
    ) -> Charge | None:
        """Put an item in a person's charge; None when somebody took it meanwhile."""
        ...

    def give_back_work(self, charge: Charge, author: Author, at: datetime) -> None:
        """End a charge; its row stays."""
        ...

    def set_work_aside(self, item: WorkItem, author: Author, at: datetime) -> bool:
        """Take an item off its desk for good; False when it already was."""
        ...

    def note_work(self, item: WorkItem, what: str, author: Author, at: datetime) -> None:
        """Append a journal row about an item that is of no act."""
        ...
