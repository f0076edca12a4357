"""Send a sealed parcel: intent, act, outcome.

One commit before the call, one after, and a named state for « we do not know ». The call itself
is made with no transaction open, once, with no retry below us.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import TransitionError
from transmission.domain.lifecycle import Event, State
from transmission.domain.outcomes import (
    Accepted,
    Duplicate,
    InDoubt,
    Outcome,
    Refused,
    Unavailable,
)
from transmission.domain.transmission import SERVICE, Transmission
from transmission.killpoints import reach
from transmission.ports import (
    Attempt,
    Ending,
    Exchange,
    Parcel,
    StaleError,
    Step,
    TdtConfigurationError,
    TdtConnector,
    UnitOfWork,
)
from transmission.services.circuit import admits, report
from transmission.services.files import kept
from transmission.services.screen import is_clean
from transmission.services.sending import (
    Content,
    as_parcel,
    content_of,
    delivered_if_over,
    taken_step,
)
from transmission.services.toolbox import Toolbox
from transmission.services.windows import give_back, may_leave


@dataclass(frozen=True, slots=True)
class Intent:
    """A submission that is written down: for whom, by what, and what is about to be sent."""

    sender: Collectivite
    started: Transmission
    connector: TdtConnector
    parcel: Parcel


class _NotAdmittedError(Exception):
    """The circuit of its TdT lets nothing leave now."""


def submit(tools: Toolbox, prepared: Transmission, content: Content | None = None) -> None:
    """Send a prepared transmission, if it still is; whatever happens is written down.

    ``content`` is what it is made of, from whoever knows it already. Does nothing when the
    transmission is elsewhere by now.
    """
    if prepared.state is not State.PREPARED:
        return
    reach("submit.before_intent")
    try:
        intent = _intend(tools, prepared, content)
    except StaleError:
        return
    except _NotAdmittedError:
        _leave_for_later(tools, prepared)
        return
    if intent is None:
        return
    reach("submit.after_intent")
    exchange = intent.connector.submit(intent.parcel)
    reach("submit.after_post")
    conclude(tools, intent.sender, intent.started, exchange)
    reach("submit.after_outcome")


def _leave_for_later(tools: Toolbox, prepared: Transmission) -> None:
    # Whoever claimed it has it for a little while; its claim is not one that came to nothing.
    if prepared.claims:
        with tools.register() as unit:
            unit.postpone(prepared, Step(prepared.next_attempt_at, prepared.waiting_for))
            unit.commit()


def _intend(tools: Toolbox, prepared: Transmission, content: Content | None) -> Intent | None:
    now = tools.clock.now()
    assert prepared.parcel is not None  # noqa: S101 - lifecycle: prepared has a parcel
    with tools.register() as unit:
        content = content or content_of(tools, unit, prepared)
        sender = content.sender
        try:
            connector = tools.tdts.connector(sender.tdt)
        except TdtConfigurationError as error:
            unit.postpone(prepared, _later(tools, str(error)))
            unit.commit()
            return None
        if not is_clean(tools, unit, prepared):
            unit.postpone(prepared, _unscreened(tools))
            unit.commit()
            return None
        if not may_leave(unit, prepared, sender, now):
            unit.commit()
            return None
        if not admits(unit, sender.tdt, now):
            # Undone with its bytes of the hour.
            raise _NotAdmittedError
        # The bytes that leave are the bytes that were sealed: their digest is checked here.
        tools.documents.check(prepared.parcel.archive)
        parcel = as_parcel(tools, unit, content, prepared.parcel)
        started = _started(tools, unit, sender, prepared, now)
        unit.commit()
    return Intent(sender, started, connector, _fenced(tools, parcel, started))


def _started(
    tools: Toolbox, unit: UnitOfWork, sender: Collectivite, prepared: Transmission, now: datetime
) -> Transmission:
    number = prepared.attempts + 1
    step = Step(
        next_attempt_at=now + timedelta(seconds=tools.delays.submission_max),
        waiting_for=f"la réponse de {sender.tdt.nom}",
        attempts=number,
    )
    attempt = Attempt(number, sender.tdt.connector, now)
    details = {"tentative": number, "connecteur": sender.tdt.connector}
    return unit.start_attempt(prepared, attempt, SERVICE, step, details)


def _fenced(tools: Toolbox, parcel: Parcel, started: Transmission) -> Parcel:
    # The sweep has doubted it by then, or will: the TdT may have been asked, and another attempt
    # have been made, while this process was frozen.
    allowed = timedelta(seconds=tools.delays.submission_max)
    return replace(parcel, is_late=lambda: tools.clock.now() - started.state_since >= allowed)


def conclude(
    tools: Toolbox, sender: Collectivite, started: Transmission, exchange: Exchange
) -> None:
    """Write the outcome of an attempt, in one transaction.

    If the transmission has moved on meanwhile (an AR came first, or the sweep doubted), only
    the attempt is completed: states go forward, a late writer changes none.
    """
    now, outcome = tools.clock.now(), exchange.outcome
    name, detail = type(outcome).__name__, _detail(outcome)
    event, step = _consequence(tools, sender, started, outcome)
    with tools.register() as unit:
        response = kept(tools, unit, exchange.response)[0] if exchange.response else None
        details = {
            "issue": name,
            "detail": detail,
            "requete": sha256(exchange.request.encode()).hexdigest(),
            "reponse": response and response.sha256,
        }
        ending = Ending(now, name, detail, exchange.request, response)
        moved = unit.end_attempt(started, ending, event, SERVICE, step, details)
        if moved is None:
            moved = _concluded_late(unit, started, event, step, details, now)
        elif isinstance(outcome, Unavailable):
            give_back(unit, started)
        if moved is not None:
            if moved.state is State.SUBMITTED:
                delivered_if_over(tools, unit, sender, moved)
            report(unit, sender.tdt, started.state_since, now, outcome)
        unit.commit()


def _concluded_late(
    unit: UnitOfWork,
    started: Transmission,
    event: Event,
    step: Step,
    details: dict[str, Any],
    now: datetime,
) -> Transmission | None:
    """None when another attempt has begun: this outcome tells nothing of it."""
    current = unit.lock_transmission(started.id, wait=True)
    if current is None or current.attempts != started.attempts:
        return None
    try:
        return unit.move(current, event, SERVICE, now, step, details)
    except TransitionError as refusal:
        unit.note(current, "late_outcome", SERVICE, now, details | {"refus": str(refusal)})
        return current


def _consequence(
    tools: Toolbox, sender: Collectivite, started: Transmission, outcome: Outcome
) -> tuple[Event, Step]:
    now = tools.clock.now()
    match outcome:
        case Accepted(reference) | Duplicate(reference):
            return Event.SUBMISSION_ACCEPTED, taken_step(tools, sender, started, reference)
        case Refused(reason):
            return Event.SUBMISSION_REFUSED, Step(waiting_for=f"Refus du TdT : {reason}")
        case Unavailable(reason):
            return Event.SUBMISSION_UNAVAILABLE, _later(tools, reason)
        case InDoubt(reason):
            return Event.SUBMISSION_UNCERTAIN, Step(
                next_attempt_at=now + timedelta(seconds=tools.delays.settle),
                waiting_for=f"de savoir si le TdT a reçu l'envoi ({reason})",
            )


def _later(tools: Toolbox, reason: str) -> Step:
    # No fault is counted against the act: the circuit knows how long its TdT has been away.
    return Step(
        next_attempt_at=tools.delays.retry_at(tools.clock.now(), 0),
        waiting_for=f"que le TdT soit joignable ({reason})",
    )


def _unscreened(tools: Toolbox) -> Step:
    return Step(
        next_attempt_at=tools.delays.retry_at(tools.clock.now(), 0),
        waiting_for="que l'antivirus ait lu ses fichiers ; rien ne part sans lui",
    )


def _detail(outcome: Outcome) -> str:
    match outcome:
        case Accepted(reference) | Duplicate(reference):
            return f"référence {reference}"
        case Refused(reason) | Unavailable(reason) | InDoubt(reason):
            return reason
