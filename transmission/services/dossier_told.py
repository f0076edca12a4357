"""What a dossier de preuve tells of itself: contents, deadlines, what its summary prints."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from transmission.domain.dossier import (
    Dossier,
    DossierActe,
    DossierAttempt,
    DossierReception,
    DossierTransmission,
    Hole,
    Member,
    Role,
)
from transmission.domain.journal_words import event_label
from transmission.domain.legal.told import reading_text, reading_told
from transmission.domain.messages import label_of
from transmission.ports.dossiers import Happened, StampedMember, SummaryFacts
from transmission.services.dossier_gather import Gathered, Sending
from transmission.services.dossier_journal import Leaf


def deadlines(gathered: Gathered) -> Iterator[Leaf]:
    """Every date of the legal clock, for a program and for a person."""
    told = json.dumps(reading_told(gathered.reading), ensure_ascii=False, indent=2) + "\n"
    yield Leaf("echeances.json", Role.DEADLINES, told.encode())
    yield Leaf("echeances.txt", Role.DEADLINES_TEXT, reading_text(gathered.reading).encode())


def dossier_of(
    gathered: Gathered,
    members: Sequence[Member],
    holes: Sequence[Hole],
    *,
    made_at: datetime,
    made_by: str,
    sealed_by: str,
) -> Dossier:
    """The contents of a dossier (docs/evidence.md [D2])."""
    acte, owner = gathered.acte, gathered.owner
    return Dossier(
        made_at=made_at,
        made_by=made_by,
        sealed_by=sealed_by,
        acte=DossierActe(
            siren=owner.siren,
            collectivite=owner.nom,
            numero_interne=str(acte.numero_interne),
            nature=acte.nature.code,
            nature_label=acte.nature.label,
            matiere=str(acte.matiere),
            objet=acte.objet,
            date_decision=acte.date_decision,
            id_acte=str(gathered.current.id_acte),
            accepted_at=gathered.acceptance.at,
            accepted_by=gathered.acceptance.by,
        ),
        transmissions=tuple(map(_transmission, gathered.sendings)),
        reception=_reception(gathered, members),
        members=tuple(members),
        holes=tuple(holes),
    )


def summary_facts(gathered: Gathered, dossier: Dossier) -> SummaryFacts:
    """What the summary of a dossier prints."""
    return SummaryFacts(
        dossier=dossier,
        file_name=file_name(gathered),
        time_zone=gathered.owner.time_zone,
        events=tuple(_happened(gathered)),
        stamps=tuple(_stamped(gathered, dossier.members)),
        reading=gathered.reading,
    )


def file_name(gathered: Gathered) -> str:
    """The name to give to the dossier: no character of an identifier leads elsewhere."""
    return f"{gathered.current.id_acte}.asice"


def _transmission(sending: Sending) -> DossierTransmission:
    sent, parcel = sending.transmission, sending.transmission.parcel
    return DossierTransmission(
        rank=sending.rank,
        message=sent.message,
        label=label_of(sent.message),
        id_acte=str(sent.id_acte),
        state=sent.state.code,
        state_label=sent.state.label,
        state_since=sent.state_since,
        enveloppe=str(parcel.enveloppe) if parcel else None,
        archive_name=parcel.archive_name if parcel else None,
        reference=sent.reference,
        date_reception=sent.date_reception,
        attempts=tuple(
            DossierAttempt(
                each.number,
                each.connector,
                each.started_at,
                each.finished_at,
                each.outcome,
                each.detail,
                each.archive_sha256,
            )
            for each in sending.attempts
        ),
    )


def _reception(gathered: Gathered, members: Sequence[Member]) -> DossierReception | None:
    current = gathered.current
    sending = gathered.sending(current.id)
    if current.date_reception is None or sending is None:
        return None
    decisive = gathered.decisive.get(current.id)
    found = next((each.file.sha256 for each in gathered.retours if each.id == decisive), None)
    named = (each.name for each in members if each.role is Role.RETOUR and each.sha256 == found)
    return DossierReception(current.date_reception, sending.rank, next(named, None))


def _happened(gathered: Gathered) -> Iterator[Happened]:
    for line in gathered.proofs.lines:
        told = json.loads(line.content)
        at = datetime.strptime(told["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        sending = gathered.sending(told["transmission"])
        rank, label = sending.rank if sending else None, event_label(told["event"])
        yield Happened(at, rank, label, told["author"], told["reason"])


def _stamped(gathered: Gathered, members: Sequence[Member]) -> Iterator[StampedMember]:
    obtained = [each.obtained for each in gathered.stamps if each.obtained]
    known = {each.token.sha256: each for each in obtained}
    for member in members:
        if member.role is Role.TIME_STAMP:
            found = known[member.sha256]
            yield StampedMember(member.about["of"], found.at, found.tsa)
