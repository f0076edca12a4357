"""From a stored act to what a connector is given, and what follows when the TdT has it.

Shared by submission and reconciliation.
"""

from transmission.domain.acte import Acte, FichierSigne
from transmission.domain.collectivite import Collectivite
from transmission.domain.identifiers import IdActe, NomFichier
from transmission.domain.transmission import AdoptedActe, Piece, SealedParcel
from transmission.ports import Parcel, ParcelDocument, Step
from transmission.services.toolbox import Toolbox

_MIME = {
    "pdf": "application/pdf",
    "xml": "text/xml",
    "jpg": "image/jpeg",
    "png": "image/png",
}


def message_name(id_acte: IdActe) -> NomFichier:
    """Name of the business XML of an act."""
    return NomFichier.for_message(id_acte)


def document_name(id_acte: IdActe, piece: Piece) -> str:
    """Name of a piece in the archive."""
    return str(message_name(id_acte).document(piece.code_type_pj, piece.ordre, piece.extension))


def as_message(
    collectivite: Collectivite, acte: AdoptedActe, signatures: tuple[str | None, ...]
) -> Acte:
    """The act as message 1-1 says it; ``signatures`` follow the order of the pieces."""
    id_acte = acte.id_acte(collectivite.departement, collectivite.siren)
    fichiers = tuple(
        FichierSigne(document_name(id_acte, piece), signature)
        for piece, signature in zip(acte.pieces, signatures, strict=True)
    )
    return Acte(
        id_acte=id_acte,
        matiere=acte.matiere,
        objet=acte.objet,
        date_classification=acte.date_classification,
        document=fichiers[0],
        annexes=fichiers[1:],
        document_papier=acte.document_papier,
    )


def as_parcel(
    tools: Toolbox, collectivite: Collectivite, acte: AdoptedActe, sealed: SealedParcel
) -> Parcel:
    """The sealed parcel as a connector takes it; streams open on the stored bytes."""
    message = as_message(collectivite, acte, sealed.signatures)
    documents = tuple(
        ParcelDocument(
            nom_fichier=document_name(message.id_acte, piece),
            code_type_pj=piece.code_type_pj,
            mime=_MIME[piece.extension],
            size=piece.file.size,
            signature=signature,
            open=lambda file=piece.file: tools.documents.open(file),  # type: ignore[misc]
        )
        for piece, signature in zip(acte.pieces, sealed.signatures, strict=True)
    )
    return Parcel(
        acte=message,
        stem=message.id_acte.stem(),
        archive_name=sealed.archive_name,
        archive_size=sealed.archive.size,
        archive_sha256=sealed.archive.sha256,
        open_archive=lambda: tools.documents.open(sealed.archive),
        documents=documents,
    )


def awaiting_ar(tools: Toolbox, reference: str) -> Step:
    """What changes on a transmission once the TdT is known to have it, under its reference."""
    return Step(
        next_attempt_at=tools.delays.poll_at(tools.clock.now(), 0),
        waiting_for="l'accusé de réception de la préfecture",
        reference=reference,
        polls=0,
        failures=0,
    )
