"""What the management port can do. Arguments are decoded JSON; ActionError says what is wrong."""

import base64
from datetime import date
from typing import TYPE_CHECKING, Any

from transmission.mocktdt.accounts import Authority, AuthorityError
from transmission.mocktdt.arguments import (
    ActionError,
    Arguments,
    number_of,
    parsed_date,
    parsed_instant,
    text_of,
    times_of,
)
from transmission.mocktdt.clock import ClockError
from transmission.mocktdt.faults import BEFORE_READING, Fault, FaultKind
from transmission.mocktdt.letters import LetterKind
from transmission.mocktdt.platform import Platform
from transmission.mocktdt.reception import Mode, Origin, ReceptionDate
from transmission.mocktdt.routes import DEPOSITS
from transmission.mocktdt.scenarios import (
    LATE_SECONDS,
    SLOW_SECONDS,
    Fate,
    Scenario,
    Scope,
    Subject,
)
from transmission.mocktdt.transactions import Kind, Transaction

if TYPE_CHECKING:
    from transmission.mocktdt.mock import MockTdt


_MAX_DAYS = 36_525


def healthz(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Alive, and with how many bugs of its own."""
    del arguments
    errors = mock.platform.record.internal_errors
    return {
        "status": "ok" if not errors else "internal errors",
        "now": mock.platform.clock.now().isoformat(),
        "internal_errors": errors,
    }


def settings(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """What was printed when the program was ready."""
    del arguments
    return mock.describe()


def scenario(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Choose what becomes of acts to come."""
    scenarios = mock.platform.scenarios
    if arguments.get("scenario") == "clear":
        scenarios.clear()
        return {"cleared": True}
    chosen = _scenario(arguments)
    siren, number = text_of(arguments, "siren"), text_of(arguments, "number")
    scope = _scope(arguments, siren, number)
    times = times_of(arguments, 1 if scope is Scope.NEXT or chosen.fault else None)
    if chosen.fault and chosen.fault.kind in BEFORE_READING:
        if number:
            raise ActionError("le numéro n'est pas connu avant la lecture du corps")
        mock.platform.faults.add(chosen.fault, paths=DEPOSITS, siren=siren, times=times or 1)
    else:
        subject = _subject(arguments)
        scenarios.add(chosen, scope, siren=siren, number=number, times=times, subject=subject)
    return {"scope": scope.name.lower(), "times": times}


def faults(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Make calls fail on the wire, whatever they ask."""
    if arguments.get("fault") == "clear":
        mock.platform.faults.clear()
        return {"cleared": True}
    paths = arguments.get("paths", [])
    if not isinstance(paths, list):
        raise ActionError("paths : une liste de noms de scripts est attendue")
    fault = _fault(arguments.get("fault"), arguments)
    times = times_of(arguments, 1) or 1
    scripts = frozenset(str(path).rsplit("/", 1)[-1] for path in paths)
    mock.platform.faults.add(fault, paths=scripts, siren=text_of(arguments, "siren"), times=times)
    return {"fault": fault.kind, "times": times}


def clock(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Move the clock: `set`, `advance`, `frozen`, in that order."""
    virtual = mock.platform.clock
    try:
        if "set" in arguments:
            virtual.set(parsed_instant(arguments["set"]))
        if "advance" in arguments:
            virtual.advance(number_of(arguments, "advance"))
    except ClockError as error:
        raise ActionError(str(error)) from None
    if "frozen" in arguments:
        virtual.freeze(frozen=bool(arguments["frozen"]))
    now = mock.platform.settle()
    return {"now": now.isoformat(), "today": virtual.today().isoformat()}


def delays(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Seconds between posting and check, check and sending, sending and answer."""
    current = mock.platform.workflow.delays
    for name in ("check", "sending", "answer"):
        if name in arguments:
            setattr(current, name, number_of(arguments, name))
    return {"check": current.check, "sending": current.sending, "answer": current.answer}


def authorities(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Register an authority; its certificate comes back as text and as files."""
    try:
        names = ("siren", "departement", "arrondissement", "nature", "name", "login")
        registered = mock.register(Authority(*(str(arguments.get(name, "")) for name in names)))
    except AuthorityError as error:
        raise ActionError(str(error)) from None
    files = mock.identity(registered.siren)
    return {
        **mock.describe_account(registered),
        "ca_pem": mock.ca_file.read_text("ascii"),
        "certificate_pem": files.certificate_file.read_text("ascii"),
        "key_pem": files.key_file.read_text("ascii"),
        "p12_base64": base64.b64encode(files.p12_file.read_bytes()).decode("ascii"),
    }


def reception_date(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Choose the day that ARs to come will bear."""
    try:
        policy = ReceptionDate(
            mode=Mode(arguments.get("mode", Mode.TODAY)),
            fixed=parsed_date(arguments.get("date", date.min.isoformat())),
            origin=Origin(arguments.get("from", Origin.SENDING)),
            days=int(number_of(arguments, "days", _MAX_DAYS)) if "days" in arguments else 0,
        )
    except ValueError as error:
        raise ActionError(str(error)) from None
    with mock.platform.lock:
        mock.platform.workflow.reception_date = policy
    return {"mode": policy.mode}


def classification(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Put a new version in force at the ministry, or make the platform forget its own."""
    platform = mock.platform
    with platform.lock:
        if "date" in arguments:
            known = bool(arguments.get("known_to_platform", False))
            platform.classifications.publish(
                parsed_date(arguments["date"]), known_to_platform=known
            )
        if arguments.get("forget"):
            platform.classifications.forget()
        return {"in_force": platform.classifications.in_force.day.isoformat()}


def retour(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """Play the ministry by hand, now, on one transaction."""
    platform = mock.platform
    nature, detail = str(arguments.get("nature", "")), str(arguments.get("detail", "à la main"))
    with platform.lock:
        now = platform.settle()
        transaction = _answerable(named_transaction(platform, arguments))
        match arguments.get("retour"):
            case "ar":
                platform.workflow.acknowledge(transaction, now)
            case "anomalie_acte":
                platform.workflow.anomalie_acte(transaction, now, nature or "005", detail)
            case "anomalie_enveloppe" if transaction.envelope.xml:
                envelope = transaction.envelope
                platform.workflow.anomalie_enveloppe(envelope, now, nature or "999", detail)
            case _:
                raise ActionError("retour : ar, anomalie_acte ou anomalie_enveloppe")
        return described(transaction)


def _answerable(transaction: Transaction) -> Transaction:
    if transaction.letter is not None or transaction.kind is Kind.COURRIER_SIMPLE:
        raise ActionError("le ministère n'accuse ni ses courriers, ni la réponse à un type 2")
    return transaction


def described(transaction: Transaction) -> dict[str, Any]:
    """A transaction as the oracle tells it."""
    return {
        "id": transaction.id,
        "direct": transaction.envelope.direct,
        "status": transaction.status,
        "retour": transaction.retour_name,
        "receipt": transaction.receipt.decode("iso-8859-1"),
        "steps": [
            {"status": step.status, "at": step.at.isoformat(), "text": step.text}
            for step in transaction.steps
        ],
    }


def named_transaction(platform: Platform, arguments: Arguments) -> Transaction:
    """The one that `id_acte` or `transaction` names. Raises ActionError. The lock is held."""
    if "id_acte" in arguments:
        acts = platform.registry.acts(str(arguments["id_acte"]))
        transaction = acts[-1] if acts else None
    else:
        transaction = platform.registry.transaction(int(number_of(arguments, "transaction")))
    if transaction is None:
        raise ActionError("transaction ou id_acte inconnu")
    return transaction


def _scenario(arguments: Arguments) -> Scenario:
    name = text_of(arguments, "scenario")
    seconds = number_of(arguments, "seconds") if "seconds" in arguments else None
    if name in set(FaultKind):
        return Scenario(fault=_fault(name, arguments))
    if name not in set(Fate):
        raise ActionError(f"scenario : {', '.join((*Fate, *FaultKind))} ou clear")
    fate = Fate(name)
    if fate is Fate.AR_LATE and seconds is None:
        seconds = LATE_SECONDS
    return Scenario(
        fate=fate,
        seconds=seconds,
        nature=str(arguments.get("nature", "")),
        detail=str(arguments.get("detail", "")),
        fault=_fault(arguments["fault"], {}) if "fault" in arguments else None,
        letter=_letter(arguments),
        letter_seconds=number_of(arguments, "letter_after") if "letter_after" in arguments else 0.0,
    )


def _subject(arguments: Arguments) -> Subject:
    name = text_of(arguments, "for") or Subject.ACT
    if name not in set(Subject):
        raise ActionError(f"for : {', '.join(Subject)}")
    return Subject(name)


def _letter(arguments: Arguments) -> LetterKind | None:
    name = text_of(arguments, "letter")
    if name is not None and name not in set(LetterKind):
        raise ActionError(f"letter : {', '.join(LetterKind)}")
    return None if name is None else LetterKind(name)


def _fault(name: object, arguments: Arguments) -> Fault:
    if str(name) not in set(FaultKind):
        raise ActionError(f"fault : {', '.join(FaultKind)} ou clear")
    slow = SLOW_SECONDS if name == FaultKind.SLOW else 0.0
    seconds = number_of(arguments, "seconds") if "seconds" in arguments else slow
    return Fault(FaultKind(str(name)), seconds)


def _scope(arguments: Arguments, siren: str | None, number: str | None) -> Scope:
    if number:
        return Scope.NUMBER
    if arguments.get("next"):
        return Scope.NEXT
    return Scope.AUTHORITY if siren else Scope.DEFAULT
