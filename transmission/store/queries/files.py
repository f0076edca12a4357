"""The files of an act: only what belongs to it can be taken out through it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from transmission.domain.identifiers import NomFichier
from transmission.domain.transmission import StoredFile, Transmission
from transmission.store.queries.story import pieces_of_acte, transmissions_of_acte
from transmission.store.tables import attempt, transmission


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


def attempt_request(connection: Connection, acte_id: int, attempt_id: int) -> str | None:
    """What an attempt of that act asked of the TdT, as text without secrets; None if nothing."""
    request: str | None = connection.execute(
        select(attempt.c.request)
        .join(transmission)
        .where(transmission.c.acte_id == acte_id, attempt.c.id == attempt_id)
    ).scalar_one_or_none()
    return request


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
    yield from _answers(connection, acte_id)


def _sent(sent: Transmission) -> Iterator[OwnedFile]:
    if sent.parcel is None:
        return
    archive = sent.parcel.archive_name
    yield OwnedFile(sent.parcel.archive, archive, "tar.gz")
    if sent.id_acte is not None:
        yield OwnedFile(sent.parcel.message, str(NomFichier.for_message(sent.id_acte)), "xml")
    if sent.parcel.seal is not None:
        yield OwnedFile(sent.parcel.seal, f"{archive}.p7s", "p7s")


def _answers(connection: Connection, acte_id: int) -> Iterator[OwnedFile]:
    statement = (
        select(attempt)
        .join(transmission)
        .where(transmission.c.acte_id == acte_id, attempt.c.response_sha256.is_not(None))
    )
    for row in connection.execute(statement):
        file = StoredFile(row.response_sha256, row.response_size)
        yield OwnedFile(file, f"tentative-{row.number}-reponse.txt", "txt")
