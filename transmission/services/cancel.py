"""Take an act back: before it left, or by asking the State to cancel its transmission (6-1)."""

from transmission.domain.lifecycle import Event, State
from transmission.domain.messages import ACTE, ANNULATION
from transmission.domain.transmission import Author, Transmission
from transmission.ports import Opening, Step, UnitOfWork
from transmission.services.decisions import require_reason
from transmission.services.toolbox import Toolbox

_NOT_SENT = (State.ACCEPTED, State.PREPARED)


def cancel(tools: Toolbox, acte_id: int, author: Author) -> Transmission:
    """Withdraw an act that has not left, or ask the State to cancel one whose AR came (§7.4).

    The cancellation is a message of its own; the act is cancelled by the State's answer alone.
    Raises RefusedError without a reason, TransitionError with the reason why it cannot be.
    """
    require_reason(author)
    now = tools.clock.now()
    with tools.register() as unit:
        current = unit.current_transmission(acte_id)
        current = unit.lock_transmission(current.id, wait=True) or current
        if current.state in _NOT_SENT:
            step = Step(waiting_for=f"Retirée avant tout envoi : {author.reason}")
            moved = unit.move(current, Event.WITHDRAWN, author, now, step)
        else:
            step = Step(waiting_for="l'accusé d'annulation de la préfecture")
            moved = unit.move(current, Event.CANCEL_REQUESTED, author, now, step)
            _ask(tools, unit, moved, author)
        unit.commit()
    return moved


def annulation_ended(
    tools: Toolbox, unit: UnitOfWork, ended: Transmission, author: Author, why: str
) -> None:
    """A cancellation that came to nothing gives its act back its AR; other messages: nothing."""
    if ended.message != ANNULATION:
        return
    current = unit.current_transmission(ended.acte_id)
    current = unit.lock_transmission(current.id, wait=True) or current
    if current.state is State.CANCELLING:
        details = {"motif": why}
        unit.move(current, Event.CANCEL_REFUSED, author, tools.clock.now(), Step(), details)


def _ask(tools: Toolbox, unit: UnitOfWork, cancelled: Transmission, author: Author) -> None:
    assert cancelled.message == ACTE  # noqa: S101 - the current transmission is the act's own
    opening = Opening(cancelled.acte_id, cancelled.collectivite_id, ANNULATION, cancelled.id_acte)
    now = tools.clock.now()
    asked = unit.open_transmission(opening, author, now, now)
    unit.ring("send", asked.collectivite_id)
