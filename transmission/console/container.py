"""What the console needs from the composition root, said without naming who provides it."""

from collections.abc import Collection
from typing import BinaryIO, Protocol

from sqlalchemy import Engine

from transmission.clock import Clock
from transmission.ports import DocumentStore

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Names of a console that is only reached from its own machine."""


class ConsoleContainer(Protocol):
    """Everything the pages rest on. The console only reads."""

    @property
    def engine(self) -> Engine: ...

    @property
    def documents(self) -> DocumentStore: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def hosts(self) -> Collection[str]:
        """Names, without port, under which browsers reach the console (``LOOPBACK``)."""
        ...

    def stamp(self, acte_id: int) -> BinaryIO:
        """The stamped PDF of an act, to be read then closed.

        Raises TransmissionError before the AR, NotFoundError for an unknown act.
        """
        ...
