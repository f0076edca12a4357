"""From a stored transmission to what a connector is given, and what follows when the TdT has it.

Shared by preparation, submission and reconciliation, whatever the message.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from transmission.actes.retours import read_retour
from transmission.domain.acte import Acte, FichierSigne
from transmission.domain.collectivite import Collectivite
from transmission.domain.courriers import Annulation, CourrierEnvoye
from transmission.domain.errors import TransmissionError
from transmission.domain.identifiers import NomFichier
from transmission.domain.lifecycle import Event
from transmission.domain.messages import ACKNOWLEDGED_BY, ACTE, ANNULATION
from transmission.domain.transmission import (
    SERVICE,
    AdoptedActe,
    Piece,
    SealedParcel,
    Transmission,
)
from transmission.ports import Bearings, Parcel, ParcelDocument, Step, UnitOfWork
from transmission.services.toolbox import Toolbox

_MIME = {
    "pdf": "application/pdf",
    "xml": "text/xml",
    "jpg": "image/jpeg",
    "png": "image/png",
}

_AWAITED = {
    ACTE: "l'accusé de réception de la préfecture",
    ANNULATION: "l'accusé d'annulation de la préfecture",
}

# The answer is made from the letter, whose date it repeats (ACTES protocol §7.2).
_ANSWERS: dict[str, Callable[[Any, Sequence[FichierSigne]], CourrierEnvoye]] = {
    "2-2": lambda letter, files: letter.reponse(files[0]),
    "3-2": lambda letter, files: letter.accuse(),  # noqa: ARG005
    "3-3": lambda letter, files: letter.refus(files[0]),
    "3-4": lambda letter, files: letter.pieces(tuple(files)),
    "4-2": lambda letter, files: letter.accuse(),  # noqa: ARG005
    "4-3": lambda letter, files: letter.rejet(files[0]),
    "4-4": lambda letter, files: letter.reponse(files[0]),
}


class UnansweredLetterError(TransmissionError):
    """The letter that a message answers is not the one that the register says."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that a transmission is made of, and whose it is.

    ``letter`` is what it answers, read from its bytes.
    """

    sender: Collectivite
    transmission: Transmission
    acte: AdoptedActe
    pieces: tuple[Piece, ...]
    letter: Any = None

    @property
    def name(self) -> NomFichier:
        """Name of the business XML."""
        return NomFichier.for_message(self.transmission.id_acte, self.transmission.message)

    def document_name(self, piece: Piece) -> str:
        """Name of a piece in the archive."""
        return str(self.name.document(piece.code_type_pj, piece.ordre, piece.extension))

    def message(self, signatures: Sequence[str | None]) -> Acte | CourrierEnvoye:
        """The message as the protocol says it; ``signatures`` follow the order of the pieces."""
        files = tuple(
            FichierSigne(self.document_name(piece), signature)
            for piece, signature in zip(self.pieces, signatures, strict=True)
        )
        code = self.transmission.message
        if code == ACTE:
            return self._acte(files)
        if code == ANNULATION:
            return Annulation(self.transmission.id_acte)
        try:
            # Under the identifier of the act, as in the names of its files, however it was written.
            letter = replace(self.letter, id_acte=self.transmission.id_acte)
            return _ANSWERS[code](letter, files)
        except (AttributeError, TypeError) as error:
            raise UnansweredLetterError(
                f"Le courrier n'appelle pas de message {code}. Signalez-le à l'assistance."
            ) from error

    def _acte(self, files: tuple[FichierSigne, ...]) -> Acte:
        return Acte(
            id_acte=self.transmission.id_acte,
            matiere=self.acte.matiere,
            objet=self.acte.objet,
            date_classification=self.transmission.date_classification
            or self.acte.date_classification,
            document=files[0],
            annexes=files[1:],
            document_papier=self.acte.document_papier,
        )


def content_of(tools: Toolbox, unit: UnitOfWork, transmission: Transmission) -> Content:
    """What a transmission is made of. Raises UnreadableRetourError, DamagedDocumentError."""
    sender = unit.authority(transmission.collectivite_id).collectivite
    letter = None
    if transmission.courrier_id is not None:
        raw = tools.documents.read(unit.courrier(transmission.courrier_id).file)
        letter = read_retour(raw).retour
    acte = unit.acte(transmission.acte_id)
    pieces = acte.pieces if transmission.message == ACTE else unit.pieces_sent(transmission)
    return Content(sender, transmission, acte, pieces, letter)


def as_parcel(tools: Toolbox, unit: UnitOfWork, content: Content, sealed: SealedParcel) -> Parcel:
    """The sealed parcel as a connector takes it; streams open on the stored bytes."""
    documents = tuple(
        ParcelDocument(
            nom_fichier=content.document_name(piece),
            code_type_pj=piece.code_type_pj,
            mime=_MIME[piece.extension],
            size=file.size,
            signature=signature,
            open=lambda file=file: tools.documents.open(file),  # type: ignore[misc]
        )
        for piece, file, signature in zip(
            content.pieces, sealed.sent_files(content.pieces), sealed.signatures, strict=True
        )
    )
    return Parcel(
        message=content.message(sealed.signatures),
        stem=content.transmission.id_acte.stem(content.transmission.message),
        archive_name=sealed.archive_name,
        archive_size=sealed.archive.size,
        archive_sha256=sealed.archive.sha256,
        open_archive=lambda: tools.documents.open(sealed.archive),
        documents=documents,
        bearings=_bearings(unit, content.transmission),
    )


def _bearings(unit: UnitOfWork, transmission: Transmission) -> Bearings:
    # An act speaks of nothing that the TdT already has.
    return Bearings() if transmission.message == ACTE else unit.bearings(transmission)


def taken(
    tools: Toolbox,
    unit: UnitOfWork,
    transmission: Transmission,
    event: Event,
    reference: str,
    details: dict[str, Any],
) -> Transmission:
    """Write that the TdT has a transmission, under its reference, and what is awaited now.

    A message that the State does not acknowledge is over as soon as it is handed over. Raises
    TransitionError, StaleError.
    """
    sender = unit.authority(transmission.collectivite_id).collectivite
    step = taken_step(tools, sender, transmission, reference)
    moved = unit.move(transmission, event, SERVICE, tools.clock.now(), step, details)
    return delivered_if_over(tools, unit, sender, moved)


def taken_step(
    tools: Toolbox, sender: Collectivite, transmission: Transmission, reference: str
) -> Step:
    """What changes when the TdT has a transmission: what is awaited, and when it is looked for."""
    now, has_status = tools.clock.now(), tools.tdts.capabilities(sender.tdt).has_status
    due = tools.delays.poll_at(now, 0) if has_status else None
    return Step(due, awaited(transmission), reference=reference, polls=0, failures=0)


def delivered_if_over(
    tools: Toolbox, unit: UnitOfWork, sender: Collectivite, taken: Transmission
) -> Transmission:
    """The same, ended when nobody will ever say more of it."""
    if tools.tdts.capabilities(sender.tdt).has_status or taken.message in ACKNOWLEDGED_BY:
        return taken
    return delivered(tools, unit, taken)


def delivered(tools: Toolbox, unit: UnitOfWork, transmission: Transmission) -> Transmission:
    """Write that the State has a message which it does not acknowledge."""
    return unit.move(transmission, Event.DELIVERED, SERVICE, tools.clock.now())


def awaited(transmission: Transmission) -> str:
    """French words for what a sent transmission waits for."""
    if transmission.message not in ACKNOWLEDGED_BY:
        return "que le TdT la remette à l'État"
    return _AWAITED.get(transmission.message, "l'accusé de réception de la réponse")
