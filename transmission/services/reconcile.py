"""Resolve an uncertain sending by asking the TdT what it has, never by sending again."""

from datetime import timedelta

from transmission.domain.lifecycle import Event, State
from transmission.domain.outcomes import Absent, CannotTell, Finding, Found
from transmission.domain.transmission import SERVICE, Transmission
from transmission.killpoints import reach
from transmission.ports import Step, TdtConfigurationError, UnitOfWork
from transmission.services.sending import as_parcel, content_of, taken
from transmission.services.toolbox import Toolbox

MAX_ATTEMPTS = 5
"""Sendings in a row that the TdT says it never got, after which a person is asked."""


UNANSWERED = timedelta(hours=24)
"""Silence of a State that cannot be asked, after which a person is (ACTES protocol §6.4)."""


def reconcile(tools: Toolbox, transmission_id: int) -> None:
    """Ask about a transmission in doubt, if its time of rest is over.

    Found: it is sent. Clearly absent after the rest: it may be sent again. Anything else: it
    waits, and stays on the operators' desk.
    """
    with tools.register() as unit:
        transmission = unit.transmission(transmission_id)
        if transmission.state is not State.IN_DOUBT or not _rested(tools, transmission):
            return
        owner = unit.authority(transmission.collectivite_id)
        assert transmission.parcel is not None  # noqa: S101 - lifecycle: in doubt has a parcel
        content = content_of(tools, unit, transmission)
        parcel = as_parcel(tools, unit, content, transmission.parcel)
    try:
        finding = tools.tdts.connector(owner.collectivite.tdt).find(parcel)
    except TdtConfigurationError as error:
        finding = CannotTell(str(error))
    reach("reconcile.asked")
    with tools.register() as unit:
        _conclude(tools, unit, transmission, finding)
        unit.commit()
    reach("reconcile.committed")


def _rested(tools: Toolbox, transmission: Transmission) -> bool:
    # What was cut may still be arriving: asked too early, the TdT would say that it has nothing.
    rest = timedelta(seconds=tools.delays.settle)
    return tools.clock.now() >= transmission.state_since + rest


def _conclude(
    tools: Toolbox, unit: UnitOfWork, transmission: Transmission, finding: Finding
) -> None:
    now = tools.clock.now()
    current = unit.lock_transmission(transmission.id, wait=True)
    if current is None or current.state is not State.IN_DOUBT:
        return
    if current.attempts != transmission.attempts:
        # The answer is about a former attempt: it says nothing of the one now in doubt.
        return
    match finding:
        case Found(reference):
            details = {"reference": reference}
            taken(tools, unit, current, Event.FOUND_AT_TDT, reference, details)
        case Absent() if current.attempts >= MAX_ATTEMPTS:
            step = Step(
                waiting_for=f"Envoyée {current.attempts} fois sans que le TdT la reçoive : voyez "
                "avec lui ce qui l'en empêche, puis relancez-la."
            )
            unit.move(current, Event.HELD, SERVICE, now, step)
        case Absent():
            step = Step(next_attempt_at=now, waiting_for="l'envoi", failures=0)
            unit.move(current, Event.ABSENT_AT_TDT, SERVICE, now, step)
            unit.ring("send", current.collectivite_id)
        case CannotTell() if _is_silent(tools, unit, current):
            step = Step(
                waiting_for="Envoi incertain, sans accusé depuis 24 heures, et personne à qui le "
                "demander d'ici : voyez avec la préfecture si elle l'a, puis relancez-le ou "
                "abandonnez-le."
            )
            unit.move(current, Event.HELD, SERVICE, now, step)
        case CannotTell(reason):
            step = Step(
                next_attempt_at=tools.delays.retry_at(now, current.failures),
                waiting_for=f"que le TdT dise s'il a reçu l'envoi ({reason})",
                failures=current.failures + 1,
            )
            unit.postpone(current, step)


def _is_silent(tools: Toolbox, unit: UnitOfWork, doubtful: Transmission) -> bool:
    tdt = unit.authority(doubtful.collectivite_id).collectivite.tdt
    if tools.tdts.capabilities(tdt).has_status:
        return False
    return tools.clock.now() >= doubtful.state_since + UNANSWERED
