"""Reread everything in the background, gently: a round in so many days, a few acts at a time.

Its place is kept in the register, with what each page found: whoever is killed leaves at most one
page to read again. One process at a time carries a round on.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from transmission.domain.audits import Page, Stage
from transmission.ports.audits import EVERYTHING, Auditor, Round
from transmission.services.bells import ring_new
from transmission.services.toolbox import Toolbox

TASK = "audit"
"""Name of the task, which is about everything: its subject is 0."""

PAGE = 25
"""Acts reread in one transaction."""

RUN = timedelta(seconds=10)
"""How long a task takes up new pages: with one a minute, a sixth of a core at most."""

LEASE = timedelta(minutes=20)
"""How long a round is left to whoever carries it on and says nothing: longer than any task."""

_STAGES = tuple(Stage)
_logger = structlog.get_logger()


def ring_audit(tools: Toolbox) -> None:
    """Ask for the next pages, unless nobody rereads by itself here."""
    if tools.auditor is None or tools.audit_days == 0:
        return
    with tools.register() as unit:
        ring_new(unit, [(TASK, 0)])
        unit.commit()


def carry_on(tools: Toolbox, subject: int = 0) -> int:
    """Reread what is due of the round; how many pages were.

    Raises OSError and database errors for a machine's fault: the page is read again.
    """
    tools.answer(TASK, subject)
    if tools.auditor is None or tools.audit_days == 0:
        return 0
    held = _held(tools, tools.auditor)
    if held is None:
        return 0
    auditor, end, pages = tools.auditor.fresh(), tools.clock.now() + RUN, 0
    while held.finished_at is None and tools.clock.now() < end:
        limit = due(held, tools.clock.now(), tools.audit_days)
        if limit == 0:
            break
        moved = _page(tools, auditor, held, limit)
        if moved is None:
            return pages
        held, pages = moved, pages + 1
    _let_go(tools, held)
    return pages


def due(held: Round, now: datetime, days: int) -> int:
    """How many acts, at most a page, are to be reread now for the round to last its days.

    What is not an act is reread at once, at the beginning of the round.
    """
    if held.stage is not Stage.ACTES:
        return PAGE
    past = (now - held.started_at) / timedelta(days=days)
    if past >= 1:
        return PAGE
    return max(0, min(PAGE, int(past * held.actes) + 1 - held.reread))


def _held(tools: Toolbox, auditor: Auditor) -> Round | None:
    now = tools.clock.now()
    with tools.register() as unit:
        last = unit.last_round()
        number = last.number if last else 0
        if last is None or _is_due(last, now, tools.audit_days):
            number += 1
            if not unit.begin_round(number, auditor.count(EVERYTHING), now):
                return None
        held = unit.hold_round(number, now, now + LEASE)
        unit.commit()
    return held


def _is_due(last: Round, now: datetime, days: int) -> bool:
    return last.finished_at is not None and now >= last.started_at + timedelta(days=days)


def _page(tools: Toolbox, auditor: Auditor, held: Round, limit: int) -> Round | None:
    """The round after one more page; None when another process has it now."""
    page = auditor.reread(held.stage, held.place, limit, EVERYTHING)
    now = tools.clock.now()
    moved = _after(held, page, now)
    with tools.register() as unit:
        if not unit.move_round(moved):
            return None
        unit.keep_page(held, held.stage, page.last, page, now)
        unit.commit()
    for each in page.differences:
        _logger.error("audit difference", kind=each.kind.code, place=str(each.place))
    return moved


def _after(held: Round, page: Page, now: datetime) -> Round:
    stage, place, finished = held.stage, page.last or 0, held.finished_at
    if page.last is None:
        rank = _STAGES.index(stage) + 1
        stage, finished = (stage, now) if rank == len(_STAGES) else (_STAGES[rank], None)
    told = page.unread[-1] if page.unread else None
    return replace(
        held,
        stage=stage,
        place=place,
        finished_at=finished,
        reread=held.reread + (page.count if held.stage is Stage.ACTES else 0),
        unread=held.unread + len(page.unread),
        last_unread=f"{told.place} : {told.why}" if told else held.last_unread,
    )


def _let_go(tools: Toolbox, held: Round) -> None:
    with tools.register() as unit:
        unit.release_round(held)
        unit.commit()
