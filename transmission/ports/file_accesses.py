"""What the services need to keep who read which file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from transmission.domain.coded import Coded


class Channel(Coded):
    """The door by which somebody came: code kept, label shown."""

    CONSOLE = ("console", "console")
    API = ("api", "API")
    COMMAND = ("commande", "ligne de commande")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class FileReading:
    """Who reads what: ``what`` is the file as it is called there.

    It is of an act, or else (a retour, the list of a sitting) of the authority of ``siren``.
    """

    channel: Channel
    reader: str
    what: str
    acte_id: int | None = None
    siren: str | None = None


@dataclass(frozen=True, slots=True)
class FileAccess:
    """One reading; ``at`` is aware UTC, ``sha256`` None for what was made on the spot."""

    reading: FileReading
    at: datetime
    sha256: str | None


class FileAccessRegister(Protocol):
    """Part of the unit of work."""

    def note_access(self, access: FileAccess) -> None:
        """Add a reading; nothing removes or changes it."""
        ...

    def accesses_of(self, acte_id: int, limit: int) -> Sequence[FileAccess]:
        """The last readings of the files of an act, newest first."""
        ...
