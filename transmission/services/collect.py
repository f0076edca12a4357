"""Bring back what the TdT has for the acts of an authority: bytes first, reading later."""

from datetime import datetime

from transmission.domain.collectivite import Collectivite
from transmission.domain.lifecycle import Event, State
from transmission.domain.outcomes import CannotTell
from transmission.domain.transmission import SERVICE, RetourStatus, Transmission
from transmission.killpoints import reach
from transmission.ports import (
    Collected,
    Situation,
    Step,
    TdtConfigurationError,
    TdtConnector,
    UnitOfWork,
)
from transmission.services.sweep import record_failure
from transmission.services.toolbox import Toolbox

BATCH = 50
"""Transmissions asked about in one task: few hops, and no act waits long behind the others."""


def collect(tools: Toolbox, authority_id: int) -> None:
    """Ask the TdT about every sent transmission of an authority whose time has come.

    A fault about one is recorded on it and keeps none of the others waiting. Raises ExceptionGroup
    of these faults at the end.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        collectivite = unit.authority(authority_id).collectivite
        due = unit.due([State.SUBMITTED.code], now, BATCH, authority_id)
        for transmission in due:
            _plan_next_look(tools, unit, transmission, now)
        if len(due) == BATCH:
            unit.ring("collect", authority_id)
        unit.commit()
    if not due:
        return
    connector = _connector(tools, collectivite)
    faults = []
    for transmission in due:
        try:
            _look(tools, connector, collectivite, transmission)
        except Exception as fault:  # noqa: BLE001 - raised below: the acts after it have their turn
            record_failure(tools, transmission.id, "collect", repr(fault))
            faults.append(fault)
    if faults:
        raise ExceptionGroup("some acts could not be looked at", faults)


def _plan_next_look(
    tools: Toolbox, unit: UnitOfWork, transmission: Transmission, now: datetime
) -> None:
    # Written before the call: a crash or another collector then looks again, later.
    step = Step(
        next_attempt_at=tools.delays.poll_at(now, transmission.polls + 1),
        waiting_for=transmission.waiting_for,
        polls=transmission.polls + 1,
    )
    unit.postpone(transmission, step)


def _connector(tools: Toolbox, collectivite: Collectivite) -> TdtConnector | CannotTell:
    try:
        return tools.tdts.connector(collectivite.tdt)
    except TdtConfigurationError as error:
        return CannotTell(str(error))


def _look(
    tools: Toolbox,
    connector: TdtConnector | CannotTell,
    collectivite: Collectivite,
    transmission: Transmission,
) -> None:
    if isinstance(connector, CannotTell):
        _wait(tools, transmission, f"que le compte du TdT soit utilisable ({connector.reason})")
        return
    assert transmission.reference is not None  # noqa: S101 - lifecycle: submitted has one
    found = connector.collect(transmission.reference)
    if isinstance(found, CannotTell):
        _wait(tools, transmission, f"que {collectivite.tdt.nom} réponde ({found.reason})")
        return
    match found.situation:
        case Situation.ANSWERED:
            _keep(tools, transmission, found)
        case Situation.REFUSED_BY_TDT:
            _refuse(tools, transmission, found)
        case Situation.UNKNOWN:
            _wait(tools, transmission, f"un statut compréhensible du TdT ({found.text})")
        case Situation.WAITING:
            at_tdt = f" (chez {collectivite.tdt.nom} : {found.text})" if found.text else ""
            _wait(tools, transmission, f"l'accusé de réception de la préfecture{at_tdt}")


def _wait(tools: Toolbox, transmission: Transmission, waiting_for: str) -> None:
    if waiting_for == transmission.waiting_for:
        return
    with tools.register() as unit:
        current = unit.lock_transmission(transmission.id)
        if current is None or current.state is not State.SUBMITTED:
            return
        unit.postpone(current, Step(current.next_attempt_at, waiting_for))
        unit.commit()


def _keep(tools: Toolbox, transmission: Transmission, found: Collected) -> None:
    assert found.message is not None  # noqa: S101 - answered has a message
    file = tools.documents.put_bytes(found.message)
    reach("collect.bytes_kept")
    with tools.register() as unit:
        retour_id = unit.add_retour(
            transmission.collectivite_id,
            transmission.id,
            file,
            _source(transmission),
            tools.clock.now(),
        )
        if retour_id is not None:
            unit.ring("apply", retour_id)
        reach("collect.before_commit")
        unit.commit()
    reach("collect.committed")


def _refuse(tools: Toolbox, transmission: Transmission, found: Collected) -> None:
    now = tools.clock.now()
    file = tools.documents.put_bytes(found.body)
    with tools.register() as unit:
        current = unit.lock_transmission(transmission.id)
        if current is None or current.state is not State.SUBMITTED:
            return
        retour_id = unit.add_retour(
            transmission.collectivite_id, transmission.id, file, _source(transmission), now
        )
        if retour_id is not None:
            unit.settle_retour(
                retour_id,
                RetourStatus.APPLIED,
                "refus du TdT",
                transmission_id=transmission.id,
                reason=found.text,
            )
        step = Step(waiting_for=f"Refusée par le TdT : {found.text}", retour_id=retour_id)
        unit.move(current, Event.ANOMALIE_RECEIVED, SERVICE, now, step, {"texte": found.text})
        unit.commit()


def _source(transmission: Transmission) -> str:
    # With the transmission: a TdT may give a reference again, and an AR first collected for the
    # wrong act must still reach the right one.
    return f"tdt:{transmission.reference}:{transmission.id}"
