"""Which members a dossier de preuve is made of, and which are missing (docs/evidence.md [D1])."""

from collections.abc import Iterator, Mapping
from typing import Any

from transmission.domain.dossier import Hole, HoleKind, Role, instant
from transmission.domain.dossier_names import extension_of, ranked
from transmission.domain.messages import ACKNOWLEDGED_BY, ACTE, retour_label
from transmission.domain.transmission import RetourStatus
from transmission.ports.dossiers import KeptRetour
from transmission.ports.time_stamps import TimeStampKind
from transmission.services.dossier_gather import Gathered, Sending
from transmission.services.dossier_journal import About, Leaf, journal_leaves

_OF_ACTE = (RetourStatus.APPLIED, RetourStatus.DUPLICATE, RetourStatus.ATTACHED)
_AR = frozenset(ACKNOWLEDGED_BY.values())


def leaves_of(gathered: Gathered) -> Iterator[Leaf | Hole]:
    """The members of an act in their order, and what is missing among them."""
    yield from _received(gathered)
    for sending in gathered.sendings:
        yield from _sent(sending)
    retours = list(_retours(gathered))
    yield from (each for each, _ in retours)
    yield from _quarantined(gathered)
    yield from _stamps(gathered, {ident: leaf.name for leaf, ident in retours if ident})
    yield from journal_leaves(gathered.proofs)
    yield from _unsent(gathered)


def file_of_piece(sending: Sending, rank: int) -> str:
    """The member that holds a document (from 1) of a sending as it was received."""
    piece = sending.pieces[rank - 1]
    folder = "recu" if sending.transmission.message == ACTE else sending.folder
    name = ranked(folder, rank, piece.nom_original, piece.extension)
    return name if folder == "recu" else name.replace(f"{folder}/", f"{folder}/recu-", 1)


def _received(gathered: Gathered) -> Iterator[Leaf]:
    for rank, piece in enumerate(gathered.acte.pieces, start=1):
        name = ranked("recu", rank, piece.nom_original, piece.extension)
        about = {"piece": rank, "name": piece.nom_original}
        yield Leaf(name, Role.RECEIVED_FILE, piece.file, about)


def _sent(sending: Sending) -> Iterator[Leaf | Hole]:
    about: About = {"transmission": sending.rank}
    if sending.transmission.message != ACTE:
        for rank, piece in enumerate(sending.pieces, start=1):
            told = {**about, "piece": rank, "name": piece.nom_original}
            yield Leaf(file_of_piece(sending, rank), Role.RECEIVED_FILE, piece.file, told)
    yield from _parcel(sending, about)
    for attempt in sending.attempts:
        told = {**about, "attempt": attempt.number}
        if attempt.request is not None:
            name = f"{sending.folder}/requete-{attempt.number}.txt"
            yield Leaf(name, Role.REQUEST, attempt.request.encode(), told)
        if attempt.response is not None:
            name = f"{sending.folder}/reponse-{attempt.number}.bin"
            yield Leaf(name, Role.RESPONSE, attempt.response, told)


def _parcel(sending: Sending, about: About) -> Iterator[Leaf | Hole]:
    parcel, folder = sending.transmission.parcel, sending.folder
    if parcel is None:
        return
    archive = f"{folder}/archive.tar.gz"
    yield Leaf(archive, Role.ARCHIVE, parcel.archive, {**about, "name": parcel.archive_name})
    yield Leaf(f"{folder}/message.xml", Role.MESSAGE, parcel.message, about)
    if parcel.seal is None:
        yield Hole(
            HoleKind.NO_SEAL,
            f"L'archive de l'envoi {sending.rank} n'est pas scellée : la collectivité "
            "n'avait pas de clé de signature.",
            archive,
        )
    else:
        yield Leaf(seal_name(sending), Role.SEAL, parcel.seal, {**about, "of": archive})
    yield from _documents(sending, about)
    yield from _replaced(sending, archive)


def seal_name(sending: Sending) -> str:
    """The member that holds the seal of a sending."""
    parcel = sending.transmission.parcel
    return f"{sending.folder}/sceau.{'p7s' if parcel is None else parcel.seal_extension}"


def _documents(sending: Sending, about: About) -> Iterator[Leaf | Hole]:
    parcel = sending.transmission.parcel
    if parcel is None or not sending.pieces:
        return
    sent = parcel.sent_files(sending.pieces)
    for rank, (piece, file) in enumerate(zip(sending.pieces, sent, strict=True), start=1):
        told, name = {**about, "piece": rank}, file_of_piece(sending, rank)
        if file != piece.file:
            received, name = name, f"{sending.folder}/document-{rank:02d}.pdf"
            yield Leaf(name, Role.SENT_DOCUMENT, file, {**told, "of": received})
        signature = dict(enumerate(parcel.signatures, start=1)).get(rank)
        if signature is not None:
            named = f"{sending.folder}/signature-{rank:02d}.p7s"
            yield Leaf(named, Role.SIGNATURE, signature.encode(), {**told, "of": name})
        else:
            yield Hole(HoleKind.NO_SIGNATURE, f"Le document {rank} n'a pas été signé.", name)


def _replaced(sending: Sending, archive: str) -> Iterator[Hole]:
    parcel = sending.transmission.parcel
    for attempt in sending.attempts:
        if parcel is not None and attempt.archive_sha256 != parcel.archive.sha256:
            yield Hole(
                HoleKind.REPLACED_ARCHIVE,
                f"La tentative {attempt.number} portait une autre archive, remplacée depuis "
                f"(empreinte {attempt.archive_sha256}).",
                archive,
            )


def _retours(gathered: Gathered) -> Iterator[tuple[Leaf, int | None]]:
    """The retours and their documents; with each retour its number in the register."""
    rank = 0
    for kept in sorted(gathered.retours, key=lambda each: _place(gathered, each)):
        if kept.status not in _OF_ACTE:
            continue
        rank += 1
        sending = gathered.sending(kept.transmission_id)
        about = _about_retour(kept) | ({"transmission": sending.rank} if sending else {})
        name = _retour_name(rank, kept)
        yield Leaf(name, Role.RETOUR, kept.file, about), kept.id
        for piece in kept.pieces:
            rank += 1
            given = ranked("retours", rank, piece.nom_fichier, extension_of(piece.nom_fichier))
            told = {"of": name, "name": piece.nom_fichier}
            yield Leaf(given, Role.RETOUR_DOCUMENT, piece.file, told), None


def _place(gathered: Gathered, kept: KeptRetour) -> tuple[bool, Any, int]:
    first = gathered.decisive.get(gathered.current.id)
    return kept.id != first, kept.received_at, kept.id


def _retour_name(rank: int, kept: KeptRetour) -> str:
    extension = "bin" if kept.container else "xml"
    return ranked("retours", rank, kept.nom_fichier or retour_label(kept.kind), extension)


def _about_retour(kept: KeptRetour) -> dict[str, Any]:
    about = {
        "name": kept.nom_fichier,
        "kind": kept.kind,
        "status": kept.status.code,
        "received_at": instant(kept.received_at),
        "date_reception": kept.date_reception,
    }
    return {name: value for name, value in about.items() if value is not None}


def _quarantined(gathered: Gathered) -> Iterator[Hole]:
    for kept in gathered.retours:
        if kept.status not in _OF_ACTE:
            yield Hole(
                HoleKind.QUARANTINED_RETOUR,
                f"Le retour n° {kept.id}, reçu pour cet acte, n'est pas versé : "
                f"« {kept.status.label} » (empreinte {kept.file.sha256}).",
            )


def _stamps(gathered: Gathered, retours: Mapping[int, str]) -> Iterator[Leaf | Hole]:
    known = {(each.kind, each.subject_id, each.sha256): each for each in gathered.stamps}
    rank = 0
    for kind, subject, sha256, name in _stampable(gathered, retours):
        found = known.get((kind, subject, sha256))
        if found is not None and found.obtained is not None:
            rank += 1
            stem = name.removeprefix("envoi/").replace("/", "-").rpartition(".")[0]
            named = ranked("horodatages", rank, f"{kind.code}-{stem}", "tsr")
            yield Leaf(named, Role.TIME_STAMP, found.obtained.token, {"of": name})
            continue
        reason = found.reason if found else None
        yield Hole(HoleKind.NO_TIME_STAMP, _unstamped(kind, reason, asked=found is not None), name)


def _stampable(
    gathered: Gathered, retours: Mapping[int, str]
) -> Iterator[tuple[TimeStampKind, int, str, str]]:
    for sending in gathered.sendings:
        sent, parcel = sending.transmission, sending.transmission.parcel
        if parcel is not None and parcel.seal is not None:
            yield TimeStampKind.SEAL, sent.id, parcel.seal.sha256, seal_name(sending)
        elif parcel is not None:
            archive = f"{sending.folder}/archive.tar.gz"
            yield TimeStampKind.SEAL, sent.id, parcel.archive.sha256, archive
    for kept in gathered.retours:
        if kept.kind in _AR and kept.id in retours:
            yield TimeStampKind.AR, kept.id, kept.file.sha256, retours[kept.id]


def _unstamped(kind: TimeStampKind, reason: str | None, *, asked: bool) -> str:
    what = kind.label[:1].upper() + kind.label[1:]
    if not asked:
        return f"{what} sans horodatage : aucun n'a été demandé."
    because = f" ({reason})" if reason else ""
    return f"{what} sans horodatage : il est demandé et n'est pas encore obtenu{because}."


def _unsent(gathered: Gathered) -> Iterator[Hole]:
    for sending in gathered.sendings:
        sent = sending.transmission
        if not sending.attempts:
            told = f"L'envoi {sending.rank} n'est pas parti (état : {sent.state.label})."
            yield Hole(HoleKind.NOT_SENT, told, sending.folder)
    current = gathered.current
    if current.date_reception is None:
        yield Hole(
            HoleKind.NO_RECEPTION,
            "Aucun accusé de réception ne date la réception de l'acte en préfecture (état : "
            f"{current.state.label}).",
        )
