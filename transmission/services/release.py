"""A named person lets a held transmission go on, with a reason."""

from transmission.domain.errors import Problem, RefusedError
from transmission.domain.lifecycle import Event
from transmission.domain.transmission import Author, Transmission
from transmission.ports import Step
from transmission.services.toolbox import Toolbox


def release(tools: Toolbox, acte_id: int, author: Author) -> Transmission:
    """Take up again where the held transmission stopped: preparation, or sending.

    This is the human decision without which nothing uncertain is sent again. Raises
    RefusedError without a reason, TransitionError when it is not held.
    """
    _require_reason(author)
    now = tools.clock.now()
    with tools.register() as unit:
        held = unit.current_transmission(acte_id)
        sealed = held.parcel is not None
        event = Event.RELEASED_TO_SUBMIT if sealed else Event.RELEASED_TO_PREPARE
        step = Step(
            next_attempt_at=tools.delays.bell_at(now),
            waiting_for="l'envoi" if sealed else "la préparation de l'enveloppe",
            failures=0,
        )
        moved = unit.move(held, event, author, now, step)
        unit.ring("submit" if sealed else "prepare", moved.id)
        unit.commit()
    return moved


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
