"""Why an act is where it is, in one true sentence, and what happens next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from transmission.console.labels import awaited
from transmission.console.words import distance, duration, moment
from transmission.domain.lifecycle import FINAL, State
from transmission.domain.messages import ACTE

OVERDUE = timedelta(minutes=5)
"""Lateness of an automatic step from which people are told to look at the machine."""

_ROAD = (State.ACCEPTED, State.PREPARED, State.SUBMITTED, State.ACKNOWLEDGED)

_ENDED = {
    State.ACKNOWLEDGED: "Rien : la préfecture l'a reçu, son accusé en fait foi.",
    State.CANCELLED: "Rien : cette transmission est annulée.",
    State.REJECTED: "Rien : cet envoi est clos, et la préfecture ne l'a pas pris en compte.",
    State.DELIVERED: "Rien : il est remis à la préfecture, qui n'en accuse pas réception.",
}
_ACTE_ENDED = _ENDED | {
    State.ACKNOWLEDGED: "Rien : la préfecture a reçu l'acte, son accusé de réception en fait foi.",
    State.REJECTED: (
        "Rien : cette transmission est close et l'acte n'a pas été reçu par elle. Renvoyez-le tel "
        "quel, ou corrigez-le et remettez-le sous un autre numéro."
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the road: since when, and whether the act stands there or has yet to come."""

    label: str
    at: datetime | None
    is_current: bool = False
    is_ahead: bool = False


def reason(state: State, waiting_for: str | None, message: str = ACTE) -> str:
    """The sentence that answers « qu'attend cet acte ? », or this answer, this cancellation."""
    if state in FINAL:
        because = f" Motif : {_closed(waiting_for)}" if waiting_for else ""
        return (_ACTE_ENDED if message == ACTE else _ENDED)[state] + because
    if state is State.HELD:
        return f"La décision d'une personne. Motif : {_closed(awaited(state, waiting_for))}"
    sentence = f"Le service attend {_closed(awaited(state, waiting_for))}"
    if state is State.IN_DOUBT:
        return f"{sentence} Rien n'est renvoyé tant que ce doute n'est pas levé."
    return sentence


def brief(state: State, waiting_for: str | None) -> str:
    """The same in a few words, for a list; empty when there is nothing more to say."""
    if state in FINAL or state is State.HELD:
        return awaited(state, waiting_for)
    return f"Attend {awaited(state, waiting_for)}"


def following(state: State, next_attempt_at: datetime | None, now: datetime, time_zone: str) -> str:
    """What the service will do by itself, and when; empty for an act that waits for nothing."""
    if state in FINAL:
        return ""
    if state is State.HELD or next_attempt_at is None:
        return "Rien d'automatique n'est prévu : le service ne fera rien de lui-même."
    when = moment(next_attempt_at, time_zone)
    if now - next_attempt_at < OVERDUE:
        soon = next_attempt_at > now
        return f"Le service y revient {distance(next_attempt_at, now) if soon else 'maintenant'}."
    return (
        f"Le service devait y revenir le {when} et a {duration(now - next_attempt_at)} de retard. "
        "Vérifiez que l'ordonnanceur et les tâches de fond tournent."
    )


def road(state: State, since: datetime, reached: dict[State, datetime]) -> tuple[Step, ...]:
    """The stages of a transmission: those passed, the present one, those still ahead.

    ``reached`` gives the first instant of each state, ``since`` that of the present stay.
    """
    rank = _ROAD.index(state) if state in _ROAD else len(_ROAD)
    passed = [stage for stage in _ROAD[:rank] if stage in reached]
    ahead = [] if state in FINAL else [s for s in _ROAD if s not in passed and s is not state]
    return (
        *(Step(stage.label, reached[stage]) for stage in passed),
        Step(state.label, since, is_current=True),
        *(Step(stage.label, None, is_ahead=True) for stage in ahead),
    )


def _closed(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
