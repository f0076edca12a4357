"""Where documents are kept: can this account write there, and how much room is left?"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from transmission.cli.diagnosis.findings import Finding, Subject, fine, warning, wrong
from transmission.cli.failures import reason
from transmission.console.words import size
from transmission.domain.transmission import StoredFile
from transmission.ports import DocumentStore
from transmission.store.documents import DamagedDocumentError

_LEAST = 2_000_000_000
_SCANT = 0.1
_NOBODYS = StoredFile("0" * 64, 1)


def folder_of_documents(folder: Path) -> Iterator[Finding]:
    """Judge the folder as this account sees it, from this machine; the first act makes it."""
    try:
        place = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        with tempfile.TemporaryFile(dir=place) as written:
            written.write(b"?")
            written.flush()
        room = shutil.disk_usage(place)
    except OSError as error:
        yield wrong(
            Subject.DOCUMENTS,
            f"Rien ne peut être écrit dans {folder} : {reason(error)}. Corrigez le dossier, ses "
            "droits ou TRANSMISSION_DOCUMENTS_DIR ; d'ici là aucun acte n'est pris.",
        )
        return
    left = f"{size(room.free)} libres dans {folder}"
    if room.free < _LEAST:
        yield wrong(
            Subject.DOCUMENTS, f"Il ne reste que {left} : agrandissez ce disque aujourd'hui."
        )
    elif room.free < _SCANT * room.total:
        yield warning(Subject.DOCUMENTS, f"Il reste {left} : prévoyez d'agrandir ce disque.")
    else:
        yield fine(Subject.DOCUMENTS, f"{left}.")


def store_of_documents(store: DocumentStore) -> Iterator[Finding]:
    """Judge a distant store by asking it for a document that nobody has; nothing is written.

    Raises TransmissionError when it does not answer.
    """
    with suppress(DamagedDocumentError):
        store.open(_NOBODYS).close()
    yield fine(Subject.DOCUMENTS, "L'endroit où ils sont gardés répond.")
