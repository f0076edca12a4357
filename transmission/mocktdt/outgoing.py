"""Envelopes that the platform makes itself: cancellations and replies (ACTES protocol §3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from transmission.mocktdt import xmlio
from transmission.mocktdt.accounts import Authority
from transmission.mocktdt.answers import RefusedError
from transmission.mocktdt.building import envelope_of, write_archive
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.parcel import Message
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.scenarios import Fate, Scenario
from transmission.mocktdt.transactions import StoredFile, Transaction


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message about `target`, with its XML and its files: (content, as the list shows it)."""

    authority: Authority
    message: Message
    xml: bytes
    target: Transaction
    scenario: Scenario
    files: Sequence[tuple[Path, StoredFile]] = ()
    reply_type: str = ""
    faults: tuple[str, ...] = ()


def send(platform: Platform, request: Request, outgoing: Outgoing, now: datetime) -> Transaction:
    """Open the transaction of `outgoing`, in status 1. Raises RefusedError. The lock is held."""
    if xmlio.violation(xmlio.parse(outgoing.xml)):
        raise RefusedError("Le message métier ne peut pas être généré")
    if outgoing.scenario.fate is Fate.REFUSED:
        raise RefusedError(outgoing.scenario.detail or "Refus demandé au simulateur")
    stem = envelope_stem(platform, outgoing.authority)
    message = outgoing.message
    envelope_xml = envelope_of(outgoing.authority, message.file_name)
    draft = request.spool.new_path()
    write_archive(draft, ((f"{stem}.xml", envelope_xml), *_members(outgoing)))
    limit = platform.settings.limits.archive
    if draft.stat().st_size > limit:
        raise RefusedError(f"L'archive dépasse {limit} octets")
    envelope = platform.registry.open_envelope(
        outgoing.authority.siren,
        f"{stem}.xml",
        envelope_xml,
        archive_name=f"{platform.settings.trigram}-{stem}.tar.gz",
    )
    envelope.archive = draft.replace(platform.spool / f"{envelope.id}.tar.gz")
    transaction = platform.registry.open_transaction(
        envelope, message, outgoing.scenario, faults=outgoing.faults, target=outgoing.target
    )
    transaction.reply_type = outgoing.reply_type
    xml = StoredFile(message.file_name, "", "text/xml", len(outgoing.xml), "", "")
    platform.registry.attach(transaction, (xml, *(file for _, file in outgoing.files)))
    platform.workflow.post(transaction, now)
    return transaction


def envelope_stem(platform: Platform, authority: Authority) -> str:
    """`EACT--123456782--20260316-1`: the next envelope of the day. Raises RefusedError."""
    today = platform.clock.today()
    with platform.lock:
        serial = platform.registry.next_serial(authority.siren, today)
    if serial is None:
        raise RefusedError("L'enveloppe ne peut pas être générée : plus de numéro pour ce jour")
    return f"{platform.settings.quadrigram}--{authority.siren}--{today:%Y%m%d}-{serial}"


def _members(outgoing: Outgoing) -> list[tuple[str, bytes | Path]]:
    return [
        (outgoing.message.file_name, outgoing.xml),
        *((file.name, path) for path, file in outgoing.files),
    ]
