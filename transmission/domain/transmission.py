"""The records that the service keeps: an act taken in charge, its transmissions, its retours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from transmission.domain.acte import Matiere
from transmission.domain.coded import Coded
from transmission.domain.identifiers import IdActe, NatureActe, NomEnveloppe, NumeroInterne
from transmission.domain.lifecycle import State


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Content kept by digest: ``sha256`` in lower-case hexadecimal, ``size`` in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of an act, in the order given: 1 is the act itself, annexes follow.

    ``extension`` comes from the content, ``nom_original`` from the sender and is only shown.
    """

    ordre: int
    nom_original: str
    code_type_pj: str
    extension: str
    file: StoredFile


@dataclass(frozen=True, slots=True)
class AdoptedActe:
    """An act as taken in charge. ``fingerprint`` is the digest of all that the caller gave."""

    collectivite_id: int
    numero_interne: NumeroInterne
    date_decision: date
    nature: NatureActe
    matiere: Matiere
    objet: str
    date_classification: date
    document_papier: bool
    pieces: tuple[Piece, ...]
    fingerprint: str

    def id_acte(self, departement: str, siren: str) -> IdActe:
        """The identifier which this act will bear on the wire (ACTES protocol §4.1)."""
        return IdActe(departement, siren, self.date_decision, self.numero_interne, self.nature)


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """What became of a PDF that its authority wants sealed.

    ``file`` is the sealed copy, sent instead of the piece; None when the piece is sent as received.
    ``level`` is the one reached, ``B-B`` or ``B-T``; ``reason`` says in French, without a final
    stop, why it is not the one wanted.
    """

    file: StoredFile | None
    level: str | None
    reason: str | None


def sent_files(
    pieces: Sequence[Piece], documents: Sequence[SealedDocument | None]
) -> tuple[StoredFile, ...]:
    """What is sent of pieces: the sealed copy where there is one, else what was received."""
    return tuple(
        sealed.file if sealed is not None and sealed.file is not None else piece.file
        for piece, sealed in zip(pieces, documents or (None,) * len(pieces), strict=True)
    )


@dataclass(frozen=True, slots=True)
class SealedParcel:
    """What preparation made of an act: names, exact bytes to send, detached seal.

    ``signatures`` follow the order of the pieces, and so do ``documents``, which is empty when
    nothing was to be sealed and holds None for a piece that is no PDF. ``seal_format`` is
    ``cades`` or ``xades``; a XAdES refers to the archive by its name.
    """

    enveloppe: NomEnveloppe
    archive_name: str
    archive: StoredFile
    message: StoredFile
    seal: StoredFile | None
    signatures: tuple[str | None, ...]
    documents: tuple[SealedDocument | None, ...] = ()
    seal_format: str = "cades"

    @property
    def seal_extension(self) -> str:
        """How the name of the file of the seal ends."""
        return "xml" if self.seal_format == "xades" else "p7s"

    def sent_files(self, pieces: Sequence[Piece]) -> tuple[StoredFile, ...]:
        """The very files in the archive, for the pieces that it was made of, in their order."""
        return sent_files(pieces, self.documents)


@dataclass(frozen=True, slots=True)
class Transmission:
    """One sending about an act and where it stands: the act itself, an answer, a cancellation.

    ``message`` is its code (ACTES protocol §2.2) and ``courrier_id`` the letter that it answers or
    acknowledges. ``id_acte`` is the identifier that it bears on the wire, ``date_classification``
    the version that an act was sent with. Instants are aware UTC. ``date_reception`` is the civil
    date read from the AR and from nowhere else. ``attempts`` numbers the submissions and fences
    out late writers; ``polls`` and ``failures`` count the looks at the TdT and the faults in a
    row; ``claims``, the times in a row that it was taken to be prepared or sent and nothing was
    heard of it again.
    """

    id: int
    acte_id: int
    collectivite_id: int
    message: str
    courrier_id: int | None
    state: State
    state_since: datetime
    attempts: int
    polls: int
    failures: int
    claims: int
    next_attempt_at: datetime | None
    waiting_for: str | None
    parcel: SealedParcel | None
    reference: str | None
    id_acte: IdActe
    date_classification: date | None
    fingerprint: str | None
    date_reception: date | None


class RetourStatus(Coded):
    """What became of a retour: code stored, label shown."""

    STORED = ("stored", "À lire")
    APPLIED = ("applied", "Prise en compte")
    DUPLICATE = ("duplicate", "Déjà reçue")
    QUARANTINED = ("quarantined", "En quarantaine")
    ATTACHED = ("attached", "Rattachée à la main")
    SET_ASIDE = ("set_aside", "Classée sans suite")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class KeptPiece:
    """A document that came with a message of the State, under the name that the message gives."""

    nom_fichier: str
    file: StoredFile


@dataclass(frozen=True, slots=True)
class StoredRetour:
    """Bytes that came from outside, kept before anyone read them.

    ``transmission_id`` is the one whose reference was asked when they came, not yet a match.
    ``container`` marks an archive or a mail; ``nom_fichier`` is the name of a message taken out
    of one, ``reference`` what the TdT calls it.
    """

    id: int
    collectivite_id: int
    transmission_id: int | None
    file: StoredFile
    status: RetourStatus
    container: bool
    nom_fichier: str | None
    reference: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class KeptCourrier:
    """A letter of the préfecture under its act; it opens a thread.

    ``message`` is its code (2-1, 3-1, 4-1, 5-1), ``date_courrier`` the civil date that the letter
    bears (that of the deposit for a déféré), ``texte`` what it asks or says, ``file`` its message
    as received.
    """

    id: int
    acte_id: int
    collectivite_id: int
    message: str
    date_courrier: date
    texte: str
    reference: str | None
    received_at: datetime
    retour_id: int
    file: StoredFile


@dataclass(frozen=True, slots=True)
class Author:
    """Who did it: a person or a part of the service, and why when a person decides."""

    name: str
    reason: str | None = None


SERVICE = Author("service")
