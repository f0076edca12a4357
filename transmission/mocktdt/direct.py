"""The ministry's own door: an archive deposited by the authority, answered later by mail.

Whatever is inside, it has been delivered (ACTES protocol §8); what is wrong is said in a mail, or
not at all when nobody can tell whom to write to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from transmission.mocktdt import names, xmlio
from transmission.mocktdt.accounts import Account
from transmission.mocktdt.analysis import acte_faults, envelope_faults
from transmission.mocktdt.answers import NotActedError
from transmission.mocktdt.archive import HostileArchiveError, Member, read_archive
from transmission.mocktdt.deposit import describe, fault_of, scenario_of, stored_files
from transmission.mocktdt.faults import BEFORE_ACTING, Fault
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.letters import RECEIPTS
from transmission.mocktdt.multipart import UploadedFile
from transmission.mocktdt.parcel import (
    Heading,
    Message,
    Parcel,
    UnreadableParcelError,
    read_heading,
    read_messages,
)
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.record import Reception
from transmission.mocktdt.scenarios import Scenario
from transmission.mocktdt.transactions import Envelope, Status, Step, Transaction

_UNKNOWN = "ODT-VERIF-17 : transaction non reconnue"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An archive as it came. `name`: what the sender calls it."""

    account: Account
    name: str
    upload: UploadedFile


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the ministry makes of it. `heading`: None when no envelope can be read.

    `rejection`: nature and detail of the AnomalieEnveloppe.
    """

    heading: Heading | None = None
    messages: tuple[Message, ...] = ()
    members: Mapping[str, Member] = field(default_factory=dict)
    rejection: tuple[str, str] | None = None

    @property
    def parcel(self) -> Parcel | None:
        """Its envelope with its messages, when there is one."""
        heading = self.heading
        if heading is None:
            return None
        return Parcel(heading.name, heading.content, heading.idcl, self.messages)


def take_in(
    platform: Platform, request: Request, arrival: Arrival, reception: Reception
) -> Fault | None:
    """Record the arrival, and plan what the State answers. Returns the fault of the answer.

    Raises RefusedError and NotActedError, and then records nothing.
    """
    reading = _read(platform, arrival)
    describe(reception, reading.messages, reading.members)
    if request.fault is not None and request.fault.kind in BEFORE_ACTING:
        raise NotActedError(request.fault)
    with platform.lock:
        now = platform.settle()
        targets = [_target(platform, arrival.account.siren, m) for m in reading.messages]
        pairs = list(zip(reading.messages, targets, strict=True))
        siren = arrival.account.siren
        scenarios = [scenario_of(platform, siren, message, target) for message, target in pairs]
        fault = fault_of(scenarios) or request.fault
        rejection = reading.rejection or _unknown(pairs)
        if parcel := reading.parcel:
            envelope = _open(platform, arrival, parcel)
            if rejection:
                platform.workflow.reject(envelope, now, *rejection)
            else:
                _Registration(platform, envelope, parcel, reading.members, now).run(
                    targets, scenarios
                )
            reception.transactions = [each.id for each in envelope.transactions]
    reception.accepted = True
    reception.answer = f"200 {rejection[1]}" if rejection else "200"
    reception.fault = fault.kind if fault else ""
    return fault


def _read(platform: Platform, arrival: Arrival) -> _Reading:
    try:
        members = read_archive(arrival.upload.path)
        heading = read_heading(members, _envelope_name(members))
    except (HostileArchiveError, UnreadableParcelError):
        return _Reading()
    try:
        messages = read_messages(members, heading)
    except UnreadableParcelError as error:
        return _Reading(heading, (), members, ("003", str(error)))
    reading = _Reading(heading, messages, members)
    return _Reading(heading, messages, members, _rejection(platform, arrival, reading, heading))


def _envelope_name(members: Mapping[str, Member]) -> str:
    """The member that is an envelope, whatever the archive's own name says."""
    for name, member in members.items():
        try:
            if member.xml and xmlio.local_name(xmlio.parse(member.xml)) == "EnveloppeCLMISILL":
                return name
        except xmlio.UnreadableXmlError:
            continue
    raise UnreadableParcelError("aucune enveloppe dans l'archive")


def _rejection(
    platform: Platform, arrival: Arrival, reading: _Reading, heading: Heading
) -> tuple[str, str] | None:
    limit, name = platform.settings.limits.archive, arrival.name
    if arrival.upload.size > limit:
        return "002", f"{name} : archive de plus de {limit} octets"
    parts = names.archive_name(name)
    if parts is None or parts.destinataire or parts.envelope != heading.name:
        return "005", f"{name} : nom d'archive incorrect pour l'enveloppe {heading.name}"
    if parts.quadrigram != platform.settings.quadrigram or parts.emetteur != heading.idcl.siren:
        return "005", f"{name} : nom d'archive incorrect"
    if heading.idcl != arrival.account.authority.idcl:
        return "005", f"{name} -> PREF-VERIF-02 : SIREN non enregistré"
    faults = reading.parcel and envelope_faults(
        reading.parcel, reading.members, platform.classifications.in_force
    )
    return ("003", faults[0]) if faults else None


def _target(platform: Platform, siren: str, message: Message) -> Transaction | None:
    if message.code in ("1-1", "7-1"):
        return None
    if message.code != "6-1":
        return platform.registry.letter_for(siren, message)
    act = platform.registry.acknowledged(siren, message.id_acte)
    return None if act is None or act.step_of(Status.CANCELLED) else act


def _unknown(pairs: list[tuple[Message, Transaction | None]]) -> tuple[str, str] | None:
    lost = any(target is None and m.code not in ("1-1", "7-1") for m, target in pairs)
    return ("999", _UNKNOWN) if lost else None


def _open(platform: Platform, arrival: Arrival, parcel: Parcel) -> Envelope:
    envelope = platform.registry.open_envelope(
        arrival.account.siren,
        parcel.envelope_name,
        parcel.envelope,
        archive_name=arrival.name,
        direct=True,
    )
    envelope.archive = arrival.upload.path.replace(platform.spool / f"{envelope.id}.tar.gz")
    return envelope


@dataclass(frozen=True, slots=True)
class _Registration:
    """The messages of one envelope, entering the ministry's books. The lock is held."""

    platform: Platform
    envelope: Envelope
    parcel: Parcel
    members: Mapping[str, Member]
    now: datetime

    def run(self, targets: list[Transaction | None], scenarios: list[Scenario]) -> None:
        for message, target, scenario in zip(self.parcel.messages, targets, scenarios, strict=True):
            if message.code in RECEIPTS and target is not None:
                target.receipt = self.members[message.file_name].xml or b""
                target.steps.append(Step(Status.RECEIPT_SENT, self.now))
            else:
                self._register(message, target, scenario)

    def _register(self, message: Message, target: Transaction | None, scenario: Scenario) -> None:
        platform = self.platform
        faults: tuple[str, ...] = ()
        if message.acte is not None:
            in_force = platform.classifications.in_force
            faults = acte_faults(self.parcel, self.members, in_force, message)
        transaction = platform.registry.open_transaction(
            self.envelope, message, scenario, faults=faults, target=target
        )
        platform.registry.attach(transaction, stored_files(message, self.members))
        platform.workflow.arrive(transaction, self.now)
