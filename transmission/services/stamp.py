"""The stamped act: a copy that says when and through whom the préfecture received it."""

from typing import BinaryIO

from transmission.domain.errors import TransmissionError
from transmission.domain.lifecycle import State
from transmission.domain.transmission import StoredFile, Transmission
from transmission.ports import StampFacts, UnitOfWork
from transmission.services.toolbox import Toolbox


class NotStampableError(TransmissionError):
    """There is nothing true to print yet, or nothing to print it on."""


def stamp(tools: Toolbox, acte_id: int, target: BinaryIO) -> None:
    """Write the stamped copy of an act's PDF into ``target``.

    Never before the AR, whose date is printed, nor while an anomaly contradicts it, nor once the
    transmission is cancelled. Raises
    NotStampableError, NotFoundError, DamagedDocumentError, PdfError.
    """
    with tools.register() as unit:
        transmission = unit.current_transmission(acte_id)
        source, facts = _facts(unit, acte_id, transmission)
    tools.stamper.stamp(tools.documents.path(source), target, facts)


def received(tools: Toolbox, acte_id: int) -> StoredFile:
    """The AR of an act, exactly as received. Raises NotStampableError before it came."""
    with tools.register() as unit:
        file = unit.accuse_reception(unit.current_transmission(acte_id).id)
    if file is None:
        raise NotStampableError("L'accusé de réception de cet acte n'est pas encore arrivé.")
    return file


def _facts(
    unit: UnitOfWork, acte_id: int, transmission: Transmission
) -> tuple[StoredFile, StampFacts]:
    acte = unit.acte(acte_id)
    collectivite = unit.authority(acte.collectivite_id).collectivite
    if transmission.date_reception is None or transmission.id_acte is None:
        raise NotStampableError(
            f"L'acte {acte.numero_interne} ne peut pas être tamponné : son accusé de réception "
            f"n'est pas encore arrivé (état : {transmission.state.label})."
        )
    if transmission.state in (State.HELD, State.REJECTED):
        raise NotStampableError(
            f"L'acte {acte.numero_interne} ne peut pas être tamponné : une anomalie contredit son "
            f"accusé de réception (état : {transmission.state.label})."
        )
    if transmission.state is State.CANCELLED:
        raise NotStampableError(
            f"L'acte {acte.numero_interne} ne peut pas être tamponné : sa transmission a été "
            "annulée."
        )
    document = acte.pieces[0]
    if document.extension != "pdf":
        raise NotStampableError(
            f"L'acte {acte.numero_interne} est un fichier {document.extension} : seul un PDF se "
            "tamponne."
        )
    facts = StampFacts(
        transmission.date_reception,
        collectivite.tdt.nom,
        transmission.id_acte.printed(document.code_type_pj),
        unit.publication(acte_id),
        collectivite.stamp_corner,
    )
    return document.file, facts
