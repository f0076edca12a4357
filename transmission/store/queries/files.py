"""The files of an act: only what belongs to it can be taken out through it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from transmission.domain.identifiers import NomFichier
from transmission.domain.transmission import StoredFile, Transmission
from transmission.store.queries.story import transmissions_of_acte
from transmission.store.tables import attempt, piece, transmission

@dataclass(frozen=True, slots=True)
class OwnedFile:
    """A kept file of an act, with the name and the extension to give it when it leaves."""

    file: StoredFile
    name: str
    extension: str


def acte_file(connection: Connection, acte_id: int, sha256: str) -> OwnedFile | None:
    """The file of that digest if it belongs to that act, None otherwise."""
    owned = [
        *_piece_files(connection, acte_id),
        *_parcel_files(_transmissions(connection, acte_id)),
        *_response_files(connection, acte_id),
    ]
    return next((found for found in owned if found.file.sha256 == sha256), None)


def attempt_request(connection: Connection, acte_id: int, attempt_id: int) -> str | None:
    """What was asked of the TdT by an attempt of that act, as text without secrets."""
    request: str | None = connection.execute(
        select(attempt.c.request)
        .join(transmission)
        .where(transmission.c.acte_id == acte_id, attempt.c.id == attempt_id)
    ).scalar_one_or_none()
    return request


def sent_signature(
    connection: Connection, acte_id: int, transmission_id: int, ordre: int
) -> str | None:
    """The detached signature (PEM) sent with a piece (1 is the act) of that act."""
    sent = _transmissions(connection, acte_id)
    parcel = next((found.parcel for found in sent if found.id == transmission_id), None)
    if parcel is None or not 1 <= ordre <= len(parcel.signatures):
        return None
    return parcel.signatures[ordre - 1]


def _piece_files(connection: Connection, acte_id: int) -> Iterable[OwnedFile]:
    rows = connection.execute(
        select(piece).where(piece.c.acte_id == acte_id).order_by(piece.c.ordre)
    )
    for row in rows:
        yield OwnedFile(StoredFile(row.sha256, row.size), row.nom_original, row.extension)


def _parcel_files(transmissions: Iterable[Transmission]) -> Iterable[OwnedFile]:
    for sent in transmissions:
        if sent.parcel is None:
            continue
        archive = sent.parcel.archive_name
        yield OwnedFile(sent.parcel.archive, archive, "tar.gz")
        if sent.id_acte is not None:
            name = str(NomFichier.for_message(sent.id_acte))
            yield OwnedFile(sent.parcel.message, name, "xml")
        if sent.parcel.seal is not None:
            yield OwnedFile(sent.parcel.seal, f"{archive}.p7s", "p7s")


def _response_files(connection: Connection, acte_id: int) -> Iterable[OwnedFile]:
    rows = connection.execute(
        select(attempt)
        .join(transmission)
        .where(transmission.c.acte_id == acte_id, attempt.c.response_sha256.is_not(None))
    )
    for row in rows:
        file = StoredFile(row.response_sha256, row.response_size)
        yield OwnedFile(file, f"tentative-{row.number}-reponse.txt", "txt")
