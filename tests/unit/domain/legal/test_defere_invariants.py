"""What holds for the déféré of any act, whatever happens to it (legal clock §15.5)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.calendars import is_working_day
from transmission.domain.legal.controle import ControlState, control_state
from transmission.domain.legal.defere import control_of, running_control
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.periods import MonthEnd
from transmission.domain.legal.settings import (
    PRUDENT,
    STRICT,
    AnnulationEffect,
    ArDate,
    LegalSettings,
    PartialPieces,
    Timeliness,
)

RECEIVED = date(2026, 3, 2)
RECEIPTS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
CALENDARS = st.sampled_from(Calendrier)
SETTINGS = st.builds(
    LegalSettings,
    franc_deferre=st.booleans(),
    month_end_rule=st.sampled_from(MonthEnd),
    ar_date_source=st.sampled_from(ArDate),
    gracieux_timeliness=st.sampled_from(Timeliness),
    late_pieces_restart=st.booleans(),
    pieces_after_lo=st.booleans(),
    second_gracieux_extends=st.booleans(),
    urba_lo_extends=st.booleans(),
    annulation_effect=st.sampled_from(AnnulationEffect),
    partial_pieces=st.sampled_from(PartialPieces),
    repeat_requests=st.booleans(),
    retransmission_restarts=st.booleans(),
)
WITHOUT_EFFECT = (
    EventKind.COURRIER_SIMPLE,
    EventKind.REPONSE_ATTENTE,
    EventKind.RENONCIATION,
    EventKind.DEMANDE_AU_PREFET,
    EventKind.PUBLICATION,
)
MOVING = (
    EventKind.DEMANDE_PIECES,
    EventKind.PIECES,
    EventKind.REFUS_PIECES,
    EventKind.LETTRE_OBSERVATIONS,
    EventKind.REPONSE_LETTRE,
)


@st.composite
def histories(draw: st.DrawFn, *kinds: EventKind) -> tuple[LegalEvent, ...]:
    """Events of different days, at most a year after the receipt, sent up to a week before."""
    offsets = draw(st.lists(st.integers(0, 400), max_size=8, unique=True))
    events = []
    for offset in offsets:
        received = RECEIVED + timedelta(days=offset)
        sent = received - timedelta(days=min(offset, draw(st.integers(0, 7))))
        kind = draw(st.sampled_from(kinds or tuple(EventKind)))
        events.append(LegalEvent(kind, received, sent, complete=draw(st.booleans())))
    return tuple(events)


def _last(events: Any, calendrier: Calendrier, settings: LegalSettings = PRUDENT) -> date:
    last = control_of(RECEIVED, events, calendrier, settings).last_day
    assert last is not None
    return last


@given(histories(), CALENDARS, SETTINGS)
def test_the_last_day_is_a_working_day_of_its_calendar(
    events: tuple[LegalEvent, ...], calendrier: Calendrier, settings: LegalSettings
) -> None:
    assert is_working_day(_last(events, calendrier, settings), calendrier)


@given(RECEIPTS, CALENDARS, SETTINGS)
def test_a_receipt_a_day_later_never_brings_the_last_day_forward(
    received: date, calendrier: Calendrier, settings: LegalSettings
) -> None:
    first = control_of(received, (), calendrier, settings).silent_last_day
    next_one = control_of(received + timedelta(days=1), (), calendrier, settings).silent_last_day
    assert first <= next_one


@given(histories(*MOVING), histories(*WITHOUT_EFFECT), CALENDARS)
def test_an_event_without_effect_leaves_everything_as_it_was(
    events: tuple[LegalEvent, ...], others: tuple[LegalEvent, ...], calendrier: Calendrier
) -> None:
    alone = control_of(RECEIVED, events, calendrier, PRUDENT)
    together = control_of(RECEIVED, (*events, *others), calendrier, PRUDENT)
    assert replace(together, ignored=()) == replace(alone, ignored=())


@given(histories(*MOVING), CALENDARS, SETTINGS)
def test_an_ignored_event_might_as_well_not_have_come(
    events: tuple[LegalEvent, ...], calendrier: Calendrier, settings: LegalSettings
) -> None:
    found = control_of(RECEIVED, events, calendrier, settings)
    ignored = {event for event, _ in found.ignored}
    kept = [event for event in events if event not in ignored]
    again = control_of(RECEIVED, kept, calendrier, settings)
    assert again == replace(found, ignored=(), letter=again.letter)
    assert again.silent_last_day == found.silent_last_day


@given(histories(), CALENDARS, SETTINGS)
def test_no_event_brings_the_last_day_before_that_of_the_receipt_alone(
    events: tuple[LegalEvent, ...], calendrier: Calendrier, settings: LegalSettings
) -> None:
    assert _last(events, calendrier, settings) >= _last((), calendrier, settings)


@given(histories(), CALENDARS)
def test_a_local_calendar_never_brings_the_last_day_forward(
    events: tuple[LegalEvent, ...], calendrier: Calendrier
) -> None:
    assert _last(events, calendrier) >= _last(events, Calendrier.NATIONAL)


@given(st.data(), histories(), CALENDARS, SETTINGS)
def test_the_order_of_the_log_does_not_matter(
    data: st.DataObject,
    events: tuple[LegalEvent, ...],
    calendrier: Calendrier,
    settings: LegalSettings,
) -> None:
    log = (LegalEvent.at(EventKind.ACCUSE_RECEPTION, RECEIVED - timedelta(days=1)), *events)
    shuffled = data.draw(st.permutations(log))
    found = running_control(log, calendrier, settings)
    assert running_control(shuffled, calendrier, settings) == found


@given(histories(*MOVING), CALENDARS)
def test_the_prudent_reading_is_never_shorter_than_the_strict_one(
    events: tuple[LegalEvent, ...], calendrier: Calendrier
) -> None:
    assert _last(events, calendrier) >= _last(events, calendrier, STRICT)


@given(histories(), CALENDARS, SETTINGS, st.booleans())
def test_a_control_once_expired_never_opens_again(
    events: tuple[LegalEvent, ...],
    calendrier: Calendrier,
    settings: LegalSettings,
    deliberation: bool,
) -> None:
    control = control_of(RECEIVED, events, calendrier, settings, deliberation=deliberation)
    over = (ControlState.EXPIRE, ControlState.EXPIRE_RESERVE)
    days = (RECEIVED + timedelta(days=offset) for offset in range(0, 1200, 7))
    seen = [control_state(control, day) in over for day in days]
    assert seen == sorted(seen)


@given(histories(), CALENDARS, SETTINGS)
def test_an_annulled_transmission_leaves_no_trace_on_the_next(
    events: tuple[LegalEvent, ...], calendrier: Calendrier, settings: LegalSettings
) -> None:
    void = replace(settings, annulation_effect=AnnulationEffect.VOID)
    again = RECEIVED + timedelta(days=500)
    log = (
        *events,
        LegalEvent.at(EventKind.ANNULATION, again - timedelta(days=1)),
        LegalEvent.at(EventKind.ACCUSE_RECEPTION, again),
    )
    found = running_control(log, calendrier, void)
    assert found is not None
    assert replace(found, ignored=()) == control_of(again, (), calendrier, void)


@pytest.mark.parametrize("settings", [PRUDENT, STRICT])
def test_a_single_reading_is_the_same_twice(settings: LegalSettings) -> None:
    events = [LegalEvent.at(EventKind.LETTRE_OBSERVATIONS, date(2026, 4, 1))]
    assert _last(events, Calendrier.NATIONAL, settings) == _last(
        events, Calendrier.NATIONAL, settings
    )
