"""Taking an archive in: the point after which an act exists on the platform."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from transmission.mocktdt import names
from transmission.mocktdt.accounts import Account
from transmission.mocktdt.analysis import detected_type, faults_of
from transmission.mocktdt.answers import NotActedError, RefusedError
from transmission.mocktdt.archive import Member
from transmission.mocktdt.faults import BEFORE_ACTING, Fault
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.letters import RECEIPTS
from transmission.mocktdt.parcel import Message, Parcel
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.record import Document, Reception, Sent
from transmission.mocktdt.scenarios import Fate, Scenario, Subject
from transmission.mocktdt.transactions import Kind, Status, StoredFile, Transaction

_XML = "text/xml"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Deposit:
    """A parcel ready to be taken in. `posted`, `signatures`: by file name, where the client said.

    `archive`: its file, moved to its place when the deposit is taken in.
    """

    account: Account
    parcel: Parcel
    members: Mapping[str, Member]
    archive: Path
    archive_name: str
    status: Status = Status.POSTED
    posted: Mapping[str, str] = field(default_factory=dict)
    signatures: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def recorded(platform: Platform, reception: Reception) -> Iterator[None]:
    """Note the reception whatever comes of it."""
    try:
        yield
    except RefusedError as refusal:
        reception.answer = f"KO {refusal}"
        raise
    except NotActedError as cut:
        reception.fault = cut.fault.kind
        raise
    finally:
        platform.record.received(reception)


def take_in(
    platform: Platform, request: Request, deposit: Deposit, reception: Reception
) -> tuple[list[Transaction], Fault | None]:
    """Record the deposit, or raise RefusedError or NotActedError and record nothing.

    Returns the new transactions in the order of the envelope, and the fault of the answer.
    """
    describe(reception, deposit.parcel.messages, deposit.members)
    if request.fault is not None and request.fault.kind in BEFORE_ACTING:
        raise NotActedError(request.fault)
    with platform.lock:
        now = platform.settle()
        _check_numbers(platform, deposit)
        targets = [_target(platform, deposit, message) for message in deposit.parcel.messages]
        pairs = zip(deposit.parcel.messages, targets, strict=True)
        siren = deposit.account.siren
        scenarios = [scenario_of(platform, siren, message, target) for message, target in pairs]
        fault = fault_of(scenarios) or request.fault
        transactions = _open(platform, deposit, scenarios, targets)
        for transaction in transactions:
            platform.workflow.post(transaction, now, deposit.status)
    reception.accepted = True
    reception.transactions = [transaction.id for transaction in transactions]
    reception.answer = "OK"
    reception.fault = fault.kind if fault else ""
    return transactions, fault


def cancellable(platform: Platform, account: Account, target: Transaction | None) -> Transaction:
    """The act to cancel, or RefusedError in the order of S²LOW API §4.15. The lock is held."""
    if target is None:
        raise RefusedError("Transaction à annuler introuvable")
    if target.kind is not Kind.ACTE:
        raise RefusedError("Seule la transmission d'un acte peut être annulée")
    if platform.registry.cancellation_pending(target):
        raise RefusedError("Une annulation de cet acte est déjà en cours")
    if target.siren != account.siren:
        raise RefusedError("Accès refusé")
    if target.status is not Status.ACKNOWLEDGED:
        raise RefusedError("L'acte n'est pas dans un état qui permet de l'annuler")
    return target


def describe(
    reception: Reception, messages: Sequence[Message], members: Mapping[str, Member]
) -> None:
    """Note what an archive brought: its messages, their files."""
    reception.id_actes = [m.id_acte for m in messages if m.acte is not None]
    reception.messages = [Sent(m.code, m.file_name, m.id_acte) for m in messages]
    for name in (name for message in messages for name in message.files):
        if name in members:
            member = members[name]
            reception.documents.append(Document(name, member.sha256, member.size))


def _check_numbers(platform: Platform, deposit: Deposit) -> None:
    numbers = [m.acte.number for m in deposit.parcel.messages if m.acte is not None]
    for rank, number in enumerate(numbers):
        if not names.NUMERO_INTERNE.fullmatch(number):
            raise RefusedError(f"Le numéro {number!r} ne respecte pas le format attendu")
        if number in numbers[:rank] or platform.registry.number_used(deposit.account.siren, number):
            raise RefusedError(number_used_text(number))


def number_used_text(number: str) -> str:
    """The two lines of the refusal of a number."""
    return f"Le numéro {number} est déjà utilisé\nAjoutez un suffixe pour le rendre unique"


def _target(platform: Platform, deposit: Deposit, message: Message) -> Transaction | None:
    match message.code:
        case "1-1" | "7-1":
            return None
        case "6-1":
            target = platform.registry.by_unique_id(message.id_acte)
            return cancellable(platform, deposit.account, target)
        case code if code in RECEIPTS:
            raise RefusedError(
                f"{message.file_name} : la plateforme accuse elle-même les courriers"
            )
    letter = platform.registry.letter_for(deposit.account.siren, message)
    if letter is None or letter.envelope.direct:
        raise RefusedError(f"{message.file_name} : aucun courrier de ce type et de cette date")
    return letter


def scenario_of(
    platform: Platform, siren: str, message: Message, target: Transaction | None
) -> Scenario:
    """The scenario of one message; one use of its rule is spent. Raises RefusedError."""
    acte, subject = message.acte, Subject.ACT
    if target is not None:
        acte = target.about
        subject = Subject.CANCELLATION if message.code == "6-1" else Subject.REPLY
    if acte is None:
        return Scenario()
    scenario = platform.scenarios.choose(siren, acte.number, subject)
    if scenario.fate is Fate.REFUSED:
        raise RefusedError(scenario.detail or "Refus demandé au simulateur")
    return scenario


def fault_of(scenarios: list[Scenario]) -> Fault | None:
    """The fault that spoils the answer, if any. Raises NotActedError for one that comes before."""
    fault = next((s.fault for s in scenarios if s.fault is not None), None)
    if fault is not None and fault.kind in BEFORE_ACTING:
        raise NotActedError(fault)
    return fault


def _open(
    platform: Platform,
    deposit: Deposit,
    scenarios: list[Scenario],
    targets: list[Transaction | None],
) -> list[Transaction]:
    registry, parcel = platform.registry, deposit.parcel
    envelope = registry.open_envelope(
        deposit.account.siren,
        parcel.envelope_name,
        parcel.envelope,
        archive_name=deposit.archive_name,
    )
    envelope.archive = deposit.archive.replace(platform.spool / f"{envelope.id}.tar.gz")
    held = platform.classifications.held_for(deposit.account.siren)
    reference = held or platform.classifications.in_force
    faults = faults_of(parcel, deposit.members, reference)
    opened = []
    for message, scenario, target in zip(parcel.messages, scenarios, targets, strict=True):
        transaction = registry.open_transaction(
            envelope, message, scenario, faults=faults, target=target
        )
        registry.attach(
            transaction,
            stored_files(message, deposit.members, deposit.posted, deposit.signatures),
        )
        if message.documents:
            transaction.reply_type = message.code[-1]
        opened.append(transaction)
    return opened


def stored_files(
    message: Message,
    members: Mapping[str, Member],
    posted: Mapping[str, str] = _NOTHING,
    signatures: Mapping[str, str] = _NOTHING,
) -> Iterator[StoredFile]:
    """The files of a message, its XML first; `posted` and `signatures` as in a Deposit."""
    xml = members[message.file_name]
    yield StoredFile(xml.name, "", _XML, xml.size, "", "")
    for name in message.files:
        member, parts = members.get(name), names.file_name(name)
        if member is not None:
            yield StoredFile(
                name,
                posted.get(name, name),
                detected_type(member.head),
                member.size,
                signatures.get(name, ""),
                parts.typology if parts else "",
            )
