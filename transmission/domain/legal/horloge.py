"""The clock read for one act: every date that the law gives it, and where it stands (§15).

Days come from the act, its authority, its log and the settings, never from ``today``: it says what
has happened, what is provisional, what is awaited, and what comes next.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from transmission.domain.legal.dates import LegalDate
from transmission.domain.legal.evenements import LegalEvent
from transmission.domain.legal.horloge_avertissements import said_of, warnings_of
from transmission.domain.legal.horloge_budget import referral_date, vote_date
from transmission.domain.legal.horloge_controle import control_dates, exposed_dates
from transmission.domain.legal.horloge_cours import Course, course_of
from transmission.domain.legal.horloge_devoirs import (
    list_date,
    notification_report,
    transmission_date,
    withdrawal_date,
)
from transmission.domain.legal.horloge_dossier import dossier_of
from transmission.domain.legal.horloge_etats import act_control_state, acte_state, appeals_state
from transmission.domain.legal.horloge_executoire import effective_date, executory_date
from transmission.domain.legal.horloge_publicite import kept_until
from transmission.domain.legal.horloge_sans_effet import without_effect
from transmission.domain.legal.horloge_suite import next_turn
from transmission.domain.legal.horloge_suspension import suspension_dates
from transmission.domain.legal.horloge_tiers import third_party_date
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.settings import LegalSettings
from transmission.domain.legal.sujets import LegalActe, LegalAuthority


def read(
    acte: LegalActe,
    owner: LegalAuthority,
    events: Iterable[LegalEvent],
    settings: LegalSettings,
    today: date,
) -> Reading:
    """Every date of the clock that applies to an act, and its three states on ``today``.

    ``today`` is a civil day of the authority: it changes states, what is provisional or awaited and
    what is said of events to come, and moves no day. A date that misses a fact is unknown, or read
    on the safe side, provisionally, with a warning that says what to declare. An act outside the
    control of legality has no date. Source: legal clock §15.3.
    """
    course = course_of(dossier_of(acte, owner, events, settings))
    to_come = [event for event in course.dossier.events if event.received > today]
    known = _known(course, to_come) if to_come else course
    dates = tuple(_dates(course, today, to_come))
    return Reading(
        acte=acte,
        owner=owner,
        today=today,
        portee=course.dossier.portee,
        acte_state=acte_state(known, today),
        control_state=act_control_state(known, today),
        third_state=appeals_state(known, today),
        dates=dates,
        events=course.dossier.events,
        ignored=without_effect(course),
        warnings=warnings_of(course, to_come),
        control=course.control,
        next_turn=next_turn(known, dates, (event.received for event in to_come), today),
    )


def next_change(reading: Reading) -> date | None:
    """The first civil day after ``today`` on which time alone changes a state or makes one late.

    It may be a day on which nothing changes, and is never after one on which something does. None
    when nothing more is to come.
    """
    return reading.next_turn


def _known(course: Course, to_come: list[LegalEvent]) -> Course:
    """The same act with what has happened, and nothing of what is to come."""
    whole = course.dossier
    past = [event for event in whole.events if event not in to_come]
    return course_of(dossier_of(whole.acte, whole.owner, past, whole.settings))


def _dates(course: Course, today: date, to_come: list[LegalEvent]) -> Iterable[LegalDate]:
    """The dates of an act, by their days, unknown ones last."""
    if course.dossier.outside:
        return ()
    planned = frozenset(day for event in to_come for day in (event.sent, event.received))
    said = (said_of(course.dossier, found, planned) for found in _found(course, today))
    return sorted(said, key=lambda found: found.day or date.max)


def _found(course: Course, today: date) -> Iterator[LegalDate]:
    dossier, executory = course.dossier, executory_date(course.dossier)
    yield executory
    if dossier.portee.must_transmit:
        yield from control_dates(dossier, today)
    else:
        yield from exposed_dates(dossier, course.exposition, today)
    yield from suspension_dates(dossier, course.suspensions)
    yield third_party_date(dossier, course.recours, today)
    others = (
        vote_date(dossier),
        transmission_date(dossier),
        notification_report(dossier),
        list_date(dossier),
        effective_date(dossier, executory),
        referral_date(dossier),
        kept_until(dossier.publicity),
        withdrawal_date(dossier),
    )
    yield from (found for found in others if found is not None)
