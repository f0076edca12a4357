"""What a person may decide of a sending: one table for whoever offers it and whoever does it.

Read from the lifecycle: a decision is open where one of its events has an arrow.
"""

from datetime import date
from typing import Protocol

from transmission.domain.coded import Coded
from transmission.domain.lifecycle import Event, State, sources
from transmission.domain.messages import ACTE
from transmission.domain.people import Right


class Decision(Coded):
    """The code is in addresses, the label is what is pressed (French)."""

    RELEASE = ("relancer", "Relancer", Right.UNBLOCK)
    ABANDON = ("abandonner", "Abandonner", Right.UNBLOCK)
    RESEND = ("renvoyer", "Corriger et renvoyer", Right.FOLLOW)
    CANCEL = ("annuler", "Annuler", Right.FOLLOW)

    def __init__(self, code: str, label: str, right: Right) -> None:
        self.code = code
        self.label = label
        self.right = right


class Standing(Protocol):
    """A sending, as far as a decision depends on it."""

    @property
    def message(self) -> str: ...

    @property
    def state(self) -> State: ...

    @property
    def date_reception(self) -> date | None: ...


_HELD = sources(Event.ABANDONED)
_UNSENT = sources(Event.WITHDRAWN)
_RECEIVED = sources(Event.CANCEL_REQUESTED)


def open_decisions(sent: Standing) -> tuple[Decision, ...]:
    """What may be decided of a sending; for an act, its newest one."""
    return tuple(decision for decision in Decision if is_open(decision, sent))


def is_open(decision: Decision, sent: Standing) -> bool:
    """Whether a decision may be taken of a sending."""
    match decision:
        case Decision.RELEASE | Decision.ABANDON:
            return sent.state in _HELD
        case Decision.RESEND:
            return sent.message == ACTE and may_go_again(sent)
        case Decision.CANCEL:
            return sent.message == ACTE and sent.state in _UNSENT | _RECEIVED


def is_unsent(sent: Standing) -> bool:
    """Whether cancelling it withdraws it, so that the State never hears of it."""
    return sent.state in _UNSENT


def may_go_again(sent: Standing) -> bool:
    """Whether an act may be sent again: it was refused, or withdrawn before it left.

    Once the State has had it, its number may never serve again (ACTES protocol §13).
    """
    if sent.state is State.CANCELLED:
        return sent.date_reception is None
    return sent.state is State.REJECTED


def refusal(decision: Decision, sent: Standing) -> str:
    """Why a decision is not open, in a French sentence."""
    state = f"(« {sent.state.label} »)"
    if decision in (Decision.RELEASE, Decision.ABANDON):
        return f"Cet envoi n'attend pas d'opérateur {state}."
    if sent.message != ACTE:
        return "Seule la transmission d'un acte peut l'être."
    if decision is Decision.RESEND:
        return f"Seul un acte rejeté, ou retiré avant tout envoi, peut être renvoyé {state}."
    return (
        "Seul un acte qui n'est pas parti, ou dont l'accusé de réception est reçu, peut être "
        f"annulé {state}."
    )
