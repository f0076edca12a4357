"""One look at one publication: what the public has of it, held against what was published."""

import hashlib
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from transmission.domain.errors import TransmissionError
from transmission.domain.messages import ACTE
from transmission.domain.publication import UNREACHABLE_MAX, Verdict
from transmission.domain.transmission import StoredFile
from transmission.ports.outbound import Answered, Unavailable
from transmission.ports.publications import DueCopy, Look
from transmission.services.publish import acte_address
from transmission.services.stamp import stamp_facts
from transmission.services.toolbox import Toolbox

_GONE = (404, 410)
_PAGES = ("text/html", "application/xhtml+xml")


def public_address(tools: Toolbox, due: DueCopy) -> str | None:
    """Where the public finds the file; None for our register while nobody said its address."""
    copy = due.copy
    if not copy.is_served:
        return copy.address
    return tools.registre_url and f"{acte_address(tools.registre_url, due.siren, copy.id)}.pdf"


def look(tools: Toolbox, due: DueCopy) -> Look:
    """What the public has of a publication now. Writes nothing; no transaction is open.

    A file of our register is read at its public address if it has one, else as the register
    reads it. Raises OSError, DamagedDocumentError when the act itself cannot be read.
    """
    now, address = tools.clock.now(), public_address(tools, due)
    if address is None:
        return _kept(tools, due, now)
    fetcher = tools.own_fetcher if due.copy.is_served else tools.fetcher
    answer = fetcher.fetch(address, now)
    silent = isinstance(answer, Unavailable) or answer.status != 200
    if silent and due.copy.is_served:
        kept = _kept(tools, due, now)
        if kept.verdict is Verdict.ENDOMMAGE:
            return kept
    if isinstance(answer, Unavailable):
        return _silent(due, now, answer.reason, {"adresse": address})
    return _judged(tools, due, answer)


def _kept(tools: Toolbox, due: DueCopy, now: datetime) -> Look:
    file, proof = due.copy.file, {"lu": "documents du service"}
    assert file is not None  # noqa: S101 - what the register serves has its content
    try:
        tools.documents.path(file)
    except OSError as error:
        return _silent(due, now, str(error), proof)
    except TransmissionError as error:
        return Look(verdict=Verdict.ENDOMMAGE, at=now, detail=str(error), proof=proof)
    return Look(verdict=Verdict.CONFORME, at=now, file=file, proof=proof)


def _judged(tools: Toolbox, due: DueCopy, answer: Answered) -> Look:
    proof, now = _proof(answer), answer.fetched_at
    if answer.status in _GONE:
        detail = f"le site a répondu {answer.status}"
        return Look(verdict=Verdict.ABSENT, at=now, detail=detail, proof=proof)
    if answer.status != 200:
        return _silent(due, now, f"le site a répondu {answer.status}", proof)
    file = StoredFile(answer.sha256, answer.size)
    if _is_page(answer.content_type):
        return Look(verdict=Verdict.PAGE_HTML, at=now, file=file, proof=proof)
    first = due.copy.file is None
    verdict = _verdict(due, file, known=not first or _is_ours(tools, due, file))
    return Look(verdict=verdict, at=now, file=file, is_first=first, proof=proof)


def _verdict(due: DueCopy, file: StoredFile, *, known: bool) -> Verdict:
    if due.copy.file not in (None, file):
        return Verdict.CHANGE
    return Verdict.CONFORME if known and not due.is_other else Verdict.AUTRE_FICHIER


def _is_ours(tools: Toolbox, due: DueCopy, file: StoredFile) -> bool:
    """Whether a file is the act as it was handed over or sent, or a copy that the service stamped.

    What was sent differs where the authority has its PDFs sealed.
    """
    return file == due.acte_file or file in _sent(tools, due) or file.sha256 in _stamped(tools, due)


def _sent(tools: Toolbox, due: DueCopy) -> list[StoredFile]:
    with tools.register() as unit:
        pieces = unit.acte(due.copy.acte_id).pieces
        sendings = unit.transmissions_about(due.copy.acte_id, ACTE)
    return [sent.parcel.sent_files(pieces)[0] for sent in sendings if sent.parcel]


def _stamped(tools: Toolbox, due: DueCopy) -> Iterator[str]:
    """Digests of the copies that people could have taken: before, and after, the mise en ligne."""
    source = tools.documents.path(due.acte_file)
    with tools.register() as unit:
        acte = unit.acte(due.copy.acte_id)
        sent = unit.current_transmission(due.copy.acte_id)
        owner = unit.authority(acte.collectivite_id).collectivite
    for online in (due.copy.date_mise_en_ligne, None):
        with tempfile.TemporaryFile() as target:
            try:
                tools.stamper.stamp(source, target, stamp_facts(owner, acte, sent, online))
            except TransmissionError:
                # What cannot be stamped has no stamped copy.
                return
            target.seek(0)
            yield hashlib.file_digest(target, "sha256").hexdigest()


def _silent(due: DueCopy, now: datetime, reason: str, proof: dict[str, Any]) -> Look:
    """Nobody answered: nothing is known, until it has lasted for so many looks."""
    tries = due.tries + 1
    verdict, detail = Verdict.INJOIGNABLE, reason
    if tries >= UNREACHABLE_MAX:
        verdict, detail = Verdict.ABSENT, f"{reason} ({tries} fois de suite)"
    return Look(verdict=verdict, at=now, detail=detail, proof=proof, tries=tries)


def _is_page(content_type: str | None) -> bool:
    return (content_type or "").partition(";")[0].strip().lower() in _PAGES


def _proof(answer: Answered) -> dict[str, Any]:
    said = {
        "adresse": answer.address,
        "adresse_finale": answer.final_address,
        "statut": answer.status,
        "type": answer.content_type,
        "date": answer.date,
        "certificat_sha256": answer.certificate_sha256,
    }
    return {name: value for name, value in said.items() if value is not None}
