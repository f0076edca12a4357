"""What runs by itself, how often, and what it asks for."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from transmission.services.anchor import ring_anchor
from transmission.services.announce import ring_announcements
from transmission.services.assess import ring_assessments
from transmission.services.audit_round import ring_audit
from transmission.services.chain import ring_chain
from transmission.services.check import recheck_silent
from transmission.services.deliver import ring_deliveries
from transmission.services.dispose import remove_disposed
from transmission.services.personal import forget_visits
from transmission.services.remind import remind
from transmission.services.screen import screen_arrivals
from transmission.services.sweep import sweep
from transmission.services.tell_people import ring_people
from transmission.services.time_stamps import ask_missing, ring_time_stamps
from transmission.services.uploads import forget_uploads
from transmission.services.watch_publications import ring_watch
from transmission.settings import Settings
from workers.queues import PROBE_PERIOD, TASKS, probe_of
from workers.schedule import (
    ANCHOR_PERIOD,
    ANNOUNCEMENTS_PERIOD,
    ARRIVALS_PERIOD,
    AUDIT_PERIOD,
    CHAIN_PERIOD,
    DELIVERIES_PERIOD,
    DISPOSALS_PERIOD,
    PEOPLE_PERIOD,
    REMINDERS_PERIOD,
    REVIEWS_PERIOD,
    SILENCES_PERIOD,
    TIME_STAMPS_PERIOD,
    UNASKED_PERIOD,
    UPLOADS_PERIOD,
    VISITS_PERIOD,
    periodic_runs,
    probe_queues,
    read_inboxes,
    refresh_classifications,
    review_lists,
)


class Unit:
    """A register of two authorities."""

    def __init__(self) -> None:
        self.done: list[Any] = []

    @contextmanager
    def register(self) -> Iterator["Unit"]:
        yield self

    def waiting_bells(self) -> set[tuple[str, int]]:
        return {("inbox", 3), ("probe:collect", 0)}

    def authorities(self) -> list[Any]:
        return [SimpleNamespace(id=3), SimpleNamespace(id=5)]

    def ring(self, task: str, subject: int) -> None:
        self.done.append((task, subject))

    def commit(self) -> None:
        self.done.append("committed")


def test_what_runs_by_itself_runs_as_often_as_the_settings_say() -> None:
    chosen = Settings(
        sweep_period=7,
        inbox_period=9,
        classification_period=11,
        assessment_period=13,
        publication_period=17,
    )
    runs = periodic_runs(chosen)
    assert [(run.name, run.seconds, run.run) for run in runs] == [
        ("sweep", 7, sweep),
        ("inboxes", 9, read_inboxes),
        ("classifications", 11, refresh_classifications),
        ("assessments", 13, ring_assessments),
        ("silences", SILENCES_PERIOD, recheck_silent),
        ("reviews", REVIEWS_PERIOD, review_lists),
        ("probes", PROBE_PERIOD, probe_queues),
        ("reminders", REMINDERS_PERIOD, remind),
        ("deliveries", DELIVERIES_PERIOD, ring_deliveries),
        ("announcements", ANNOUNCEMENTS_PERIOD, ring_announcements),
        ("people", PEOPLE_PERIOD, ring_people),
        ("arrivals", ARRIVALS_PERIOD, screen_arrivals),
        ("publications", 17, ring_watch),
        ("time stamps", TIME_STAMPS_PERIOD, ring_time_stamps),
        ("unasked time stamps", UNASKED_PERIOD, ask_missing),
        ("visits", VISITS_PERIOD, forget_visits),
        ("disposals", DISPOSALS_PERIOD, remove_disposed),
        ("uploads", UPLOADS_PERIOD, forget_uploads),
        ("chain", CHAIN_PERIOD, ring_chain),
        ("anchors", ANCHOR_PERIOD, ring_anchor),
        ("audit", AUDIT_PERIOD, ring_audit),
    ]


def test_the_classification_of_every_authority_is_asked_for_in_one_commit() -> None:
    tools: Any = Unit()
    refresh_classifications(tools)
    assert tools.done == [("classify", 3), ("classify", 5), "committed"]


def test_what_the_acts_of_every_authority_say_together_is_checked() -> None:
    tools: Any = Unit()
    review_lists(tools)
    assert tools.done == [("review", 3), ("review", 5), "committed"]


def test_an_inbox_whose_bell_still_waits_is_not_asked_for_twice() -> None:
    tools: Any = Unit()
    read_inboxes(tools)
    assert tools.done == [("inbox", 5), "committed"]


def test_a_probe_is_sent_through_every_queue_unless_the_last_one_still_waits() -> None:
    tools: Any = Unit()
    probe_queues(tools)
    *rung, end = tools.done
    assert rung == [(probe_of(queue), 0) for queue in TASKS if queue != "collect"]
    assert end == "committed"
