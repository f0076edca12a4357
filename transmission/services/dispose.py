"""Let the files of an act go, once the archives have it or allow it; what proves stays.

The rows, the journal, messages, seals, time stamps, retours and their documents are never disposed
of. The certificate says which bytes went, on whose decision, and what still proves that they were.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from transmission.clock import civil_day
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.retention import Ground, retention_of
from transmission.domain.transmission import Author, StoredFile
from transmission.ports import UnitOfWork
from transmission.ports.archiving import NewDisposal, Transfer
from transmission.services.files import kept
from transmission.services.toolbox import Toolbox

DISPOSED = "files_disposed"
"""Event of the journal; its details hold the digest of the certificate."""

GRACE = timedelta(days=7)
"""How long a decision can still be looked at before the bytes go."""

BATCH = 200
"""Contents removed in one run."""


@dataclass(frozen=True, slots=True)
class Visa:
    """The archives' written consent to an elimination, as received."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Disposed:
    """What was decided: how many files go, on which day at the earliest, and its certificate."""

    files: int
    due_at: datetime
    certificate: StoredFile


def dispose(tools: Toolbox, acte_id: int, author: Author, visa: Visa | None = None) -> Disposed:
    """Decide that the files of an act leave the service, ``GRACE`` later.

    Allowed by a transfer that the archives accepted, or by their ``visa``, once nothing may be
    challenged any more and a year has passed (legal clock RT-1, RT-2); never while the act is on
    line. Raises RefusedError with every reason, NotFoundError, ConflictError.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        acte = unit.acte(acte_id)
        accepted = unit.accepted_transfer(acte_id)
        problems = [*_problems(tools, unit, acte_id, author, accepted, visa)]
        if problems:
            raise RefusedError(problems)
        contents = _contents(unit, acte_id)
        ground = Ground.VERSEMENT if accepted is not None else Ground.VISA
        consent = kept(tools, unit, visa.content)[0] if visa is not None else None
        said = _certificate(unit, acte_id, contents, ground, accepted, consent, author, now)
        (certificate,) = kept(tools, unit, said)
        new = NewDisposal(
            acte_id=acte_id,
            collectivite_id=acte.collectivite_id,
            ground=ground,
            reason=author.reason or "",
            transfer_id=accepted.id if accepted is not None else None,
            visa=consent,
            certificate=certificate,
            contents=contents,
            due_at=now + GRACE,
        )
        unit.add_disposal(new, author, now)
        details = {"sha256": certificate.sha256, "fichiers": len(contents), "motif": ground.code}
        unit.note(unit.current_transmission(acte_id), DISPOSED, author, now, details)
        unit.commit()
    return Disposed(len(contents), new.due_at, certificate)


def _problems(
    tools: Toolbox,
    unit: UnitOfWork,
    acte_id: int,
    author: Author,
    accepted: Transfer | None,
    visa: Visa | None,
) -> Iterator[Problem]:
    acte = unit.acte(acte_id)
    owner = unit.authority(acte.collectivite_id).collectivite
    today = civil_day(tools.clock.now(), owner.time_zone)
    cases = unit.legal_cases([acte_id])
    kept_until = retention_of(cases[0].read(today) if cases else None)
    if not kept_until.is_over(today):
        yield Problem("acte", "RT-2", kept_until.why, "Gardez ses fichiers jusque-là.")
    if accepted is None and visa is None:
        yield Problem(
            "visa",
            "RT-1",
            "Aucun versement de cet acte n'a été accepté par les archives, et aucun visa "
            "d'élimination n'est donné.",
            "Versez l'acte (« transmission archive export ») et enregistrez la réponse des "
            "archives, ou joignez leur visa.",
        )
    if unit.current_copy(acte_id) is not None:
        yield Problem(
            "publication",
            "PU-3",
            "L'acte est en ligne : le public doit pouvoir le lire.",
            "Retirez-le d'abord, avec un motif, ou gardez ses fichiers.",
        )
    if not author.reason:
        yield Problem("motif", "motif", "Il manque le motif.", "Dites pourquoi (--motif).")


def _contents(unit: UnitOfWork, acte_id: int) -> tuple[StoredFile, ...]:
    """The documents: received, sealed, in archives, stamped; each once, in a fixed order."""
    found = [piece.file for piece in unit.acte(acte_id).pieces]
    for sent in unit.transmissions_about(acte_id):
        pieces = unit.pieces_sent(sent)
        found += [piece.file for piece in pieces]
        if sent.parcel is not None:
            found += [sent.parcel.archive, *sent.parcel.sent_files(pieces)]
    found += unit.published_contents(acte_id)
    return tuple(
        {file.sha256: file for file in sorted(found, key=lambda each: each.sha256)}.values()
    )


def _certificate(
    unit: UnitOfWork,
    acte_id: int,
    contents: tuple[StoredFile, ...],
    ground: Ground,
    accepted: Transfer | None,
    visa: StoredFile | None,
    author: Author,
    now: datetime,
) -> bytes:
    """What attests the elimination: JSON in UTF-8, in French for a person too."""
    acte, sent = unit.acte(acte_id), unit.current_transmission(acte_id)
    said = {
        "version": 1,
        "titre": "Certificat d'élimination de fichiers",
        "siren": unit.authority(acte.collectivite_id).collectivite.siren,
        "id_acte": str(sent.id_acte),
        "date_decision": acte.date_decision.isoformat(),
        "date_reception": sent.date_reception.isoformat() if sent.date_reception else None,
        "decide_le": now.astimezone(UTC).isoformat(timespec="seconds"),
        "elimine_au_plus_tot": (now + GRACE).astimezone(UTC).isoformat(timespec="seconds"),
        "auteur": author.name,
        "motif": author.reason,
        "fondement": ground.label,
        "versement": accepted.identifier if accepted is not None else None,
        "visa_sha256": visa.sha256 if visa is not None else None,
        "fichiers": [{"sha256": each.sha256, "octets": each.size} for each in contents],
        "conserve": "Le registre, le journal, les messages, les sceaux, les horodatages, l'accusé "
        "de réception et les courriers de la préfecture restent dans le service.",
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def remove_disposed(tools: Toolbox) -> int:
    """Remove the contents whose time has come; how many went.

    Said before and after each: whoever was killed in the middle is taken up by the next run. What
    another act is made of stays.
    """
    gone = 0
    with tools.register() as unit:
        due = unit.contents_due(tools.clock.now(), BATCH)
    for file in due:
        with tools.register() as unit:
            alone = unit.begin_removal(file)
            unit.commit()
        if not alone:
            continue
        tools.documents.forget(file)
        with tools.register() as unit:
            unit.end_removal(file, tools.clock.now())
            unit.commit()
        gone += 1
    return gone
