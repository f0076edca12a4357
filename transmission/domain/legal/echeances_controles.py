"""When the mere passing of time may change what the checks of an act find."""

from collections.abc import Iterator
from datetime import date, timedelta

from transmission.domain.legal.check import DEFAULTS, CheckSettings
from transmission.domain.legal.controle import Control
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.reading import Reading

_DAY = timedelta(days=1)
_FORMALITIES = frozenset(
    {
        EventKind.ACCUSE_RECEPTION,
        EventKind.PUBLICATION,
        EventKind.NOTIFICATION,
        EventKind.AFFICHAGE_URGENCE,
    }
)


def next_check(
    reading: Reading, date_execution: date | None = None, settings: CheckSettings = DEFAULTS
) -> date | None:
    """The first civil day after ``today`` on which a check of the act may say something else.

    The days on which the clock does are not among them, nor is the wait for an AR, which is counted
    in hours. ``date_execution`` is the first day on which the act was executed; None when nothing
    more is to come.
    """
    days = _days(reading, date_execution, settings)
    return min((day for day in days if day > reading.today), default=None)


def _days(reading: Reading, executed: date | None, settings: CheckSettings) -> Iterator[date]:
    for event in reading.events:
        if event.kind in _FORMALITIES:
            yield event.received + _DAY
            yield event.received + timedelta(days=settings.formality_days) + _DAY
    for done in (executed, reading.acte.date_effet):
        if done is not None:
            yield done + _DAY
    if reading.control is not None:
        yield from _of_control(reading.control, settings)


def _of_control(control: Control, settings: CheckSettings) -> Iterator[date]:
    for silence in (control.asked, control.letter):
        if silence is not None:
            yield silence.tacit - timedelta(days=settings.reminder_days)
    yield control.silent_last_day + _DAY
