"""What runs by itself, and how often; each run is keyed by its period in the database."""

from collections.abc import Callable
from dataclasses import dataclass

from transmission.services.anchor import ring_anchor
from transmission.services.announce import ring_announcements
from transmission.services.assess import ring_assessments
from transmission.services.audit_round import ring_audit
from transmission.services.bells import ring_new
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
from transmission.services.toolbox import Toolbox
from transmission.services.uploads import forget_uploads
from transmission.services.watch_publications import ring_watch
from transmission.settings import Settings
from workers.queues import PROBE_PERIOD, TASKS, probe_of

REMINDERS_PERIOD = 3600
"""Seconds: each authority's civil day begins with one of its own hours."""

SILENCES_PERIOD = 3600
"""Seconds between two looks at what was sent and has no AR: its silence is counted in hours."""

REVIEWS_PERIOD = 3600
"""Seconds between two checks of what the acts of each authority say together: what was sent
meanwhile is told no more."""

DELIVERIES_PERIOD = 60
"""Seconds between two looks at what is due to be sent again."""

VISITS_PERIOD = 86400
"""Seconds between two removals of what is kept of visits that are long over."""

DISPOSALS_PERIOD = 3600
"""Seconds between two removals of files whose elimination was decided."""

UPLOADS_PERIOD = 3600
"""Seconds between two removals of files that programs began to send and left."""


ANNOUNCEMENTS_PERIOD = 2
"""Seconds between two looks at what happened, and at what is due to be told, to programs."""

ARRIVALS_PERIOD = 60
"""Seconds between two looks, by an antivirus if there is one, at what the State sent."""

PEOPLE_PERIOD = 60
"""Seconds between two looks at what people are to be told by e-mail: what happens meanwhile is one
e-mail."""

CHAIN_PERIOD = 10
"""Seconds between two looks at lines of the journal that are not linked yet."""

AUDIT_PERIOD = 60
"""Seconds between two times that some of what is kept is reread."""

ANCHOR_PERIOD = 600
"""Seconds between two looks at whether the anchor of the day is made, and its files written."""

TIME_STAMPS_PERIOD = 5
"""Seconds between two looks at the time stamps that are due."""

UNASKED_PERIOD = 3600
"""Seconds between two searches for what bears no time stamp because nobody could give one then."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """A run: its name, its period in seconds, what it does."""

    name: str
    seconds: int
    run: Callable[[Toolbox], object]


def periodic_runs(settings: Settings) -> list[Periodic]:
    """The runs of an installation."""
    return [
        Periodic("sweep", settings.sweep_period, sweep),
        Periodic("inboxes", settings.inbox_period, read_inboxes),
        Periodic("classifications", settings.classification_period, refresh_classifications),
        Periodic("assessments", settings.assessment_period, ring_assessments),
        Periodic("silences", SILENCES_PERIOD, recheck_silent),
        Periodic("reviews", REVIEWS_PERIOD, review_lists),
        Periodic("probes", PROBE_PERIOD, probe_queues),
        Periodic("reminders", REMINDERS_PERIOD, remind),
        Periodic("deliveries", DELIVERIES_PERIOD, ring_deliveries),
        Periodic("announcements", ANNOUNCEMENTS_PERIOD, ring_announcements),
        Periodic("people", PEOPLE_PERIOD, ring_people),
        Periodic("arrivals", ARRIVALS_PERIOD, screen_arrivals),
        Periodic("publications", settings.publication_period, ring_watch),
        Periodic("time stamps", TIME_STAMPS_PERIOD, ring_time_stamps),
        Periodic("unasked time stamps", UNASKED_PERIOD, ask_missing),
        Periodic("visits", VISITS_PERIOD, forget_visits),
        Periodic("disposals", DISPOSALS_PERIOD, remove_disposed),
        Periodic("uploads", UPLOADS_PERIOD, forget_uploads),
        Periodic("chain", CHAIN_PERIOD, ring_chain),
        Periodic("anchors", ANCHOR_PERIOD, ring_anchor),
        Periodic("audit", AUDIT_PERIOD, ring_audit),
    ]


def read_inboxes(tools: Toolbox) -> None:
    """Ask every authority's TdT for what the State sent by itself."""
    _ring_all(tools, "inbox")


def refresh_classifications(tools: Toolbox) -> None:
    """Ask every authority's TdT whether the classification has changed."""
    _ring_all(tools, "classify")


def review_lists(tools: Toolbox) -> None:
    """Check what the acts of every authority say together."""
    _ring_all(tools, "review")


def probe_queues(tools: Toolbox) -> None:
    """Send through every queue a task that only tells that it came to its end."""
    with tools.register() as unit:
        ring_new(unit, [(probe_of(queue), 0) for queue in TASKS])
        unit.commit()


def _ring_all(tools: Toolbox, task: str) -> None:
    with tools.register() as unit:
        ring_new(unit, [(task, authority.id) for authority in unit.authorities()])
        unit.commit()
