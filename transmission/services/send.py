"""The lane of an authority: what it has to send, a small batch at a time, the urgent first.

A lane has one message in the broker however many acts wait in it, so that an authority with five
thousand acts takes its turn like one with three.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from transmission.clock import civil_day
from transmission.domain.lifecycle import Event, State
from transmission.domain.messages import label_of
from transmission.domain.transmission import SERVICE, Transmission
from transmission.ports import Step, UnitOfWork
from transmission.services.circuit import allowance
from transmission.services.prepare import prepare, prepare_together
from transmission.services.screen import screen
from transmission.services.sending import Content
from transmission.services.submit import submit
from transmission.services.sweep import record_failure
from transmission.services.toolbox import Toolbox

BATCH = 32
"""Transmissions taken in one turn: few hops, and nobody waits long behind them."""

TOGETHER = 4
"""Transmissions prepared in one transaction, which holds the counter of the authority."""

URGENT_DAYS = 3
"""Days before its legal limit from which an act passes first: a week-end may stand between."""

MAX_CLAIMS = 5
"""Times in a row that what takes an act ends without a word, after which a person is asked."""

TURN = timedelta(seconds=30)
"""Time after which the rest of a batch is left to the next turn."""


def send(tools: Toolbox, authority_id: int) -> None:
    """Prepare and submit a batch of what an authority has to send, if its TdT answers.

    A fault about one is recorded on it and keeps none of the others waiting. Raises ExceptionGroup
    of these faults at the end.
    """
    started = tools.clock.now()
    faults: list[Exception] = []
    batch = _claimed(tools, authority_id)
    for rank, prepared, content in _prepared(tools, batch, faults):
        if tools.clock.now() - started > TURN:
            _leave(tools, authority_id, batch[rank:])
            break
        try:
            # What preparation made of its files is looked at too.
            if screen(tools, prepared):
                submit(tools, prepared, content)
        except Exception as fault:  # noqa: BLE001 - told at the end: the others have their turn
            _record(tools, prepared, "submit", fault, faults)
    if faults:
        raise ExceptionGroup("some transmissions could not be sent", faults)


def _prepared(
    tools: Toolbox, batch: Sequence[Transmission], faults: list[Exception]
) -> Iterator[tuple[int, Transmission, Content | None]]:
    """Those that can be submitted, with their rank in the batch and what was just made of them."""
    together: dict[int, Content] = {}
    clean: Sequence[Transmission] = ()
    for rank, transmission in enumerate(batch):
        if rank % TOGETHER == 0:
            clean = _screened(tools, batch[rank : rank + TOGETHER], faults)
            together = _at_once(tools, clean)
        if transmission not in clean:
            continue
        if transmission.state is not State.ACCEPTED:
            yield rank, transmission, None
            continue
        try:
            content = together.get(transmission.id) or prepare(tools, transmission)
        except Exception as fault:  # noqa: BLE001 - told at the end: the others have their turn
            _record(tools, transmission, "prepare", fault, faults)
            continue
        if content is not None:
            yield rank, content.transmission, content


def _screened(
    tools: Toolbox, group: Sequence[Transmission], faults: list[Exception]
) -> Sequence[Transmission]:
    clean = []
    for each in group:
        try:
            if screen(tools, each):
                clean.append(each)
        except Exception as fault:  # noqa: BLE001 - told at the end: the others have their turn
            _record(tools, each, "screen", fault, faults)
    return clean


def _at_once(tools: Toolbox, group: Sequence[Transmission]) -> dict[int, Content]:
    accepted = [each for each in group if each.state is State.ACCEPTED]
    if len(accepted) <= 1:
        return {}
    try:
        made = prepare_together(tools, accepted)
    except Exception:  # noqa: BLE001 - met again by the one that it is about, alone
        return {}
    return {each.transmission.id: each for each in made}


def _record(
    tools: Toolbox, transmission: Transmission, task: str, fault: Exception, faults: list[Exception]
) -> None:
    record_failure(tools, transmission.id, task, f"{type(fault).__name__} : {fault}")
    faults.append(fault)


def _claimed(tools: Toolbox, authority_id: int) -> Sequence[Transmission]:
    now = tools.clock.now()
    with tools.register() as unit:
        # In the transaction that looks: until its end, the relay waits to ring this lane again.
        unit.answer("send", authority_id)
        collectivite = unit.authority(authority_id).collectivite
        most = allowance(unit, collectivite.tdt, now, BATCH)
        urgent_by = civil_day(now, collectivite.time_zone) + timedelta(days=URGENT_DAYS)
        batch = unit.claim(authority_id, now, tools.delays.bell_at(now), most, urgent_by)
        if batch and (len(batch) == most or _is_suspect(batch[0])):
            # At once, so that another worker takes what follows without waiting for this turn.
            unit.ring("send", authority_id)
        lost = [each for each in batch if each.claims > MAX_CLAIMS]
        for each in lost:
            _hold(unit, each, now)
        unit.commit()
    return [each for each in batch if each not in lost]


def _is_suspect(claimed: Transmission) -> bool:
    """Whether its last claim came to nothing; it is then alone in its batch."""
    return claimed.claims > 1


def _hold(unit: UnitOfWork, claimed: Transmission, now: datetime) -> None:
    step = Step(
        waiting_for=f"Arrêts répétés : le programme qui s'occupait de {claimed.id_acte} "
        f"({label_of(claimed.message)}) s'est arrêté net {MAX_CLAIMS} fois de suite avant son "
        "envoi, peut-être faute de mémoire. Rien n'est parti. Cherchez-en la cause dans les "
        "messages du système et dans ses fichiers, puis relancez-la ou abandonnez-la."
    )
    unit.move(claimed, Event.HELD, SERVICE, now, step, {"arrets": MAX_CLAIMS})


def _leave(tools: Toolbox, authority_id: int, rest: Sequence[Transmission]) -> None:
    with tools.register() as unit:
        unit.due_at([transmission.id for transmission in rest], tools.clock.now())
        unit.ring("send", authority_id)
        unit.commit()
