"""Whoever is given a file of an act leaves a row, and nobody is given an infected one."""

from transmission.domain.transmission import StoredFile
from transmission.ports.file_accesses import FileAccess, FileReading
from transmission.services.screen import require_not_infected
from transmission.services.toolbox import Toolbox


def hand_out(tools: Toolbox, reading: FileReading, file: StoredFile | None = None) -> None:
    """Write who is about to read a file, before its first byte; None for what is made on the spot.

    Raises InfectedFileError.
    """
    with tools.register() as unit:
        if file is not None:
            require_not_infected(unit, file)
        access = FileAccess(reading, tools.clock.now(), None if file is None else file.sha256)
        unit.note_access(access)
        unit.commit()
