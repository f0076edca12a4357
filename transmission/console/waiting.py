"""What happens next to an act, and the stages of its road."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from transmission.console.words import distance, duration, moment
from transmission.domain.lifecycle import FINAL, State
from transmission.domain.waiting import brief as brief
from transmission.domain.waiting import reason as reason

OVERDUE = timedelta(minutes=5)
"""Lateness of an automatic step from which people are told to look at the machine."""

_ROAD = (State.ACCEPTED, State.PREPARED, State.SUBMITTED, State.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the road: since when, and whether the act stands there or has yet to come."""

    label: str
    at: datetime | None
    is_current: bool = False
    is_ahead: bool = False


def following(state: State, next_attempt_at: datetime | None, now: datetime, time_zone: str) -> str:
    """What the service will do by itself, and when; empty for an act that waits for nothing."""
    if state in FINAL:
        return ""
    if state is State.HELD:
        return (
            "Rien d'automatique n'est prévu : une fois la cause levée, c'est à une personne de "
            "décider de la suite."
        )
    if next_attempt_at is None:
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
