"""Bring back what the TdT has for the acts of an authority: bytes first, reading later."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from transmission.domain.collectivite import Collectivite
from transmission.domain.lifecycle import Event, State
from transmission.domain.messages import ACKNOWLEDGED_BY
from transmission.domain.outcomes import CannotTell
from transmission.domain.transmission import SERVICE, RetourStatus, Transmission
from transmission.ports import (
    SMALL,
    Collected,
    Situation,
    Step,
    TdtConfigurationError,
    TdtConnector,
    UnitOfWork,
)
from transmission.services.answered import Answer, arrived, take
from transmission.services.cancel import annulation_ended
from transmission.services.files import kept
from transmission.services.sending import awaited, delivered
from transmission.services.sweep import record_failure
from transmission.services.toolbox import Toolbox

FEW = 8
"""Transmissions up to which asking of each costs no more than reading the TdT's lists."""

TOGETHER = 32
"""Answers kept, then read, at once."""

LOOKS = 200
"""Transmissions asked about one by one in a task: the rest is for the next."""

CLAIM = 20_000
"""Transmissions of an authority seen at once."""


def collect(tools: Toolbox, authority_id: int) -> None:
    """Ask the TdT about the sent transmissions of an authority whose time has come.

    Many are asked about by its lists of what still waits, if it has such lists; those that they
    do not show have moved, and are asked about one by one. A fault about one is recorded on it
    and keeps none of the others waiting. Raises ExceptionGroup of these faults at the end.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        # In the transaction that looks: until its end, the relay waits to ring this lane again.
        unit.answer("collect", authority_id)
        collectivite = unit.authority(authority_id).collectivite
        moved = unit.due([State.SUBMITTED.code], now, FEW + 1, authority_id)
        if len(moved) <= FEW:
            _look_later(tools, unit, moved, now)
        unit.commit()
    if not moved:
        return
    connector = _connector(tools, collectivite)
    if len(moved) > FEW:
        lists: Mapping[str, Collected] = {}
        if not isinstance(connector, CannotTell):
            lists = _lists(tools, collectivite, connector)
        moved = _plan(tools, collectivite, authority_id, lists, now)
    if faults := _look_at_each(tools, connector, collectivite, moved):
        raise ExceptionGroup("some acts could not be looked at", faults)


def _look_at_each(
    tools: Toolbox,
    connector: TdtConnector | CannotTell,
    collectivite: Collectivite,
    moved: Sequence[Transmission],
) -> list[Exception]:
    faults: list[Exception] = []
    answers: list[Answer] = []
    for transmission in moved:
        try:
            message = _look(tools, connector, collectivite, transmission)
        except Exception as fault:  # noqa: BLE001 - told at the end: those after it have their turn
            record_failure(tools, transmission.id, "collect", repr(fault))
            faults.append(fault)
            continue
        if message is not None:
            answers.append(Answer(transmission, message))
        if len(answers) == TOGETHER or sum(len(each.message) for each in answers) > SMALL:
            faults += take(tools, answers)
            answers = []
    return faults + take(tools, answers)


def _lists(
    tools: Toolbox, collectivite: Collectivite, connector: TdtConnector
) -> Mapping[str, Collected]:
    """What the TdT lists as waiting; nothing when it cannot, so that each is asked about."""
    if not tools.tdts.capabilities(collectivite.tdt).lists_waiting:
        return {}
    found = connector.waiting()
    return {} if isinstance(found, CannotTell) else found


def _plan(
    tools: Toolbox,
    collectivite: Collectivite,
    authority_id: int,
    lists: Mapping[str, Collected],
    now: datetime,
) -> Sequence[Transmission]:
    """Write the next look at each, before any call: a crash or another collector then looks later.

    Returns those to ask about now.
    """
    with tools.register() as unit:
        due = unit.due([State.SUBMITTED.code], now, CLAIM, authority_id)
        waiting = [each for each in due if _waits(lists.get(each.reference or ""), each)]
        listed = {each.id for each in waiting}
        moved = [each for each in due if each.id not in listed]
        _look_later(tools, unit, [*waiting, *moved[:LOOKS]], now)
        unit.explain(
            [(each, _words(collectivite, each, lists[each.reference or ""])) for each in waiting]
        )
        if len(moved) > LOOKS or len(due) == CLAIM:
            unit.ring("collect", authority_id)
        unit.commit()
    return moved[:LOOKS]


def _look_later(
    tools: Toolbox, unit: UnitOfWork, planned: Sequence[Transmission], now: datetime
) -> None:
    unit.plan_looks(planned, [tools.delays.poll_at(now, each.polls + 1) for each in planned])


def _waits(listed: Collected | None, transmission: Transmission) -> bool:
    if listed is None or listed.situation not in (Situation.WAITING, Situation.DELIVERED):
        return False
    return not _is_over(transmission, listed)


def _is_over(transmission: Transmission, found: Collected) -> bool:
    # The State has it, and will not acknowledge it.
    return found.situation is Situation.DELIVERED and transmission.message not in ACKNOWLEDGED_BY


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
) -> bytes | None:
    """Ask about one, and write what follows; the State's XML if it has answered."""
    if isinstance(connector, CannotTell):
        _wait(tools, transmission, f"que le compte du TdT soit utilisable ({connector.reason})")
        return None
    assert transmission.reference is not None  # noqa: S101 - lifecycle: submitted has one
    found = connector.collect(transmission.reference)
    if isinstance(found, CannotTell):
        _wait(tools, transmission, f"que {collectivite.tdt.nom} réponde ({found.reason})")
        return None
    match found.situation:
        case Situation.ANSWERED:
            assert found.message is not None  # noqa: S101 - answered has a message
            return found.message
        case Situation.REFUSED_BY_TDT:
            _refuse(tools, transmission, found)
        case Situation.UNKNOWN:
            _wait(tools, transmission, f"un statut compréhensible du TdT ({found.text})")
        case Situation.DELIVERED if _is_over(transmission, found):
            _deliver(tools, transmission)
        case Situation.WAITING | Situation.DELIVERED:
            _wait(tools, transmission, _words(collectivite, transmission, found))
    return None


def _words(collectivite: Collectivite, transmission: Transmission, found: Collected) -> str:
    at_tdt = f" (chez {collectivite.tdt.nom} : {found.text})" if found.text else ""
    return f"{awaited(transmission)}{at_tdt}"


def _deliver(tools: Toolbox, transmission: Transmission) -> None:
    with tools.register() as unit:
        current = unit.lock_transmission(transmission.id)
        if current is None or current.state is not State.SUBMITTED:
            return
        delivered(tools, unit, current)
        unit.commit()


def _wait(tools: Toolbox, transmission: Transmission, waiting_for: str) -> None:
    if waiting_for == transmission.waiting_for:
        return
    with tools.register() as unit:
        current = unit.lock_transmission(transmission.id)
        if current is None or current.state is not State.SUBMITTED:
            return
        unit.postpone(current, Step(current.next_attempt_at, waiting_for))
        unit.commit()


def _refuse(tools: Toolbox, transmission: Transmission, found: Collected) -> None:
    now = tools.clock.now()
    with tools.register() as unit:
        current = unit.lock_transmission(transmission.id)
        if current is None or current.state is not State.SUBMITTED:
            return
        (file,) = kept(tools, unit, found.body)
        retour_id = unit.add_retour(arrived(tools, current, file))
        if retour_id is not None:
            unit.settle_retour(
                retour_id,
                RetourStatus.APPLIED,
                "refus du TdT",
                transmission_id=transmission.id,
                reason=found.text,
            )
        step = Step(waiting_for=f"Refusée par le TdT : {found.text}", retour_id=retour_id)
        moved = unit.move(
            current, Event.ANOMALIE_RECEIVED, SERVICE, now, step, {"texte": found.text}
        )
        annulation_ended(tools, unit, moved, SERVICE, found.text)
        unit.commit()
