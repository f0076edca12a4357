"""Rows to records and back: the one place that knows how records are laid out in columns."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from transmission.domain.acte import Matiere
from transmission.domain.collectivite import (
    Calendrier,
    Collectivite,
    LegalOptions,
    Mailbox,
    Referent,
    SigningKey,
    TdtAccount,
    TransmissionWindow,
)
from transmission.domain.identifiers import (
    Departement,
    IdActe,
    NatureActe,
    NomEnveloppe,
    NumeroInterne,
    Siren,
)
from transmission.domain.legal.options import SECTIONS, dump_options, read_options
from transmission.domain.lifecycle import State
from transmission.domain.transmission import (
    AdoptedActe,
    Piece,
    SealedDocument,
    SealedParcel,
    StoredFile,
    Transmission,
)

# Left out too: settings that are younger than the table.
_LATER = {
    "seals_pdf": "non",
    "signature_exigee": False,
    "signing_keys": (),
    "seal_format": "cades",
}
_IN_HARDWARE = ("module_file", "token", "key_label", "key_id", "pin_file")
_NATURES = {nature.code: nature for nature in NatureActe}


def nature_of(code: int) -> NatureActe:
    """The nature stored under its schema code."""
    return _NATURES[code]


def dump_collectivite(collectivite: Collectivite) -> dict[str, Any]:
    """Settings of an authority as JSON, its SIREN aside."""
    settings = asdict(collectivite)
    del settings["siren"]
    settings["calendrier"] = collectivite.calendrier.value
    del settings["droit"]
    # Left out while nobody chose anything: a process of an older version knows no such name.
    if collectivite.droit != LegalOptions():
        settings |= dump_options(collectivite.droit)
    if not settings["tdt"]["pins"]:
        del settings["tdt"]["pins"]
    for name, usual in _LATER.items():
        if settings[name] == usual:
            del settings[name]
    if settings["signing_key"] is not None:
        settings["signing_key"] = _dump_key(settings["signing_key"])
    return settings


def _dump_key(key: dict[str, Any]) -> dict[str, Any]:
    # As above: a key in files is written as it was before there were keys in hardware.
    return {name: key[name] for name in key if name not in _IN_HARDWARE or key[name] is not None}


def load_collectivite(siren: str, settings: dict[str, Any]) -> Collectivite:
    """The reverse of :func:`dump_collectivite`."""
    key = settings["signing_key"]
    own = {name: value for name, value in settings.items() if name not in SECTIONS}
    nested = {
        "departement": Departement(settings["departement"]),
        "adresses_retour": tuple(settings["adresses_retour"]),
        "tdt": _load_account(settings["tdt"]),
        "referent": Referent(**settings["referent"]),
        "calendrier": Calendrier(settings["calendrier"]),
        "signing_key": SigningKey(**key) if key else None,
        "signing_keys": tuple(SigningKey(**each) for each in settings.get("signing_keys", ())),
        "droit": _load_options(settings),
    }
    return Collectivite(siren=Siren(siren), **{**own, **nested})


def _load_options(settings: dict[str, Any]) -> LegalOptions:
    # What a later version of the program wrote here, and this one does not know, is left aside.
    options, _ = read_options({name: settings[name] for name in SECTIONS if name in settings})
    return options


def _load_account(account: dict[str, Any]) -> TdtAccount:
    # Both are absent from settings written before there was a direct route.
    mailbox = account.get("mailbox")
    windows = account.get("windows", ())
    nested = {
        "mailbox": Mailbox(**mailbox) if mailbox else None,
        "windows": tuple(TransmissionWindow(**window) for window in windows),
        "pins": tuple(account.get("pins", ())),
    }
    return TdtAccount(**{**account, **nested})


def load_acte(row: Any, pieces: tuple[Piece, ...]) -> AdoptedActe:
    """An act from its row and its pieces in order."""
    return AdoptedActe(
        collectivite_id=row.collectivite_id,
        numero_interne=NumeroInterne(row.numero_interne),
        date_decision=row.date_decision,
        nature=nature_of(row.nature),
        matiere=Matiere.parse(row.matiere),
        objet=row.objet,
        date_classification=row.date_classification,
        document_papier=row.document_papier,
        pieces=pieces,
        fingerprint=row.fingerprint,
    )


def dump_piece(piece: Piece) -> dict[str, Any]:
    """The reverse of :func:`load_piece`."""
    return {
        "ordre": piece.ordre,
        "nom_original": piece.nom_original,
        "code_type_pj": piece.code_type_pj,
        "extension": piece.extension,
        "sha256": piece.file.sha256,
        "size": piece.file.size,
    }


PIECE = ("ordre", "nom_original", "code_type_pj", "extension", "sha256", "size")
"""Columns of a piece, in the order in which :func:`load_pieces` takes their values."""


def load_pieces(arrays: Sequence[Sequence[Any]]) -> tuple[Piece, ...]:
    """Pieces from arrays of the values of their columns."""
    return tuple(
        Piece(ordre, nom, code, extension, StoredFile(sha256, size))
        for ordre, nom, code, extension, sha256, size in arrays
    )


def load_piece(row: Row[Any]) -> Piece:
    """A piece from its row."""
    return Piece(
        row.ordre,
        row.nom_original,
        row.code_type_pj,
        row.extension,
        StoredFile(row.sha256, row.size),
    )


def dump_parcel(parcel: SealedParcel) -> dict[str, Any]:
    """A sealed parcel as JSON."""
    return {
        "archive": asdict(parcel.archive),
        "message": asdict(parcel.message),
        "seal": asdict(parcel.seal) if parcel.seal else None,
        "signatures": list(parcel.signatures),
        **_dump_documents(parcel.documents),
        **({} if parcel.seal_format == "cades" else {"seal_format": parcel.seal_format}),
    }


def _dump_documents(documents: Sequence[SealedDocument | None]) -> dict[str, Any]:
    # Left out where nothing was to be sealed, as in every parcel made before there were seals.
    dumped = [asdict(document) if document else None for document in documents]
    return {"documents": dumped} if dumped else {}


def _load_document(document: dict[str, Any] | None) -> SealedDocument | None:
    if document is None:
        return None
    file = document["file"]
    nested = {"file": StoredFile(**file) if file else None}
    return SealedDocument(**{**document, **nested})


def load_parcel(row: Row[Any]) -> SealedParcel | None:
    """The parcel of a transmission's row, None before preparation."""
    if row.parcel is None:
        return None
    seal = row.parcel["seal"]
    return SealedParcel(
        enveloppe=NomEnveloppe.parse(row.enveloppe),
        archive_name=row.archive_name,
        archive=StoredFile(**row.parcel["archive"]),
        message=StoredFile(**row.parcel["message"]),
        seal=StoredFile(**seal) if seal else None,
        signatures=tuple(row.parcel["signatures"]),
        documents=tuple(map(_load_document, row.parcel.get("documents", ()))),
        seal_format=row.parcel.get("seal_format", "cades"),
    )


def load_transmission(row: Row[Any]) -> Transmission:
    """A transmission from its row."""
    return Transmission(
        id=row.id,
        acte_id=row.acte_id,
        collectivite_id=row.collectivite_id,
        message=row.message,
        courrier_id=row.courrier_id,
        state=State.of(row.state),
        state_since=row.state_since,
        attempts=row.attempts,
        polls=row.polls,
        failures=row.failures,
        claims=row.claims,
        next_attempt_at=row.next_attempt_at,
        waiting_for=row.waiting_for,
        parcel=load_parcel(row),
        reference=row.reference,
        id_acte=IdActe.parse(row.id_acte),
        date_classification=row.date_classification,
        fingerprint=row.fingerprint,
        date_reception=row.date_reception,
    )
