"""THE state machine of a transmission: one table, (state, event) → state or a named refusal.

Every cell of states × events is decided here. State changes elsewhere only by compare-and-set,
in the transaction that appends the journal row; there is no way to set a state by hand.
The diagram in ``docs/lifecycle.md`` is printed from this table.
"""

from dataclasses import dataclass
from enum import Enum

from transmission.domain.coded import Coded
from transmission.domain.errors import TransitionError


class State(Coded):
    """Where a transmission stands: code stored, label shown."""

    ACCEPTED = ("accepted", "Prise en charge")
    PREPARED = ("prepared", "Enveloppe prête")
    SUBMITTING = ("submitting", "Envoi en cours")
    IN_DOUBT = ("in_doubt", "Envoi incertain")
    SUBMITTED = ("submitted", "Transmise")
    ACKNOWLEDGED = ("acknowledged", "Accusé de réception reçu")
    REJECTED = ("rejected", "Rejetée (anomalie)")
    CANCELLING = ("cancelling", "Annulation demandée")
    CANCELLED = ("cancelled", "Annulée")
    HELD = ("held", "En attente d'un opérateur")
    DELIVERED = ("delivered", "Remise, sans accusé attendu")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


class Event(Enum):
    """What may happen to a transmission: code stored in the journal, label shown."""

    PREPARED = ("prepared", "Enveloppe construite, signée et scellée")
    PREPARATION_FAILED = ("preparation_failed", "Préparation impossible")
    SUBMISSION_STARTED = ("submission_started", "Envoi commencé")
    SUBMISSION_ACCEPTED = ("submission_accepted", "Prise en charge par le TdT")
    SUBMISSION_REFUSED = ("submission_refused", "Refusée par le TdT")
    SUBMISSION_UNAVAILABLE = ("submission_unavailable", "TdT injoignable, rien n'est parti")
    SUBMISSION_UNCERTAIN = ("submission_uncertain", "Issue de l'envoi inconnue")
    FOUND_AT_TDT = ("found_at_tdt", "Retrouvée chez le TdT")
    ABSENT_AT_TDT = ("absent_at_tdt", "Absente chez le TdT, renvoi permis")
    DELIVERED = ("delivered", "Remise à l'État, qui n'en accuse pas réception")
    AR_RECEIVED = ("ar_received", "Accusé de réception reçu")
    ANOMALIE_RECEIVED = ("anomalie_received", "Anomalie reçue")
    CANCEL_REQUESTED = ("cancel_requested", "Annulation demandée")
    CANCEL_REFUSED = ("cancel_refused", "Annulation refusée")
    AR_ANNULATION_RECEIVED = ("ar_annulation_received", "Accusé d'annulation reçu")
    WITHDRAWN = ("withdrawn", "Retirée avant tout envoi")
    HELD = ("held", "Mise en attente d'un opérateur")
    RELEASED_TO_PREPARE = ("released_to_prepare", "Relancée depuis la préparation")
    RELEASED_TO_SUBMIT = ("released_to_submit", "Relancée pour envoi")
    AR_UPHELD = ("ar_upheld", "Accusé de réception retenu par un opérateur")
    ABANDONED = ("abandoned", "Abandonnée par un opérateur")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


class Refusal(Enum):
    """Why an event changes nothing in a state; the sentence is for the operators' desk."""

    NOT_SENT_YET = "Cette transmission n'a pas encore quitté le service : rien ne peut la viser."
    ALREADY_DONE = "Cette étape est déjà franchie ; rien n'est changé."
    ALREADY_SENT = "L'envoi a déjà eu lieu ou est en cours ; il n'est pas refait."
    NOT_SENDING = "Aucun envoi n'est en cours pour cette transmission."
    NOT_IN_DOUBT = "L'envoi n'est pas incertain ; il n'y a rien à rechercher chez le TdT."
    DUPLICATE = "Ce retour a déjà été pris en compte ; rien n'est changé."
    CANCELLED_ALREADY = "Cette transmission est annulée ; l'accusé reçu n'y change rien."
    CONTRADICTS_AR = "Un accusé de réception a déjà été reçu ; l'anomalie est mise en quarantaine."
    NOT_ACKNOWLEDGED = "Seul un acte dont l'accusé de réception est reçu peut être annulé."
    NOT_CANCELLING = "Aucune annulation n'est en cours."
    NOT_DELIVERED = "Le TdT ne l'a pas encore : elle ne peut pas être tenue pour remise."
    ENDED = "Cette transmission est terminée ; rien ne la change plus."
    NOT_HELD = "Cette transmission n'attend pas d'opérateur."
    TOO_LATE_TO_WITHDRAW = "L'acte est déjà parti ou a pu partir : il ne peut plus être retiré ici."


Cell = State | Refusal

_S = State
_R = Refusal
_ORDER = tuple(State)


def _row(*cells: Cell) -> dict[State, Cell]:
    return dict(zip(_ORDER, cells, strict=True))


# Columns: accepted, prepared, submitting, in_doubt, submitted,
#          acknowledged, rejected, cancelling, cancelled, held, delivered
TABLE: dict[Event, dict[State, Cell]] = {
    Event.PREPARED: _row(
        _S.PREPARED, _R.ALREADY_DONE, _R.ALREADY_DONE, _R.ALREADY_DONE, _R.ALREADY_DONE,
        _R.ALREADY_DONE, _R.ENDED, _R.ALREADY_DONE, _R.ENDED, _R.ALREADY_DONE,
        _R.ALREADY_DONE,
    ),
    Event.PREPARATION_FAILED: _row(
        _S.HELD, _R.ALREADY_DONE, _R.ALREADY_DONE, _R.ALREADY_DONE, _R.ALREADY_DONE,
        _R.ALREADY_DONE, _R.ENDED, _R.ALREADY_DONE, _R.ENDED, _R.ALREADY_DONE,
        _R.ALREADY_DONE,
    ),
    Event.SUBMISSION_STARTED: _row(
        _R.NOT_SENT_YET, _S.SUBMITTING, _R.ALREADY_SENT, _R.ALREADY_SENT, _R.ALREADY_SENT,
        _R.ALREADY_SENT, _R.ENDED, _R.ALREADY_SENT, _R.ENDED, _R.NOT_SENDING,
        _R.ALREADY_SENT,
    ),
    Event.SUBMISSION_ACCEPTED: _row(
        _R.NOT_SENDING, _R.NOT_SENDING, _S.SUBMITTED, _S.SUBMITTED, _R.ALREADY_DONE,
        _R.ALREADY_DONE, _R.ENDED, _R.ALREADY_DONE, _R.ENDED, _R.NOT_SENDING,
        _R.ALREADY_DONE,
    ),
    Event.SUBMISSION_REFUSED: _row(
        _R.NOT_SENDING, _R.NOT_SENDING, _S.HELD, _S.HELD, _R.ALREADY_DONE,
        _R.ALREADY_DONE, _R.ENDED, _R.ALREADY_DONE, _R.ENDED, _R.NOT_SENDING,
        _R.ALREADY_DONE,
    ),
    Event.SUBMISSION_UNAVAILABLE: _row(
        _R.NOT_SENDING, _R.NOT_SENDING, _S.PREPARED, _R.NOT_SENDING, _R.ALREADY_DONE,
        _R.ALREADY_DONE, _R.ENDED, _R.ALREADY_DONE, _R.ENDED, _R.NOT_SENDING,
        _R.ALREADY_DONE,
    ),
    Event.SUBMISSION_UNCERTAIN: _row(
        _R.NOT_SENDING, _R.NOT_SENDING, _S.IN_DOUBT, _R.ALREADY_DONE, _R.ALREADY_DONE,
        _R.ALREADY_DONE, _R.ENDED, _R.ALREADY_DONE, _R.ENDED, _R.NOT_SENDING,
        _R.ALREADY_DONE,
    ),
    Event.FOUND_AT_TDT: _row(
        _R.NOT_IN_DOUBT, _R.NOT_IN_DOUBT, _R.NOT_IN_DOUBT, _S.SUBMITTED, _R.ALREADY_DONE,
        _R.ALREADY_DONE, _R.ENDED, _R.ALREADY_DONE, _R.ENDED, _R.NOT_IN_DOUBT,
        _R.ALREADY_DONE,
    ),
    Event.ABSENT_AT_TDT: _row(
        _R.NOT_IN_DOUBT, _R.NOT_IN_DOUBT, _R.NOT_IN_DOUBT, _S.PREPARED, _R.NOT_IN_DOUBT,
        _R.NOT_IN_DOUBT, _R.ENDED, _R.NOT_IN_DOUBT, _R.ENDED, _R.NOT_IN_DOUBT,
        _R.NOT_IN_DOUBT,
    ),
    Event.DELIVERED: _row(
        _R.NOT_DELIVERED, _R.NOT_DELIVERED, _R.NOT_DELIVERED, _R.NOT_DELIVERED, _S.DELIVERED,
        _R.ALREADY_DONE, _R.ENDED, _R.ALREADY_DONE, _R.ENDED, _R.NOT_DELIVERED,
        _R.ALREADY_DONE,
    ),
    # An AR proves the send, whatever we believed of it; after an anomaly it contradicts.
    Event.AR_RECEIVED: _row(
        _R.NOT_SENT_YET, _S.ACKNOWLEDGED, _S.ACKNOWLEDGED, _S.ACKNOWLEDGED, _S.ACKNOWLEDGED,
        _R.DUPLICATE, _S.HELD, _R.DUPLICATE, _R.CANCELLED_ALREADY, _S.ACKNOWLEDGED,
        _S.ACKNOWLEDGED,
    ),
    Event.ANOMALIE_RECEIVED: _row(
        _R.NOT_SENT_YET, _S.HELD, _S.REJECTED, _S.REJECTED, _S.REJECTED,
        _R.CONTRADICTS_AR, _R.DUPLICATE, _R.CONTRADICTS_AR, _R.CONTRADICTS_AR, _S.REJECTED,
        _S.REJECTED,
    ),
    Event.CANCEL_REQUESTED: _row(
        _R.NOT_ACKNOWLEDGED, _R.NOT_ACKNOWLEDGED, _R.NOT_ACKNOWLEDGED, _R.NOT_ACKNOWLEDGED,
        _R.NOT_ACKNOWLEDGED, _S.CANCELLING, _R.NOT_ACKNOWLEDGED, _R.ALREADY_DONE, _R.ENDED,
        _R.NOT_ACKNOWLEDGED,
        _R.NOT_ACKNOWLEDGED,
    ),
    Event.CANCEL_REFUSED: _row(
        _R.NOT_CANCELLING, _R.NOT_CANCELLING, _R.NOT_CANCELLING, _R.NOT_CANCELLING,
        _R.NOT_CANCELLING, _R.NOT_CANCELLING, _R.NOT_CANCELLING, _S.ACKNOWLEDGED, _R.ENDED,
        _R.NOT_CANCELLING,
        _R.NOT_CANCELLING,
    ),
    Event.AR_ANNULATION_RECEIVED: _row(
        _R.NOT_SENT_YET, _R.NOT_CANCELLING, _R.NOT_CANCELLING, _R.NOT_CANCELLING,
        _R.NOT_CANCELLING, _R.NOT_CANCELLING, _R.NOT_CANCELLING, _S.CANCELLED, _R.DUPLICATE,
        _R.NOT_CANCELLING,
        _R.NOT_CANCELLING,
    ),
    Event.WITHDRAWN: _row(
        _S.CANCELLED, _S.CANCELLED, _R.TOO_LATE_TO_WITHDRAW, _R.TOO_LATE_TO_WITHDRAW,
        _R.TOO_LATE_TO_WITHDRAW, _R.TOO_LATE_TO_WITHDRAW, _R.ENDED, _R.TOO_LATE_TO_WITHDRAW,
        _R.ENDED, _R.TOO_LATE_TO_WITHDRAW,
        _R.TOO_LATE_TO_WITHDRAW,
    ),
    Event.HELD: _row(
        _S.HELD, _S.HELD, _R.ALREADY_SENT, _S.HELD, _S.HELD,
        _R.ENDED, _R.ENDED, _S.HELD, _R.ENDED, _R.ALREADY_DONE,
        _R.ENDED,
    ),
    Event.RELEASED_TO_PREPARE: _row(
        _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD,
        _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _S.ACCEPTED,
        _R.NOT_HELD,
    ),
    Event.RELEASED_TO_SUBMIT: _row(
        _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD,
        _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _S.PREPARED,
        _R.NOT_HELD,
    ),
    Event.AR_UPHELD: _row(
        _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD,
        _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _S.ACKNOWLEDGED,
        _R.NOT_HELD,
    ),
    Event.ABANDONED: _row(
        _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD,
        _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _R.NOT_HELD, _S.REJECTED,
        _R.NOT_HELD,
    ),
}  # fmt: skip

FINAL = frozenset({State.ACKNOWLEDGED, State.REJECTED, State.CANCELLED, State.DELIVERED})
"""States that wait for nothing from the machine."""


@dataclass(frozen=True, slots=True)
class Transition:
    """An arrow that was taken."""

    event: Event
    source: State
    target: State


def transition(state: State, event: Event) -> Transition:
    """The arrow that ``event`` takes out of ``state``.

    Raises TransitionError with the sentence of the named refusal when there is none.
    """
    cell = TABLE[event][state]
    if isinstance(cell, Refusal):
        raise TransitionError(cell.value)
    return Transition(event, state, cell)


def sources(event: Event) -> frozenset[State]:
    """The states that ``event`` may leave."""
    return frozenset(s for s, cell in TABLE[event].items() if isinstance(cell, State))


def diagram() -> str:
    """The machine as a Mermaid state diagram, one arrow per accepted cell."""
    lines = ["stateDiagram-v2", "    [*] --> accepted"]
    lines += [f"    {state.code}: {state.label}" for state in State]
    for event, row in TABLE.items():
        for state, cell in row.items():
            if isinstance(cell, State):
                lines.append(f"    {state.code} --> {cell.code}: {event.label}")
    return "\n".join(lines) + "\n"
