"""Make the envelope of a message: sign its documents, write it, seal its archive.

Nothing here leaves the service, so all of it is one transaction: a crash gives everything back,
the envelope number included.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any, BinaryIO

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
    SealedDocument,
    SealedParcel,
    StoredFile,
    Transmission,
    sent_files,
)
from transmission.killpoints import reach
from transmission.ports import Signer, StaleError, Step, UnitOfWork
from transmission.ports.time_stamps import TimeStampKind
from transmission.services.files import kept
from transmission.services.pdf_seals import sealed_documents
from transmission.services.sending import Content, content_of
from transmission.services.signed_pdfs import (
    SignatureRequiredError,
    SignatureWatch,
    judge_signatures,
)
from transmission.services.time_stamps import ask
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
    except OSError:
        # Some of these are facts for people too: a key in hardware that is away may come back.
        raise
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
        if isinstance(error, SignatureRequiredError):
            unit.keep_signatures(transmission.id, error.found)
        unit.move(transmission, Event.PREPARATION_FAILED, SERVICE, tools.clock.now(), step)
        unit.commit()


def _sealed(tools: Toolbox, unit: UnitOfWork, transmission: Transmission) -> Content:
    content = content_of(tools, unit, transmission)
    collectivite, now = content.sender, tools.clock.now()
    signer = tools.signers.of(collectivite, now)
    documents = sealed_documents(tools, collectivite, content.pieces, signer)
    sent = sent_files(content.pieces, documents)
    signatures = _signatures(tools, collectivite, sent, signer)
    message = build_message(content.message(signatures))
    files = [
        (content.document_name(piece), file)
        for piece, file in zip(content.pieces, sent, strict=True)
    ]
    watch = SignatureWatch(tools, content.pieces, sent)
    enveloppe, archive = sealed_archive(
        tools, unit, transmission.collectivite_id, str(content.name), message, files, watch.open
    )
    judged = judge_signatures(tools, unit, content, watch)
    archive_name = enveloppe.archive(collectivite.tdt.trigramme)
    seals = () if signer is None else (_seal(signer, collectivite, archive_name, archive, now),)
    kept_message, *kept_seals = kept(tools, unit, message, *seals)
    parcel = SealedParcel(
        enveloppe=enveloppe,
        archive_name=archive_name,
        archive=archive,
        message=kept_message,
        seal=kept_seals[0] if kept_seals else None,
        signatures=signatures,
        documents=documents,
        seal_format=collectivite.seal_format,
    )
    stamped = parcel.seal or archive
    ask(
        tools,
        unit,
        TimeStampKind.SEAL,
        transmission.id,
        transmission.collectivite_id,
        stamped.sha256,
    )
    step = Step(tools.delays.bell_at(now), "l'envoi", parcel=parcel, failures=0)
    details = {"archive": parcel.archive_name, "sha256": archive.sha256, "octets": archive.size}
    details |= _about_documents(documents, judged)
    prepared = unit.move(transmission, Event.PREPARED, SERVICE, now, step, details)
    return replace(content, transmission=prepared)


def _seal(
    signer: Signer, collectivite: Collectivite, name: str, archive: StoredFile, now: datetime
) -> bytes:
    digest = bytes.fromhex(archive.sha256)
    if collectivite.seal_format == "xades":
        return signer.sign_files({name: digest}, now)
    return signer.sign(digest, now)


def _about_documents(
    documents: Sequence[SealedDocument | None], judged: Mapping[str, str]
) -> dict[str, Any]:
    """For the journal: what is sent instead of what was received, and what PDFs were signed."""
    sealed = {
        str(rank): each.file.sha256
        for rank, each in enumerate(documents, start=1)
        if each is not None and each.file is not None
    }
    return ({"documents_scelles": sealed} if sealed else {}) | (
        {"signatures_pdf": dict(judged)} if judged else {}
    )


def sealed_archive(
    tools: Toolbox,
    unit: UnitOfWork,
    authority_id: int,
    name: str,
    message: bytes,
    files: Sequence[tuple[str, StoredFile]],
    open_file: Callable[[StoredFile], BinaryIO] | None = None,
) -> tuple[NomEnveloppe, StoredFile]:
    """Put one message and its files in a new envelope of the authority, read again once kept.

    ``open_file`` opens its files, as the store does. Raises SealedBytesError,
    ArchiveTooLargeError, IdentifierError when the day's numbers are used.
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
        *(_stored(open_file or tools.documents.open, given, file) for given, file in files),
    ]
    digests = [_digest(formulaire), _digest(message), *(file.sha256 for _, file in files)]
    return enveloppe, _written(tools, entries, digests)


def _signatures(
    tools: Toolbox, collectivite: Collectivite, files: Sequence[StoredFile], signer: Signer | None
) -> tuple[str | None, ...]:
    if signer is None or not collectivite.signs_documents:
        return tuple(None for _ in files)
    now = tools.clock.now()
    return tuple(signer.sign_as_text(bytes.fromhex(file.sha256), now) for file in files)


def _written(tools: Toolbox, entries: list[ArchiveEntry], digests: list[str]) -> StoredFile:
    with tools.documents.draft() as draft:
        write_archive(entries, draft)
        _compare(sealed_entries(draft.read_again()), entries, digests)
        return draft.keep()


def _stored(
    open_file: Callable[[StoredFile], BinaryIO], name: str, file: StoredFile
) -> ArchiveEntry:
    return ArchiveEntry(name, file.size, lambda: open_file(file))


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
