"""Where documents are kept, and what else fills a disk: can this account write there, and how
much room is left?"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from transmission.cli.diagnosis.findings import Finding, Grade, Subject, fine, warning, wrong
from transmission.cli.failures import reason
from transmission.console.words import size
from transmission.domain.transmission import StoredFile
from transmission.ports import DocumentStore
from transmission.store.documents import DamagedDocumentError
from transmission.store.room import LEAST, LEAST_TEMPORARY, Room, room_of

_NOBODYS = StoredFile("0" * 64, 1)


class _Room(Protocol):
    """Bytes of a disk."""

    @property
    def total(self) -> int: ...

    @property
    def free(self) -> int: ...


def folder_of_documents(folder: Path) -> Iterator[Finding]:
    """Judge the folder as this account sees it, from this machine; the first act makes it."""
    try:
        place = _writable(folder)
        room = shutil.disk_usage(place)
    except OSError as error:
        yield wrong(
            Subject.DOCUMENTS,
            f"Rien ne peut être écrit dans {folder} : {reason(error)}. Corrigez le dossier, ses "
            "droits ou TRANSMISSION_DOCUMENTS_DIR ; d'ici là aucun acte n'est pris.",
        )
        return
    scant = _scant(Subject.DOCUMENTS, folder, room, LEAST)
    yield scant or fine(Subject.DOCUMENTS, f"{_left(folder, room)}.")


def folder_of_database(folder: Path) -> Iterator[Finding]:
    """Judge the room that the data of PostgreSQL have, when this machine and account see them;
    nothing when there is enough."""
    try:
        room = shutil.disk_usage(folder)
    except OSError:
        return
    scant = _scant(Subject.DATABASE, folder, room, LEAST)
    if scant:
        yield scant


def temporary_folder() -> Iterator[Finding]:
    """Judge where archives are written before they are kept; nothing when there is room."""
    try:
        folder = Path(tempfile.gettempdir())
        room = shutil.disk_usage(_writable(folder))
    except OSError as error:
        yield wrong(
            Subject.DOCUMENTS,
            f"Aucun dossier temporaire ne peut être écrit : {reason(error)}. Libérez-en un, ou "
            "donnez-en un autre par TMPDIR ; d'ici là aucun acte n'est pris ni envoyé.",
        )
        return
    scant = _scant(Subject.DOCUMENTS, folder, room, LEAST_TEMPORARY)
    if scant and scant.grade is Grade.WRONG:
        yield scant


def _writable(folder: Path) -> Path:
    """The folder, or the one in which it will be made. Raises OSError."""
    place = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    with tempfile.TemporaryFile(dir=place) as written:
        written.write(b"?")
        written.flush()
    return place


def _scant(subject: Subject, folder: Path, room: _Room, least: int) -> Finding | None:
    left = _left(folder, room)
    judged = room_of(room.free, room.total, least)
    if judged is Room.NEARLY_NONE:
        return wrong(subject, f"Il ne reste que {left} : agrandissez ce disque aujourd'hui.")
    if judged is Room.SCANT:
        return warning(subject, f"Il reste {left} : prévoyez d'agrandir ce disque.")
    return None


def _left(folder: Path, room: _Room) -> str:
    return f"{size(room.free)} libres dans {folder}"


def store_of_documents(store: DocumentStore) -> Iterator[Finding]:
    """Judge a distant store by asking it for a document that nobody has; nothing is written.

    Raises TransmissionError when it does not answer.
    """
    with suppress(DamagedDocumentError):
        store.open(_NOBODYS).close()
    yield fine(Subject.DOCUMENTS, "L'endroit où ils sont gardés répond.")
