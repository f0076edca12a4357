"""The boring loop that finds what was forgotten: lost bells, overdue waits, crashed sendings."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import TypeAlias

from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Transmission
from transmission.ports import Step, UnitOfWork
from transmission.services.toolbox import Toolbox

Bells: TypeAlias = Set[tuple[str, int]]

BATCH = 500
MAX_FAILURES = 5
"""Faults of ours in a row after which a person is asked."""

_LANES = {"send": (State.ACCEPTED, State.PREPARED), "collect": (State.SUBMITTED,)}
# Not while a sending may be under way: its time is the one after which it is in doubt.
_TRIED_AGAIN = (State.ACCEPTED, State.PREPARED, State.IN_DOUBT, State.SUBMITTED)


def sweep(tools: Toolbox) -> int:
    """Ring again for everything whose time has come; how many rows were seen.

    Loops until nothing is due, with a cut-off fixed at the start, so that a long queue is seen
    whole and rows that move meanwhile are not chased.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        waiting = unit.waiting_bells()
    seen = 0
    while count := _doubt_stalled(tools, now):
        seen += count
    while count := _ring_doubtful(tools, now, waiting):
        seen += count
    for task, states in _LANES.items():
        seen += _ring_lanes(tools, now, waiting, task, states)
    _settle_letters(tools)
    return seen + _ring_unread(tools, now, waiting)


def record_failure(tools: Toolbox, transmission_id: int, task: str, error: str) -> None:
    """Count a fault of ours against a transmission: it waits, and after some, for a person."""
    now = tools.clock.now()
    with tools.register() as unit:
        transmission = unit.lock_transmission(transmission_id, wait=True)
        if transmission is None:
            return
        details = {"tache": task, "erreur": error[:2000]}
        if transmission.failures + 1 >= MAX_FAILURES and transmission.state in (
            State.ACCEPTED,
            State.PREPARED,
        ):
            step = Step(waiting_for=f"Échecs répétés de « {task} » : {error[:500]}")
            unit.move(transmission, Event.HELD, SERVICE, now, step, details)
        else:
            if transmission.state in _TRIED_AGAIN:
                unit.postpone(transmission, _next_try(tools, transmission, now))
            unit.note(transmission, "task_failed", SERVICE, now, details)
        unit.commit()


def _next_try(tools: Toolbox, transmission: Transmission, now: datetime) -> Step:
    return Step(
        next_attempt_at=tools.delays.retry_at(now, transmission.failures),
        waiting_for=transmission.waiting_for,
        failures=transmission.failures + 1,
    )


def _doubt_stalled(tools: Toolbox, now: datetime) -> int:
    step = Step(
        next_attempt_at=now + timedelta(seconds=tools.delays.settle),
        waiting_for="de savoir si le TdT a reçu l'envoi (arrêt du service pendant l'envoi)",
    )
    with tools.register() as unit:
        stalled = unit.due([State.SUBMITTING.code], now, BATCH)
        for transmission in stalled:
            unit.move(transmission, Event.SUBMISSION_UNCERTAIN, SERVICE, now, step)
        unit.commit()
    return len(stalled)


def _ring_doubtful(tools: Toolbox, now: datetime, waiting: Bells) -> int:
    with tools.register() as unit:
        due = unit.due([State.IN_DOUBT.code], now, BATCH)
        for transmission in due:
            _ring(unit, waiting, "reconcile", transmission.id)
            step = Step(tools.delays.bell_at(now), transmission.waiting_for)
            unit.postpone(transmission, step)
        unit.commit()
    return len(due)


def _ring_lanes(
    tools: Toolbox, now: datetime, waiting: Bells, task: str, states: tuple[State, ...]
) -> int:
    with tools.register() as unit:
        due = unit.authorities_with_due([state.code for state in states], now)
        for authority_id in due:
            _ring(unit, waiting, task, authority_id)
        unit.commit()
    return len(due)


def _ring_unread(tools: Toolbox, now: datetime, waiting: Bells) -> int:
    before = now - timedelta(seconds=tools.delays.lost_bell)
    with tools.register() as unit:
        unread = unit.unread_retours(before, BATCH)
        for retour_id in unread:
            _ring(unit, waiting, "apply", retour_id)
        unit.commit()
    return len(unread)


def _settle_letters(tools: Toolbox) -> None:
    # One batch: a list that goes through some more of them for a while is only slower.
    with tools.register() as unit:
        unit.settle_courriers(BATCH)
        unit.commit()


def _ring(unit: UnitOfWork, waiting: Bells, task: str, subject: int) -> None:
    # A bell that still waits for the relay is not lost: another would only lengthen the outbox.
    if (task, subject) not in waiting:
        unit.ring(task, subject)
