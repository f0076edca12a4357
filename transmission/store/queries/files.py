"""The files of an act: only what belongs to it can be taken out through it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, union_all

from transmission.domain.identifiers import NomFichier
from transmission.domain.transmission import (
    RetourStatus,
    SealedDocument,
    StoredFile,
    Transmission,
)
from transmission.store.queries.letters import answer_pieces
from transmission.store.queries.story import (
    pieces_of_acte,
    time_stamps_of_acte,
    transmissions_of_acte,
)
from transmission.store.tables import attempt, retour, retour_piece, transmission

_OF_ACTE = tuple(
    status.code for status in (RetourStatus.APPLIED, RetourStatus.DUPLICATE, RetourStatus.ATTACHED)
)
_EXTENSIONS = ("pdf", "xml", "jpg", "jpeg", "png")


@dataclass(frozen=True, slots=True)
class OwnedFile:
    """A kept file of an act, with the name and the extension to give it when it leaves.

    ``name`` may be the sender's own: it is shown, and never becomes a path.
    """

    file: StoredFile
    name: str
    extension: str


def acte_file(connection: Connection, acte_id: int, sha256: str) -> OwnedFile | None:
    """The file of that digest if it belongs to that act, None otherwise."""
    return next(
        (owned for owned in _owned(connection, acte_id) if owned.file.sha256 == sha256), None
    )


def acte_files(connection: Connection, acte_id: int) -> tuple[OwnedFile, ...]:
    """Every file of an act, each content once."""
    found = {owned.file.sha256: owned for owned in reversed([*_owned(connection, acte_id)])}
    return tuple(reversed(found.values()))


def attempt_request(connection: Connection, acte_id: int, attempt_id: int) -> str | None:
    """What an attempt of that act asked of the TdT, as text without secrets; None if nothing."""
    request: str | None = connection.execute(
        select(attempt.c.request)
        .join(transmission)
        .where(transmission.c.acte_id == acte_id, attempt.c.id == attempt_id)
    ).scalar_one_or_none()
    return request


def message_name(sent: Transmission) -> str:
    """Name of the business XML of a sending (ACTES protocol §3.4)."""
    return str(NomFichier.for_message(sent.id_acte, sent.message))


def extension_of(nom_fichier: str) -> str:
    """The extension to give to a document of the State, which nobody examined: one that it claims
    and that opens harmlessly, ``bin`` otherwise."""
    named = nom_fichier.lower()
    return next((known for known in _EXTENSIONS if named.endswith(f".{known}")), "bin")


def sent_signature(
    connection: Connection, acte_id: int, transmission_id: int, ordre: int
) -> str | None:
    """The detached signature (PEM) sent with a piece (1 is the act) of that act, or None."""
    for sent in transmissions_of_acte(connection, acte_id):
        if sent.id == transmission_id and sent.parcel is not None:
            return dict(enumerate(sent.parcel.signatures, start=1)).get(ordre)
    return None


def _owned(connection: Connection, acte_id: int) -> Iterator[OwnedFile]:
    for piece in pieces_of_acte(connection, acte_id):
        yield OwnedFile(piece.file, piece.nom_original, piece.extension)
    for sent in transmissions_of_acte(connection, acte_id):
        yield from _sent(sent)
    for pieces in answer_pieces(connection, acte_id).values():
        for piece in pieces:
            yield OwnedFile(piece.file, piece.nom_original, piece.extension)
    yield from _tdt_answers(connection, acte_id)
    yield from _of_the_state(connection, acte_id)
    for stamp in time_stamps_of_acte(connection, acte_id):
        if stamp.obtained is not None:
            name = f"horodatage-{stamp.kind.code}-{stamp.subject_id}.tsr"
            yield OwnedFile(stamp.obtained.token, name, "tsr")


def _sent(sent: Transmission) -> Iterator[OwnedFile]:
    if sent.parcel is None:
        return
    archive = sent.parcel.archive_name
    yield OwnedFile(sent.parcel.archive, archive, "tar.gz")
    yield OwnedFile(sent.parcel.message, message_name(sent), "xml")
    yield from _sealed_copies(sent.parcel.documents, archive)
    if sent.parcel.seal is not None:
        extension = sent.parcel.seal_extension
        yield OwnedFile(sent.parcel.seal, f"{archive}.{extension}", extension)


def _sealed_copies(documents: Sequence[SealedDocument | None], archive: str) -> Iterator[OwnedFile]:
    for rank, document in enumerate(documents, start=1):
        if document is not None and document.file is not None:
            yield OwnedFile(document.file, f"{archive}-document-{rank}.pdf", "pdf")


def _tdt_answers(connection: Connection, acte_id: int) -> Iterator[OwnedFile]:
    statement = (
        select(attempt)
        .join(transmission)
        .where(transmission.c.acte_id == acte_id, attempt.c.response_sha256.is_not(None))
    )
    for row in connection.execute(statement):
        file = StoredFile(row.response_sha256, row.response_size)
        yield OwnedFile(file, f"tentative-{row.number}-reponse.txt", "txt")


def _of_the_state(connection: Connection, acte_id: int) -> Iterator[OwnedFile]:
    """Messages that a person or the service found to be of that act, and their documents."""
    is_of_acte = (retour.c.acte_id == acte_id, retour.c.status.in_(_OF_ACTE))
    messages = select(retour.c.nom_fichier, retour.c.sha256, retour.c.size).where(
        *is_of_acte, retour.c.nom_fichier.is_not(None)
    )
    documents = (
        select(retour_piece.c.nom_fichier, retour_piece.c.sha256, retour_piece.c.size)
        .join(retour)
        .where(*is_of_acte)
    )
    for row in connection.execute(union_all(messages, documents)):
        file = StoredFile(row.sha256, row.size)
        yield OwnedFile(file, row.nom_fichier, extension_of(row.nom_fichier))
