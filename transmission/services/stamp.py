"""The stamped act: a copy that says when and through whom the préfecture received it."""

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import Problem, TransmissionError
from transmission.domain.lifecycle import State
from transmission.domain.transmission import AdoptedActe, StoredFile, Transmission
from transmission.ports import StampFacts
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
        sent, acte = unit.current_transmission(acte_id), unit.acte(acte_id)
        owner = unit.authority(acte.collectivite_id).collectivite
        facts = stamp_facts(owner, acte, sent, unit.publication(acte_id))
    tools.stamper.stamp(tools.documents.path(acte.pieces[0].file), target, facts)


def received(tools: Toolbox, acte_id: int) -> StoredFile:
    """The AR of an act, exactly as received. Raises NotStampableError before it came."""
    with tools.register() as unit:
        file = unit.accuse_reception(unit.current_transmission(acte_id).id)
    if file is None:
        raise NotStampableError("L'accusé de réception de cet acte n'est pas encore arrivé.")
    return file


def stamp_facts(
    owner: Collectivite, acte: AdoptedActe, sent: Transmission, online: date | None
) -> StampFacts:
    """What is printed on an act; ``online`` is its civil date of mise en ligne, if it has one.

    Raises NotStampableError, with every reason.
    """
    problems = reasons_not_to_stamp(acte, sent)
    if problems or sent.date_reception is None:
        reasons = " ".join(problem.message for problem in problems)
        raise NotStampableError(
            f"L'acte {acte.numero_interne} ne peut pas être tamponné : {reasons}"
        )
    printed = sent.id_acte.printed(acte.pieces[0].code_type_pj)
    return StampFacts(sent.date_reception, owner.tdt.nom, printed, online, owner.stamp_corner)


def reasons_not_to_stamp(acte: AdoptedActe, sent: Transmission) -> list[Problem]:
    """Everything that forbids a stamped copy of an act; ``sent`` is its last sending."""
    return [*_of_reception(sent), *_of_document(acte)]


def _of_reception(sent: Transmission) -> Iterator[Problem]:
    state = f"(état : {sent.state.label})"
    if sent.state is State.CANCELLED:
        yield Problem(
            "transmission",
            "tampon",
            f"sa transmission a été annulée {state}.",
            "Renvoyez l'acte avec « transmission resend », s'il doit avoir force.",
        )
    elif sent.date_reception is None:
        yield Problem(
            "accuse_reception",
            "tampon",
            f"son accusé de réception n'est pas encore arrivé {state}.",
            "Attendez-le.",
        )
    elif sent.state in (State.HELD, State.REJECTED):
        yield Problem(
            "accuse_reception",
            "tampon",
            f"une anomalie contredit son accusé de réception {state}.",
            "Demandez à la préfecture ce qu'elle a reçu, puis décidez.",
        )


def _of_document(acte: AdoptedActe) -> Iterator[Problem]:
    extension = acte.pieces[0].extension
    if extension != "pdf":
        yield Problem(
            "document",
            "tampon",
            f"c'est un fichier {extension}, et seul un PDF se tamponne.",
            "Donnez au public une autre copie, par son adresse.",
        )
