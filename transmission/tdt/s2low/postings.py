"""Which script takes a message, and the form it wants: one request, whatever the message."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO

from transmission.domain.acte import Acte, DemandeClassification
from transmission.domain.courriers import (
    Annulation,
    ARDemandePieceComplementaire,
    ARLettreObservations,
)
from transmission.domain.errors import TransmissionError
from transmission.domain.messages import kind_of
from transmission.ports import Parcel, ParcelDocument
from transmission.tdt.multipart import FilePart, Multipart
from transmission.tdt.s2low import ENVELOPPE, wire
from transmission.tdt.s2low.questions import ACTES

_SUBMIT = ACTES + "actes_transac_submit.php"
_CREATE = ACTES + "actes_transac_create.php"
_CANCEL = ACTES + "actes_transac_cancel.php"
_REPLY = ACTES + "actes_transac_reponse_create.php"
_CLASSIFICATION_REQUEST = ACTES + "actes_classification_request.php"

_ARCHIVE_MIME = "application/gzip"
_SIGNATURE_MIME = "application/octet-stream"

_NO_SUCH_MODE = (
    "cette version du TdT ne connaît pas ce mode d'envoi : demandez à l'administrateur "
    "de choisir l'autre mode du compte (« champs » au lieu de « enveloppe »)"
)
_NO_SUCH_SCRIPT = (
    "cette version du TdT ne connaît pas cet appel : demandez à l'administrateur de vérifier "
    "l'adresse du compte"
)


class UnsendableError(TransmissionError):
    """This message cannot be given to an S²LOW platform; the text says why in French."""


@dataclass(frozen=True, slots=True)
class Posting:
    """A request to make once. ``reads`` finds the reference in its answer, ``absent`` says in
    French what it means that there is no such script, ``about`` the reference it concerns."""

    path: str
    form: Multipart
    reads: Callable[[bytes], str | wire.Refusal] = wire.created_reference
    absent: str = _NO_SUCH_SCRIPT
    about: str | None = None


def posting(parcel: Parcel, mode: str) -> Posting:
    """How to give a parcel to the platform. Raises UnsendableError.

    Acts go as the mode of the account says. Answers and cancellations go by the calls made for
    them in both modes: only those are tied to the letter, or to the act, that they are about.
    """
    match parcel.message:
        case Acte() as acte:
            return _act(parcel, acte, mode)
        case Annulation():
            return _cancellation(parcel)
        case ARDemandePieceComplementaire() | ARLettreObservations():
            raise UnsendableError(
                "le TdT envoie lui-même l'accusé de réception d'un courrier de la préfecture : il "
                "n'y a rien à envoyer"
            )
        case DemandeClassification():
            raise UnsendableError("une demande de classification ne s'envoie pas comme un acte")
        case _:
            return _reply(parcel)


def classification_request() -> Posting:
    """Ask for the classification; the platform says itself which one it holds (§4.7)."""
    return Posting(
        _CLASSIFICATION_REQUEST, Multipart("transmission-classification", [("api", b"1")])
    )


def _act(parcel: Parcel, acte: Acte, mode: str) -> Posting:
    if mode == ENVELOPPE:
        archive = FilePart(
            "enveloppe",
            parcel.archive_name,
            _ARCHIVE_MIME,
            parcel.archive_size,
            parcel.open_archive,
        )
        form = Multipart(parcel.archive_sha256, [("api", b"1")], [archive])
        return Posting(_SUBMIT, form, wire.submitted_reference, _NO_SUCH_MODE)
    fields = wire.create_fields(acte, _codes(parcel))
    form = Multipart(parcel.archive_sha256, fields, list(_files(parcel.documents)))
    return Posting(_CREATE, form, absent=_NO_SUCH_MODE)


def _cancellation(parcel: Parcel) -> Posting:
    acte = parcel.bearings.acte
    if acte is None:
        raise UnsendableError(
            "la référence de l'acte au TdT est inconnue : annulez sa transmission sur la plateforme"
        )
    form = Multipart(parcel.archive_sha256, wire.cancel_fields(acte))
    return Posting(_CANCEL, form, about=acte)


def _reply(parcel: Parcel) -> Posting:
    courrier = parcel.bearings.courrier
    if courrier is None:
        raise UnsendableError(
            "la référence du courrier au TdT est inconnue : répondez-y sur la plateforme"
        )
    fields = wire.reply_fields(kind_of(parcel.message).code or "", courrier, _codes(parcel))
    form = Multipart(parcel.archive_sha256, fields, list(_files(parcel.documents)))
    return Posting(_REPLY, form, about=courrier)


def _codes(parcel: Parcel) -> list[str]:
    return [document.code_type_pj for document in parcel.documents]


def _files(documents: tuple[ParcelDocument, ...]) -> Iterator[FilePart]:
    main, *others = documents
    yield _file("acte_pdf_file", main)
    if main.signature is not None:
        yield _signature("acte_pdf_file_sign", main.signature)
    yield from (_file("acte_attachments[]", other) for other in others)
    if any(other.signature is not None for other in others):
        # Matched by rank: one part for each annex, empty where there is no signature, as a
        # browser does for a file that was not chosen.
        yield from (_signature("acte_attachments_sign[]", each.signature) for each in others)


def _file(name: str, document: ParcelDocument) -> FilePart:
    return FilePart(name, document.nom_fichier, document.mime, document.size, document.open)


def _signature(name: str, pem: str | None) -> FilePart:
    content = (pem or "").encode("ascii")
    filename = "signature.p7s" if pem is not None else ""
    return FilePart(name, filename, _SIGNATURE_MIME, len(content), partial(BytesIO, content))
