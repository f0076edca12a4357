"""The lane of an authority: what it has to send, a small batch at a time, the urgent first.

A lane has one message in the broker however many acts wait in it, so that an authority with five
thousand acts takes its turn like one with three.
"""

from datetime import timedelta

from transmission.clock import civil_day
from transmission.domain.transmission import Transmission
from transmission.services.circuit import allowance
from transmission.services.prepare import prepare
from transmission.services.submit import submit
from transmission.services.sweep import record_failure
from transmission.services.toolbox import Toolbox

BATCH = 8
"""Transmissions taken in one turn: few hops, and nobody waits long behind them."""

URGENT_DAYS = 3
"""Days before its legal limit from which an act passes first: a week-end may stand between."""

TURN = timedelta(seconds=30)
"""Time after which the rest of a batch is left to the next turn."""


def send(tools: Toolbox, authority_id: int) -> None:
    """Prepare and submit a batch of what an authority has to send, if its TdT answers.

    A fault about one is recorded on it and keeps none of the others waiting. Raises ExceptionGroup
    of these faults at the end.
    """
    started = tools.clock.now()
    faults = []
    batch = _claimed(tools, authority_id)
    for rank, transmission in enumerate(batch):
        if tools.clock.now() - started > TURN:
            _leave(tools, authority_id, batch[rank:])
            break
        task = "prepare"
        try:
            content = prepare(tools, transmission)
            task = "submit"
            submit(tools, content.transmission if content else transmission, content)
        except Exception as fault:  # noqa: BLE001 - raised below: those after it have their turn
            record_failure(tools, transmission.id, task, f"{type(fault).__name__} : {fault}")
            faults.append(fault)
    if faults:
        raise ExceptionGroup("some transmissions could not be sent", faults)


def _claimed(tools: Toolbox, authority_id: int) -> list[Transmission]:
    tools.answer("send", authority_id)
    now = tools.clock.now()
    with tools.register() as unit:
        collectivite = unit.authority(authority_id).collectivite
        most = allowance(unit, collectivite.tdt, now, BATCH)
        urgent_by = civil_day(now, collectivite.time_zone) + timedelta(days=URGENT_DAYS)
        batch = unit.claim(authority_id, now, tools.delays.bell_at(now), most, urgent_by)
        if most and len(batch) == most:
            # At once, so that another worker takes what follows without waiting for this turn.
            unit.ring("send", authority_id)
        unit.commit()
    return list(batch)


def _leave(tools: Toolbox, authority_id: int, rest: list[Transmission]) -> None:
    with tools.register() as unit:
        unit.due_at([transmission.id for transmission in rest], tools.clock.now())
        unit.ring("send", authority_id)
        unit.commit()
