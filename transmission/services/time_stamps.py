"""Time stamps: asked for in the transaction that makes their subject, obtained apart.

An authority of time that is down, slow or wrong delays nothing: it leaves a hole that is told, and
filled later.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from transmission.ports import UnitOfWork
from transmission.ports.time_stamps import (
    NotStamped,
    ObtainedTimeStamp,
    Stamped,
    TimeStampKind,
    WantedTimeStamp,
)
from transmission.services.bells import ring_new
from transmission.services.files import kept
from transmission.services.toolbox import Toolbox

TASK = "timestamp"
EVERYBODY = 0
"""Subject of the bell: the authorities of time are those of the installation."""

BATCH = 50
"""Time stamps obtained in one task."""

LEASE = timedelta(minutes=15)
"""How long one is another's to obtain: the task that claimed it is killed by then."""

RETRIES = tuple(timedelta(minutes=each) for each in (1, 2, 5, 10, 30))
"""Waits after each attempt that gave nothing; the last repeats, for ever."""

TOLERANCE = timedelta(minutes=5)
"""How far the instant of a token may be from our clock and be relied upon."""

PAGE = 500
"""Time stamps asked for at once for what lacks one."""

_logger = structlog.get_logger()


def ask(
    tools: Toolbox,
    unit: UnitOfWork,
    kind: TimeStampKind,
    subject_id: int,
    authority_id: int | None,
    sha256: str,
) -> None:
    """Ask, in the transaction that makes a subject, for a time stamp over a digest (hex).

    Nothing is asked where no authority of time is configured.
    """
    if tools.time_stamper is not None:
        unit.ask_time_stamp(kind, subject_id, authority_id, sha256, tools.clock.now())


def ask_missing(tools: Toolbox, most: int = 10 * PAGE) -> int:
    """Ask for what lacks one, as when an authority of time is configured late; how many.

    In pages, oldest first, and at most so many: what was not asked is asked by the next run.
    """
    asked = 0
    while tools.time_stamper is not None and asked < most:
        page = _page_asked(tools, min(PAGE, most - asked))
        asked += page
        if page < PAGE:
            break
    return asked


def _page_asked(tools: Toolbox, most: int) -> int:
    with tools.register() as unit:
        page = unit.unasked_time_stamps(most)
        for each in page:
            ask(tools, unit, each.kind, each.subject_id, each.collectivite_id, each.sha256)
        unit.commit()
    return len(page)


def ring_time_stamps(tools: Toolbox) -> None:
    """Ring for those that are due."""
    if tools.time_stamper is None:
        return
    with tools.register() as unit:
        if unit.has_due_time_stamps(tools.clock.now()):
            ring_new(unit, [(TASK, EVERYBODY)])
            unit.commit()


def obtain(tools: Toolbox, subject: int = EVERYBODY) -> None:
    """Obtain those that are due, those tried least first; what is left over is rung for again.

    The first that no authority gives ends the round: the others would fare no better, and wait.
    """
    tools.answer(TASK, subject)
    now = tools.clock.now()
    with tools.register() as unit:
        wanted = unit.claim_time_stamps(now, now + LEASE, BATCH)
        unit.commit()
    for rank, each in enumerate(wanted):
        if not _obtained(tools, each):
            _put_off(tools, wanted[rank + 1 :])
            return
    if len(wanted) == BATCH:
        with tools.register() as unit:
            unit.ring(TASK, subject)
            unit.commit()


def _obtained(tools: Toolbox, wanted: WantedTimeStamp) -> bool:
    given = _given(tools, wanted)
    now = tools.clock.now()
    with tools.register() as unit:
        match given:
            case Stamped(token, sound):
                (file,) = kept(tools, unit, token)
                oddity = _oddity(sound.at - now)
                unit.keep_time_stamp(
                    wanted.id, ObtainedTimeStamp(file, sound.at, now, sound.tsa, oddity)
                )
            case NotStamped(reason):
                unit.miss_time_stamp(wanted.id, f"{reason}.", now + _wait(wanted.attempts))
        unit.commit()
    return isinstance(given, Stamped)


def _given(tools: Toolbox, wanted: WantedTimeStamp) -> Stamped | NotStamped:
    if tools.time_stamper is None:
        return NotStamped("aucune autorité d'horodatage n'est réglée")
    try:
        return tools.time_stamper.stamp(bytes.fromhex(wanted.sha256))
    except Exception as error:
        _logger.exception("time stamp not obtained", wanted=wanted.id)
        return NotStamped(f"défaut du programme ({type(error).__name__}), à signaler")


def _put_off(tools: Toolbox, wanted: Sequence[WantedTimeStamp]) -> None:
    with tools.register() as unit:
        unit.put_off_time_stamps([each.id for each in wanted], tools.clock.now() + RETRIES[0])
        unit.commit()


def _wait(attempts: int) -> timedelta:
    return RETRIES[min(attempts, len(RETRIES)) - 1]


def _oddity(ahead: timedelta) -> str | None:
    if abs(ahead) <= TOLERANCE:
        return None
    way = "en avance" if ahead > timedelta() else "en retard"
    minutes = round(abs(ahead).total_seconds() / 60)
    return (
        f"L'instant du jeton est {way} de {minutes} minutes sur l'horloge du service. "
        "L'une des deux est fausse : il ne date rien."
    )
