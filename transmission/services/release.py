"""A named person lets a held transmission go on, with a reason."""

from transmission.domain.errors import Problem, RefusedError
from transmission.domain.lifecycle import Event
from transmission.domain.transmission import Author, Transmission
from transmission.ports import Step
from transmission.services.toolbox import Toolbox


def release(tools: Toolbox, acte_id: int, author: Author) -> Transmission:
    """Take up again where the held transmission stopped: preparation, sending, or its AR.

    This is the human decision without which nothing uncertain is sent again. A transmission
    that has an AR is never sent again: releasing it upholds the AR. Raises RefusedError without a
    reason, TransitionError when it is not held.
    """
    _require_reason(author)
    with tools.register() as unit:
        held = unit.current_transmission(acte_id)
        event, task, step = _way_on(tools, held)
        moved = unit.move(held, event, author, tools.clock.now(), step)
        if task is not None:
            unit.ring(task, moved.id)
        unit.commit()
    return moved


def _way_on(tools: Toolbox, held: Transmission) -> tuple[Event, str | None, Step]:
    if held.date_reception is not None:
        return Event.AR_UPHELD, None, Step()
    due = tools.delays.bell_at(tools.clock.now())
    if held.parcel is not None:
        step = Step(next_attempt_at=due, waiting_for="l'envoi", failures=0)
        return Event.RELEASED_TO_SUBMIT, "submit", step
    step = Step(next_attempt_at=due, waiting_for="la préparation de l'enveloppe", failures=0)
    return Event.RELEASED_TO_PREPARE, "prepare", step


def abandon(tools: Toolbox, acte_id: int, author: Author) -> Transmission:
    """End a held transmission for good. Raises as :func:`release`."""
    _require_reason(author)
    with tools.register() as unit:
        held = unit.current_transmission(acte_id)
        step = Step(waiting_for=f"Abandonnée : {author.reason}")
        moved = unit.move(held, Event.ABANDONED, author, tools.clock.now(), step)
        unit.commit()
    return moved


def _require_reason(author: Author) -> None:
    if not author.reason or not author.reason.strip():
        raise RefusedError(
            [
                Problem(
                    "motif",
                    "motif_absent",
                    "Cette décision doit porter un motif.",
                    "Dites en une phrase pourquoi vous la prenez.",
                )
            ]
        )
