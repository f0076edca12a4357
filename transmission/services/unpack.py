"""Take the messages out of what came in one piece: an archive of the TdT, or a mail."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from transmission.actes.arrival import Arrival, ArrivedMessage, read_arrival
from transmission.actes.container import unpack as opened
from transmission.domain.transmission import KeptPiece, RetourStatus, StoredFile, StoredRetour
from transmission.ports import Arrived, UnitOfWork
from transmission.services.matching import QuarantineError
from transmission.services.toolbox import Toolbox


def unpack(tools: Toolbox, unit: UnitOfWork, retour: StoredRetour) -> None:
    """Keep every message of a container as a retour of its own, with its documents.

    A message or a document that is announced and missing leaves the container on the operators'
    desk, and the others go on. Raises UnreadableRetourError, QuarantineError when nothing of it is
    for the authority.
    """
    with tempfile.TemporaryDirectory(prefix="retour-") as folder:
        files = opened(tools.documents.path(retour.file), Path(folder))
        arrival = read_arrival(files.files)
        _require_destinataire(unit, retour, arrival)
        for message in arrival.messages:
            if message.nom_fichier in files.files:
                _keep(tools, unit, retour, message, files.files)
    missing = _missing(arrival, files.files)
    unit.settle_retour(
        retour.id,
        RetourStatus.QUARANTINED if missing else RetourStatus.APPLIED,
        "enveloppe de l'État",
        reason=" ".join(missing) or None,
        notes=(*files.notes, *arrival.notes),
    )


def _missing(arrival: Arrival, given: Mapping[str, Path]) -> list[str]:
    messages = [each.problem or "" for each in arrival.messages if each.nom_fichier not in given]
    documents = [
        f"« {name} », que « {each.nom_fichier} » nomme, n'est pas parmi les fichiers reçus."
        for each in arrival.messages
        for name in each.missing
    ]
    return messages + documents


def _require_destinataire(unit: UnitOfWork, retour: StoredRetour, arrival: Arrival) -> None:
    siren = unit.authority(retour.collectivite_id).collectivite.siren
    if arrival.enveloppe is not None and arrival.enveloppe.destinataire != siren:
        raise QuarantineError(
            f"Cette enveloppe est destinée au SIREN {arrival.enveloppe.destinataire}, et non à "
            f"{siren} : rien n'en a été pris. Voyez pourquoi elle est arrivée ici."
        )


def _keep(
    tools: Toolbox,
    unit: UnitOfWork,
    retour: StoredRetour,
    message: ArrivedMessage,
    files: Mapping[str, Path],
) -> None:
    pieces = tuple(KeptPiece(name, _stored(tools, files[name])) for name in message.documents)
    retour_id = unit.add_retour(
        Arrived(
            collectivite_id=retour.collectivite_id,
            file=_stored(tools, files[message.nom_fichier]),
            source=f"retour:{retour.id}:{message.nom_fichier}",
            at=retour.received_at,
            parent_id=retour.id,
            nom_fichier=message.nom_fichier,
            reference=retour.reference,
            pieces=pieces,
        )
    )
    if retour_id is not None:
        unit.ring("apply", retour_id)


def _stored(tools: Toolbox, path: Path) -> StoredFile:
    with path.open("rb") as stream:
        return tools.documents.put(stream)
