"""Work is judged on what was finished: silence is told, whoever is alive."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from transmission.cli.diagnosis.findings import Finding, Grade
from transmission.cli.diagnosis.work import scheduler_at_work, waiting, workers_at_work
from transmission.domain.lifecycle import FINAL, State
from transmission.store.queries import FailingTdt, Health, Heartbeat, Waiting
from workers.queues import PROBE_PERIOD, TASKS, heartbeat_of
from workers.relay import RELAY, run_heartbeat

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
SWEEP = run_heartbeat("sweep")
NAMES = (RELAY, SWEEP, *map(heartbeat_of, TASKS))


def _ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def _health(ages: dict[str, float | None] | None = None, **changes: Any) -> Health:
    """A sound installation, but for the ages given; None when a name never beat."""
    known = dict.fromkeys(NAMES, 1.0) | (ages or {})
    beats = {name: Heartbeat(name, _ago(age), "") for name, age in known.items() if age is not None}
    values: dict[str, Any] = {
        "waiting": {state: Waiting(0) for state in State if state not in FINAL},
        "tried": 0, "bells": Waiting(0), "unread": Waiting(0), "quarantined": Waiting(0),
        "failing": (), "heartbeats": beats,
    }  # fmt: skip
    return Health(**values | changes)


def _only(found: Any) -> Finding:
    (one,) = found
    assert isinstance(one, Finding)
    return one


def test_an_installation_at_work_is_fine() -> None:
    health = _health()
    found = [
        *scheduler_at_work(health, 10, NOW), *workers_at_work(health, NOW), *waiting(health, NOW)
    ]  # fmt: skip
    assert [each.grade for each in found] == [Grade.FINE] * 3


@pytest.mark.parametrize("age", [None, 61.0, 86_400.0])
def test_a_relay_that_finishes_no_turn_is_told_whatever_else_beats(age: float | None) -> None:
    found = _only(scheduler_at_work(_health({RELAY: age}), 10, NOW))
    assert found.grade is Grade.WRONG
    assert "« transmission scheduler »" in found.said


def test_sweeps_are_waited_for_as_long_as_their_period_wants() -> None:
    health = _health({SWEEP: 300.0})
    assert _only(scheduler_at_work(health, 10, NOW)).grade is Grade.WRONG
    assert _only(scheduler_at_work(health, 60, NOW)).grade is Grade.FINE


def test_workers_are_not_judged_while_the_relay_sends_them_nothing() -> None:
    health = _health({RELAY: 600.0, heartbeat_of("send"): 600.0})
    assert _only(workers_at_work(health, NOW)).grade is Grade.WARNING


def test_one_queue_that_is_not_served_is_named() -> None:
    health = _health({heartbeat_of("send"): 3 * PROBE_PERIOD + 1.0})
    found = _only(workers_at_work(health, NOW))
    assert found.grade is Grade.WRONG
    assert "La file « send » n'est pas servie" in found.said


def test_several_queues_are_named_and_all_are_said_to_be_all() -> None:
    two = {heartbeat_of(queue): None for queue in ("send", "collect")}
    assert "« send », « collect »" in _only(workers_at_work(_health(two), NOW)).said
    every = {heartbeat_of(queue): 7200.0 for queue in TASKS}
    said = _only(workers_at_work(_health(every), NOW)).said
    assert said.startswith("Aucune file n'est servie (rien de fini depuis 2\N{NO-BREAK SPACE}h)")
    never = {heartbeat_of(queue): None for queue in TASKS}
    assert "depuis l'installation" in _only(workers_at_work(_health(never), NOW)).said


@pytest.mark.parametrize(
    ("changes", "grade", "words"),
    [
        ({"bells": Waiting(3, _ago(121))}, Grade.WRONG, "3 tâches attendent"),
        ({"unread": Waiting(1, _ago(601))}, Grade.WRONG, "1 retour attend"),
        ({"quarantined": Waiting(2, _ago(1))}, Grade.WARNING, "transmission quarantine"),
        ({"waiting": {State.HELD: Waiting(1, _ago(1))}}, Grade.WARNING, "opérateur"),
        (
            {"failing": (FailingTdt("https://tdt.example", 4, _ago(60), None),)},
            Grade.WARNING,
            "https://tdt.example échoue",
        ),
    ],
)
def test_what_stays_too_long_is_told(changes: dict[str, Any], grade: Grade, words: str) -> None:
    found = _only(waiting(_health(**changes), NOW))
    assert found.grade is grade
    assert words in found.said


def test_what_only_passes_is_not_told() -> None:
    passing = _health(bells=Waiting(500, _ago(119)), unread=Waiting(9, _ago(599)))
    assert _only(waiting(passing, NOW)).grade is Grade.FINE
