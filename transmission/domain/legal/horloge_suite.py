"""The next day on which time alone changes something about an act (legal clock §15.3)."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from transmission.domain.legal.controle import Control
from transmission.domain.legal.dates import DateKind, LegalDate
from transmission.domain.legal.horloge_cours import Course
from transmission.domain.legal.horloge_echeance import text_day
from transmission.domain.legal.horloge_exposition import Exposition
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.recours import Appeal

_DAY = timedelta(days=1)
_RETRAIT = DateName.RETRAIT.code


def next_turn(
    known: Course, dates: Iterable[LegalDate], to_come: Iterable[date], today: date
) -> date | None:
    """The first day after ``today`` on which a state may change, or something be late.

    ``known`` is the act as its log stands on ``today``, ``dates`` the dates of its whole log,
    ``to_come`` the days of what the log says of the future.
    """
    turns = {*_of_the_states(known), *_of_the_dates(dates), *to_come}
    return min((turn for turn in turns if turn > today), default=None)


def _of_the_dates(dates: Iterable[LegalDate]) -> Iterator[date]:
    """The day after each limit, as it is shown and as the text counts it."""
    for found in dates:
        awaited = found.name == DateName.ORDONNANCE_ATTENDUE.code
        if found.day is None or (found.kind is DateKind.STATUS and not awaited):
            continue
        yield found.day + _DAY
        last = text_day(found)
        if last is not None and (found.kind is DateKind.DUE or found.name == _RETRAIT):
            yield last + _DAY


def _of_the_states(known: Course) -> Iterator[date]:
    if known.dossier.acte.date_signature is not None:
        yield known.dossier.acte.date_signature
    if known.dossier.outside:
        return
    if known.executory is not None:
        yield known.executory
    if known.suspensions.automatic is not None:
        yield known.suspensions.automatic.resumes
    yield from _of_the_control(known.control)
    yield from _of_the_exposition(known.exposition)
    yield from _of_the_appeal(known.recours.appeal)


def _of_the_control(control: Control | None) -> Iterator[date]:
    if control is None:
        return
    if control.asked is not None and control.asked.answer is None:
        yield control.asked.tacit + _DAY
    if control.letter is not None and control.letter.answer is None:
        yield control.letter.tacit + _DAY
    if control.letter is not None and control.letter.late_until is not None:
        yield control.letter.late_until + _DAY
    yield control.initial + _DAY
    if control.last_day is not None:
        yield control.last_day + _DAY
    if control.renounced is not None:
        yield control.renounced + _DAY


def _of_the_exposition(exposition: Exposition | None) -> Iterator[date]:
    if exposition is None:
        return
    yield exposition.ask_until + _DAY
    if exposition.provoked is not None:
        yield exposition.provoked.until + _DAY


def _of_the_appeal(appeal: Appeal | None) -> Iterator[date]:
    if appeal is None:
        return
    yield appeal.last_day + _DAY
    if appeal.tacit is not None and appeal.answer is None:
        yield appeal.tacit + _DAY
