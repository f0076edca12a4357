"""What the console needs from the composition root, said without naming who provides it."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from sqlalchemy import Engine

from transmission.clock import Clock
from transmission.console.visitor import Visit
from transmission.domain.transmission import Author
from transmission.ports import DocumentStore
from transmission.services.toolbox import Toolbox


class ConsoleContainer(Protocol):
    """Everything the pages rest on.

    Pages read through ``engine``; what a person decides goes through
    the services, over ``tools``."""

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

    @property
    def served_as_https(self) -> bool:
        """Whether people reach the console by https, whatever stands before it."""
        ...

    @property
    def tools(self) -> Toolbox: ...

    @property
    def folders(self) -> Mapping[str, Path]:
        """The folders of this machine that must not be full, by what they serve to (French)."""
        ...

    def visit(self, cookies: Mapping[str, str]) -> Visit | None:
        """Who comes with these cookies, of which one (``cookies.SESSION``) is read; None for nobody
        known."""
        ...

    def stamp(self, acte_id: int) -> BinaryIO:
        """The stamped PDF of an act, to be read then closed.

        Raises TransmissionError before the AR, NotFoundError for an unknown act.
        """
        ...

    def proven(self, acte_id: int, author: Author) -> tuple[BinaryIO, str]:
        """The dossier de preuve of an act, to be read then closed, and its name.

        Whoever takes it enters the journal. Raises NotFoundError for an unknown act.
        """
        ...
