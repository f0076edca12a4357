"""Look at what is on line, as the public does, every day that the law wants it there.

Looks are claimed, so that two workers never make the same one, and no transaction is open during
one. Each site has a turn of its own, which ends after a while: a slow one delays no other.
"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from transmission.clock import civil_day
from transmission.domain.publication import next_look
from transmission.ports.publications import DueCopy, Look
from transmission.services.bells import ring_new
from transmission.services.look import look, public_address
from transmission.services.toolbox import Toolbox

TASK = "watch"
"""Name of the task, which is about all authorities at once: its subject is 0."""

BATCH = 200
HELD = 2000
"""Looks claimed at a time, and looks of one site that a run holds."""

SITES = 8
"""Sites looked at together."""

RUN = timedelta(minutes=4)
TURN = timedelta(minutes=1)
"""How long a run takes up new looks, and how long it stays with one site."""

LEASE = timedelta(hours=1)
PUT_OFF = timedelta(minutes=5)
"""When a look that was claimed and not made comes again: of a run that died, of a site too slow."""

_logger = structlog.get_logger()


def ring_watch(tools: Toolbox) -> None:
    """Ask for the looks that are due, if any is."""
    with tools.register() as unit:
        if unit.has_due_copies(tools.clock.now()):
            ring_new(unit, [(TASK, 0)])
        unit.commit()


def watch_publications(tools: Toolbox, subject: int = 0) -> int:
    """Look at every publication whose look is due; how many were looked at.

    What there was no time for comes again in a few minutes.
    """
    tools.answer(TASK, subject)
    with ThreadPoolExecutor(SITES) as pool:
        return _Run(tools, pool).through()


class _Run:
    """What waits for the turn of its site, and the sites whose turn it is."""

    def __init__(self, tools: Toolbox, pool: ThreadPoolExecutor) -> None:
        self._tools = tools
        self._pool = pool
        self._until = tools.clock.now() + RUN
        self._waiting: dict[str, list[DueCopy]] = defaultdict(list)
        self._turns: dict[Future[int], str] = {}
        self._ends: dict[str, datetime] = {}

    def through(self) -> int:
        """Until nothing is due, or time is over; how many were looked at."""
        seen = 0
        while True:
            claimed = self._claim()
            self._start()
            if claimed:
                # Others may be due behind those of a site that is busy.
                continue
            if not self._turns:
                return seen
            done, _ = wait(self._turns, return_when=FIRST_COMPLETED)
            for turn in done:
                del self._turns[turn]
                seen += turn.result()

    def _claim(self) -> int:
        now = self._tools.clock.now()
        if now >= self._until:
            return 0
        with self._tools.register() as unit:
            due = unit.claim_copies(now, now + LEASE, BATCH)
            unit.commit()
        too_many: list[DueCopy] = []
        for each in due:
            waiting = self._waiting[_site(self._tools, each)]
            (waiting if len(waiting) < HELD else too_many).append(each)
        _put_off(self._tools, too_many)
        return len(due)

    def _start(self) -> None:
        free = [site for site in self._waiting if site not in self._turns.values()]
        for site in free:
            end = self._ends.setdefault(site, self._tools.clock.now() + TURN)
            copies = self._waiting.pop(site)
            self._turns[self._pool.submit(_turn, self._tools, copies, end)] = site


def _site(tools: Toolbox, due: DueCopy) -> str:
    return urlsplit(public_address(tools, due) or "").netloc.lower()


def _turn(tools: Toolbox, copies: Sequence[DueCopy], end: datetime) -> int:
    """Look at publications of one site, one after the other, until an instant; how many."""
    for rank, due in enumerate(copies):
        if tools.clock.now() >= end:
            _put_off(tools, copies[rank:])
            return rank
        try:
            _record(tools, due, look(tools, due))
        except Exception:
            # A fault about one must not hide the others; it comes again when its claim ends.
            _logger.exception("look failed", publication=due.copy.id)
    return len(copies)


def _record(tools: Toolbox, due: DueCopy, found: Look) -> None:
    now = tools.clock.now()
    today = civil_day(now, due.time_zone)
    later = next_look(found.verdict, found.tries, now, today, due.copy.date_minimum)
    with tools.register() as unit:
        unit.record_look(due.copy.id, found, later)
        unit.commit()


def _put_off(tools: Toolbox, copies: Sequence[DueCopy]) -> None:
    if copies:
        with tools.register() as unit:
            unit.put_off_copies([due.copy.id for due in copies], tools.clock.now() + PUT_OFF)
            unit.commit()
