"""No file leaves before an antivirus, if there is one, has seen nothing in its very bytes.

Three answers: clean, it goes on; found, a person is asked and nothing is sent; unknown, it waits.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta

import structlog

from transmission.domain.errors import TransmissionError
from transmission.domain.lifecycle import Event
from transmission.domain.transmission import (
    SERVICE,
    StoredFile,
    Transmission,
    sent_files,
)
from transmission.ports import StaleError, Step, UnitOfWork
from transmission.ports.scans import KeptScan, Scanned, Scanner, Verdict
from transmission.services.toolbox import Toolbox

ARRIVALS = timedelta(days=30)
"""How far back documents of the State are looked for: longer than any antivirus is away."""

BATCH = 100

_logger = structlog.get_logger()


class InfectedFileError(TransmissionError):
    """A virus was recognised in a file: it is kept, and handed to nobody."""


def screen(tools: Toolbox, transmission: Transmission) -> bool:
    """Whether everything that a transmission carries is clean; if not, it is held, or waits.

    Looks at what was not looked at with the signatures of the day. No transaction is open
    meanwhile. Raises OSError, DamagedDocumentError.
    """
    if tools.scanner is None:
        return True
    with tools.register() as unit:
        carried = _carried(unit, transmission)
    seen = _looked_at(tools, tools.scanner, carried.values())
    worst = {name: seen[file.sha256] for name, file in carried.items()}
    found = [name for name, each in worst.items() if each.verdict is Verdict.FOUND]
    unknown = [name for name, each in worst.items() if each.verdict is Verdict.UNKNOWN]
    try:
        if found:
            _hold(tools, transmission, found[0], worst[found[0]], carried[found[0]])
        elif unknown:
            _wait(tools, transmission, unknown[0], worst[unknown[0]])
    except StaleError:
        return False
    return not (found or unknown)


def is_clean(tools: Toolbox, unit: UnitOfWork, transmission: Transmission) -> bool:
    """Whether an antivirus, if there is one, saw nothing in any file that is about to leave."""
    if tools.scanner is None:
        return True
    digests = {file.sha256 for file in _carried(unit, transmission).values()}
    seen = unit.scans_of(digests)
    return all(digest in seen and seen[digest].verdict is Verdict.CLEAN for digest in digests)


def require_not_infected(unit: UnitOfWork, file: StoredFile) -> None:
    """Raises InfectedFileError for a file in which a virus was recognised, whoever asks for it."""
    seen = unit.scans_of([file.sha256]).get(file.sha256)
    if seen is not None and seen.verdict is Verdict.FOUND:
        raise InfectedFileError(
            f"L'antivirus a reconnu un virus ({seen.detail}) dans ce fichier : il est conservé, et "
            "n'est remis à personne. Demandez-en une copie saine à son auteur."
        )


def screen_arrivals(tools: Toolbox) -> int:
    """Look at what the State sent and nobody looked at yet; how many documents are infected.

    Each is kept, told in the journal, and handed to nobody.
    """
    if tools.scanner is None or tools.scanner.base() is None:
        return 0
    with tools.register() as unit:
        arrived = unit.arrived_unscanned(tools.clock.now() - ARRIVALS, BATCH)
    infected = 0
    for each in arrived:
        seen = _looked_at(tools, tools.scanner, [each.file])[each.file.sha256]
        if seen.verdict is Verdict.FOUND:
            infected += 1
            _tell(tools, each.retour_id, each.nom_fichier, seen)
    return infected


def _tell(tools: Toolbox, retour_id: int, nom: str, seen: Scanned) -> None:
    _logger.warning("infected document received", retour=retour_id, virus=seen.detail)
    with tools.register() as unit:
        retour = unit.lock_retour(retour_id)
        if retour is not None:
            author = replace(SERVICE, reason=f"« {nom} » : {seen.detail}")
            unit.note_retour(retour, "document_infecte", author, tools.clock.now())
        unit.commit()


def _carried(unit: UnitOfWork, transmission: Transmission) -> Mapping[str, StoredFile]:
    """Files as received, and as sent when that is not the same, by what they are called."""
    pieces = unit.pieces_sent(transmission)
    received = {f"« {each.nom_original} » (fichier {each.ordre})": each.file for each in pieces}
    if transmission.parcel is None:
        return received
    leaving = sent_files(pieces, transmission.parcel.documents)
    copies = {
        f"la copie scellée de « {piece.nom_original} » (fichier {piece.ordre})": file
        for piece, file in zip(pieces, leaving, strict=True)
        if file != piece.file
    }
    return {**received, **copies}


def _looked_at(
    tools: Toolbox, scanner: Scanner, files: Collection[StoredFile]
) -> Mapping[str, Scanned]:
    """The verdict on each digest, kept when there is one."""
    wanted = {file.sha256: file for file in files}
    with tools.register() as unit:
        known = unit.scans_of(wanted)
    base = scanner.base()
    seen: dict[str, Scanned] = {}
    for digest, file in wanted.items():
        before = known.get(digest)
        if before is not None and base in (None, before.base):
            seen[digest] = Scanned(before.verdict, before.detail)
            continue
        seen[digest] = _scanned(tools, scanner, file, base, before)
    return seen


def _scanned(
    tools: Toolbox, scanner: Scanner, file: StoredFile, base: str | None, before: KeptScan | None
) -> Scanned:
    with tools.documents.open(file) as content:
        found = scanner.scan(content)
    if found.verdict is Verdict.UNKNOWN or base is None:
        # What was known with older signatures still is.
        kept = before and Scanned(before.verdict, before.detail)
        return kept or Scanned(Verdict.UNKNOWN, found.detail or "l'antivirus ne répond pas")
    with tools.register() as unit:
        kept_scan = KeptScan(found.verdict, found.detail, base, tools.clock.now())
        unit.keep_scan(file.sha256, kept_scan)
        unit.commit()
    return found


def _hold(
    tools: Toolbox, transmission: Transmission, name: str, seen: Scanned, file: StoredFile
) -> None:
    _logger.warning("infected file", transmission=transmission.id, virus=seen.detail)
    step = Step(
        waiting_for=f"Fichier infecté : l'antivirus reconnaît un virus ({seen.detail}) dans "
        f"{name}. Rien n'est parti, et ce fichier n'est plus remis à personne. Demandez-en une "
        "copie saine à son auteur, abandonnez cet envoi, puis redéposez l'acte."
    )
    details = {"fichier": name, "sha256": file.sha256, "virus": seen.detail}
    with tools.register() as unit:
        unit.move(transmission, Event.HELD, SERVICE, tools.clock.now(), step, details)
        unit.commit()


def _wait(tools: Toolbox, transmission: Transmission, name: str, seen: Scanned) -> None:
    step = Step(
        next_attempt_at=tools.delays.retry_at(tools.clock.now(), 0),
        waiting_for=f"que l'antivirus puisse lire {name} ({seen.detail}) ; rien ne part sans lui",
    )
    with tools.register() as unit:
        unit.postpone(transmission, step)
        unit.commit()
