"""Make the envelope of a message: sign its documents, write it, seal its archive.

Nothing here leaves the service, so all of it is one transaction: a crash gives everything back,
the envelope number included.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

from transmission.actes.archive import (
    ArchiveEntry,
    SealedEntry,
    sealed_entries,
    write_archive,
)
from transmission.actes.enveloppe import build_enveloppe_clmisill
from transmission.actes.messages import build_message
from transmission.clock import civil_day
from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import TransmissionError
from transmission.domain.identifiers import NomEnveloppe, outgoing_enveloppe
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import (
    SERVICE,
    Piece,
    SealedParcel,
    StoredFile,
    Transmission,
)
from transmission.killpoints import reach
from transmission.ports import Signer, StaleError, Step, UnitOfWork
from transmission.services.files import kept
from transmission.services.sending import Content, content_of
from transmission.services.toolbox import Toolbox


class SealedBytesError(TransmissionError):
    """The archive, read again, does not hold the bytes that were checked and signed."""


def prepare(tools: Toolbox, accepted: Transmission) -> Content | None:
    """Take an accepted transmission to ``prepared``, or to ``held`` with the reason.

    What it is made of, as prepared; None when it is held, or was elsewhere already: nothing is
    then changed. Raises OSError or a database error for a machine's fault: the act then waits and
    the work is done again.
    """
    if accepted.state is not State.ACCEPTED:
        return None
    try:
        return prepare_together(tools, [accepted])[0]
    except StaleError:
        return None
    except TransmissionError as error:
        _hold(tools, accepted, error)
        return None


def prepare_together(tools: Toolbox, accepted: Sequence[Transmission]) -> list[Content]:
    """Prepare accepted transmissions in one transaction: all of them, or none.

    What each is made of, as prepared. Raises StaleError when one is elsewhere by now, a
    TransmissionError when one cannot be prepared, and whatever else is wrong.
    """
    with tools.register() as unit:
        made = [_sealed(tools, unit, each) for each in accepted]
        reach("prepare.before_commit")
        unit.commit()
    reach("prepare.committed")
    return made


def _hold(tools: Toolbox, transmission: Transmission, error: TransmissionError) -> None:
    with tools.register() as unit:
        step = Step(waiting_for=f"Préparation impossible : {error}")
        unit.move(transmission, Event.PREPARATION_FAILED, SERVICE, tools.clock.now(), step)
        unit.commit()


def _sealed(tools: Toolbox, unit: UnitOfWork, transmission: Transmission) -> Content:
    content = content_of(tools, unit, transmission)
    collectivite, now = content.sender, tools.clock.now()
    signer = _signer(tools, collectivite)
    signatures = _signatures(tools, collectivite, content.pieces, signer)
    message = build_message(content.message(signatures))
    files = [(content.document_name(piece), piece.file) for piece in content.pieces]
    enveloppe, archive = sealed_archive(
        tools, unit, transmission.collectivite_id, str(content.name), message, files
    )
    seals = () if signer is None else (signer.sign(bytes.fromhex(archive.sha256), now),)
    kept_message, *kept_seals = kept(tools, unit, message, *seals)
    parcel = SealedParcel(
        enveloppe=enveloppe,
        archive_name=enveloppe.archive(collectivite.tdt.trigramme),
        archive=archive,
        message=kept_message,
        seal=kept_seals[0] if kept_seals else None,
        signatures=signatures,
    )
    step = Step(tools.delays.bell_at(now), "l'envoi", parcel=parcel, failures=0)
    details = {"archive": parcel.archive_name, "sha256": archive.sha256, "octets": archive.size}
    prepared = unit.move(transmission, Event.PREPARED, SERVICE, now, step, details)
    return replace(content, transmission=prepared)


def sealed_archive(
    tools: Toolbox,
    unit: UnitOfWork,
    authority_id: int,
    name: str,
    message: bytes,
    files: Sequence[tuple[str, StoredFile]],
) -> tuple[NomEnveloppe, StoredFile]:
    """Put one message and its files in a new envelope of the authority, read again once kept.

    Raises SealedBytesError, ArchiveTooLargeError, IdentifierError when the day's numbers are used.
    """
    collectivite = unit.authority(authority_id).collectivite
    # The number is taken last: it locks the authority's counter until the commit.
    day = civil_day(tools.clock.now(), collectivite.time_zone)
    numero = unit.next_enveloppe_number(authority_id, day)
    enveloppe = outgoing_enveloppe(collectivite.tdt.application, collectivite.siren, day, numero)
    formulaire = build_enveloppe_clmisill(collectivite, [name], collectivite.adresses_retour)
    entries = [
        _in_memory(enveloppe.xml, formulaire),
        _in_memory(name, message),
        *(_stored(tools, given, file) for given, file in files),
    ]
    digests = [_digest(formulaire), _digest(message), *(file.sha256 for _, file in files)]
    return enveloppe, _written(tools, entries, digests)


def _signer(tools: Toolbox, collectivite: Collectivite) -> Signer | None:
    if collectivite.signing_key is None:
        return None
    return tools.signers.signer(collectivite.signing_key, tools.clock.now())


def _signatures(
    tools: Toolbox, collectivite: Collectivite, pieces: tuple[Piece, ...], signer: Signer | None
) -> tuple[str | None, ...]:
    if signer is None or not collectivite.signs_documents:
        return tuple(None for _ in pieces)
    now = tools.clock.now()
    return tuple(signer.sign_as_text(bytes.fromhex(piece.file.sha256), now) for piece in pieces)


def _written(tools: Toolbox, entries: list[ArchiveEntry], digests: list[str]) -> StoredFile:
    with tools.documents.draft() as draft:
        write_archive(entries, draft)
        _compare(sealed_entries(draft.read_again()), entries, digests)
        return draft.keep()


def _stored(tools: Toolbox, name: str, file: StoredFile) -> ArchiveEntry:
    return ArchiveEntry(name, file.size, lambda: tools.documents.open(file))


def _in_memory(name: str, content: bytes) -> ArchiveEntry:
    return ArchiveEntry(name, len(content), lambda: BytesIO(content))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _compare(
    found: tuple[SealedEntry, ...], entries: list[ArchiveEntry], digests: list[str]
) -> None:
    # The digests of the pieces are those of the bytes that were checked and signed.
    wanted = zip(entries, digests, strict=True)
    if found != tuple(SealedEntry(entry.name, entry.size, digest) for entry, digest in wanted):
        raise SealedBytesError(
            "L'archive relue ne contient pas exactement les fichiers contrôlés. Rien n'est parti ; "
            "redéposez-les."
        )
