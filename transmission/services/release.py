"""A named person lets a held transmission go on, or ends it, with a reason."""

from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.lifecycle import Event, State
from transmission.domain.messages import ACTE, label_of
from transmission.domain.transmission import Author, Transmission
from transmission.ports import Step, UnitOfWork
from transmission.services.cancel import annulation_ended
from transmission.services.decisions import require_reason
from transmission.services.toolbox import Toolbox


def release(
    tools: Toolbox,
    acte_id: int,
    author: Author,
    message: str | None = None,
    transmission_id: int | None = None,
) -> Transmission:
    """Take up again where the held transmission stopped: preparation, sending, or its AR.

    ``message`` or ``transmission_id`` say which when several are held about the act. This is the
    human decision without which nothing uncertain is sent again. A transmission that has an AR is
    never sent again: releasing it upholds the AR. Raises RefusedError without a reason,
    TransitionError when nothing is held, ConflictError when several are, NotFoundError when there
    is no such message.
    """
    require_reason(author)
    with tools.register() as unit:
        held = _held(unit, acte_id, message, transmission_id)
        event, step = _way_on(tools, held)
        moved = unit.move(held, event, author, tools.clock.now(), step)
        if event is not Event.AR_UPHELD:
            unit.ring("send", moved.collectivite_id)
        unit.commit()
    return moved


def abandon(
    tools: Toolbox,
    acte_id: int,
    author: Author,
    message: str | None = None,
    transmission_id: int | None = None,
) -> Transmission:
    """End a held transmission for good. Raises as :func:`release`."""
    require_reason(author)
    with tools.register() as unit:
        held = _held(unit, acte_id, message, transmission_id)
        step = Step(waiting_for=f"Abandonnée : {author.reason}")
        moved = unit.move(held, Event.ABANDONED, author, tools.clock.now(), step)
        annulation_ended(tools, unit, moved, author, f"abandonnée : {author.reason}")
        unit.commit()
    return moved


def _held(
    unit: UnitOfWork, acte_id: int, message: str | None, transmission_id: int | None
) -> Transmission:
    about = [
        sent
        for sent in unit.transmissions_about(acte_id, message)
        if transmission_id in (None, sent.id)
    ]
    held = [each for each in about if each.state is State.HELD]
    if len(held) > 1:
        named = ", ".join(f"{each.message} ({label_of(each.message)})" for each in held)
        raise ConflictError(
            f"Plusieurs envois de cet acte attendent un opérateur : {named}. Dites lequel."
        )
    if not about:
        raise NotFoundError(f"Aucun message {message or ACTE} n'a été fait pour cet acte.")
    # None is held: the lifecycle then refuses.
    return held[0] if held else about[0]


def _way_on(tools: Toolbox, held: Transmission) -> tuple[Event, Step]:
    if held.date_reception is not None:
        return Event.AR_UPHELD, Step()
    now = tools.clock.now()
    if held.parcel is not None:
        return Event.RELEASED_TO_SUBMIT, Step(now, "l'envoi", failures=0)
    return Event.RELEASED_TO_PREPARE, Step(now, "la préparation de l'enveloppe", failures=0)
