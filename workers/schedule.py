"""What runs by itself, and how often; each run is keyed by its period in the database."""

from collections.abc import Callable
from dataclasses import dataclass

from transmission.services.announce import ring_announcements
from transmission.services.assess import ring_assessments
from transmission.services.bells import ring_new
from transmission.services.check import recheck_silent
from transmission.services.deliver import ring_deliveries
from transmission.services.remind import remind
from transmission.services.sweep import sweep
from transmission.services.tell_people import ring_people
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

UPLOADS_PERIOD = 3600
"""Seconds between two removals of files that programs began to send and left."""


ANNOUNCEMENTS_PERIOD = 2
"""Seconds between two looks at what happened, and at what is due to be told, to programs."""

PEOPLE_PERIOD = 60
"""Seconds between two looks at what people are to be told by e-mail: what happens meanwhile is one
e-mail."""


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
        Periodic("publications", settings.publication_period, ring_watch),
        Periodic("uploads", UPLOADS_PERIOD, forget_uploads),
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
