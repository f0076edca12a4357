"""Send a sealed parcel: intent, act, outcome.

One commit before the call, one after, and a named state for « we do not know ». The call itself
is made with no transaction open, once, with no retry below us.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial

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
    Exchange,
    Parcel,
    Step,
    TdtConfigurationError,
    TdtConnector,
    UnitOfWork,
)
from transmission.services.circuit import admits, report
from transmission.services.sending import as_parcel, content_of, taken
from transmission.services.toolbox import Toolbox
from transmission.services.windows import give_back, may_leave


def submit(tools: Toolbox, transmission_id: int) -> None:
    """Send a prepared transmission, if it still is; whatever happens is written down.

    Does nothing when the transmission is elsewhere or in other hands.
    """
    reach("submit.before_intent")
    intent = _intend(tools, transmission_id)
    if intent is None:
        return
    transmission, connector, parcel = intent
    reach("submit.after_intent")
    exchange = connector.submit(parcel)
    reach("submit.after_post")
    conclude(tools, transmission, exchange)
    reach("submit.after_outcome")


def _intend(
    tools: Toolbox, transmission_id: int
) -> tuple[Transmission, TdtConnector, Parcel] | None:
    now = tools.clock.now()
    with tools.register() as unit:
        transmission = unit.lock_transmission(transmission_id)
        if transmission is None or transmission.state is not State.PREPARED:
            return None
        assert transmission.parcel is not None  # noqa: S101 - lifecycle: prepared has a parcel
        collectivite = unit.authority(transmission.collectivite_id).collectivite
        try:
            connector = tools.tdts.connector(collectivite.tdt)
        except TdtConfigurationError as error:
            unit.postpone(transmission, _later(tools, str(error)))
            unit.commit()
            return None
        if not may_leave(unit, transmission, collectivite, now):
            unit.commit()
            return None
        if not admits(unit, collectivite.tdt, now):
            # Undone with its bytes of the hour; whoever claimed it has it for a little while.
            return None
        # The bytes that leave are the bytes that were sealed: their digest is checked here.
        tools.documents.path(transmission.parcel.archive)
        content = content_of(tools, unit, transmission)
        parcel = as_parcel(tools, unit, content, transmission.parcel)
        number = transmission.attempts + 1
        unit.start_attempt(transmission, Attempt(number, collectivite.tdt.connector, now))
        step = Step(
            next_attempt_at=now + timedelta(seconds=tools.delays.submission_max),
            waiting_for=f"la réponse de {collectivite.tdt.nom}",
            attempts=number,
        )
        started = unit.move(
            transmission, Event.SUBMISSION_STARTED, SERVICE, now, step, {"tentative": number}
        )
        unit.commit()
    return started, connector, replace(parcel, is_late=partial(_is_late, tools, started))


def _is_late(tools: Toolbox, started: Transmission) -> bool:
    # The sweep has doubted it by now, or will: the TdT may have been asked, and another attempt
    # have been made, while this process was frozen.
    allowed = timedelta(seconds=tools.delays.submission_max)
    return tools.clock.now() - started.state_since >= allowed


def conclude(tools: Toolbox, transmission: Transmission, exchange: Exchange) -> None:
    """Write the outcome of an attempt, in one transaction.

    If the transmission has moved on meanwhile (an AR came first, or the sweep doubted), only
    the attempt is completed: states go forward, a late writer changes none.
    """
    now = tools.clock.now()
    response = tools.documents.put_bytes(exchange.response) if exchange.response else None
    name, detail = type(exchange.outcome).__name__, _detail(exchange.outcome)
    with tools.register() as unit:
        unit.finish_attempt(
            transmission.id, transmission.attempts, now, name, detail, exchange.request, response
        )
        current = unit.lock_transmission(transmission.id, wait=True)
        if current is not None and current.attempts == transmission.attempts:
            _conclude(tools, unit, current, exchange.outcome)
        unit.commit()


def _conclude(tools: Toolbox, unit: UnitOfWork, current: Transmission, outcome: Outcome) -> None:
    details = {"issue": type(outcome).__name__, "detail": _detail(outcome)}
    try:
        match outcome:
            case Accepted(reference) | Duplicate(reference):
                taken(tools, unit, current, Event.SUBMISSION_ACCEPTED, reference, details)
            case _:
                event, step = _consequence(tools, outcome)
                unit.move(current, event, SERVICE, tools.clock.now(), step, details)
    except TransitionError as refusal:
        details["refus"] = str(refusal)
        unit.note(current, "late_outcome", SERVICE, tools.clock.now(), details)
    if isinstance(outcome, Unavailable):
        give_back(unit, current)
    account = unit.authority(current.collectivite_id).collectivite.tdt
    report(unit, account, current.state_since, tools.clock.now(), outcome)


def _consequence(tools: Toolbox, outcome: Refused | Unavailable | InDoubt) -> tuple[Event, Step]:
    now = tools.clock.now()
    match outcome:
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


def _detail(outcome: Outcome) -> str:
    match outcome:
        case Accepted(reference) | Duplicate(reference):
            return f"référence {reference}"
        case Refused(reason) | Unavailable(reason) | InDoubt(reason):
            return reason
