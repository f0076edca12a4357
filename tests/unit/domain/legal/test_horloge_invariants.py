"""What holds for the reading of any act, whatever happens to it (legal clock §15.5)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.histories import DAYS, LIKELY, OWNERS, SETTINGS, acts, events, logs
from tests.support.horloge import LATER, REGLEMENT
from transmission.domain.collectivite import Calendrier
from transmission.domain.french_dates import long_date
from transmission.domain.legal.calendars import is_working_day
from transmission.domain.legal.dates import DateKind, LegalDate
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge import next_change, read
from transmission.domain.legal.horloge_echeance import text_day
from transmission.domain.legal.horloge_publicite import publicity_of
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.portee import Soumission
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.settings import (
    PRUDENT,
    STRICT,
    LegalSettings,
)
from transmission.domain.legal.sujets import (
    AuthorityKind,
    LegalActe,
    LegalAuthority,
)

WITHOUT_EFFECT = (
    EventKind.COURRIER_SIMPLE,
    EventKind.REPONSE_ATTENTE,
    EventKind.RENONCIATION,
    EventKind.ANOMALIE,
)


def _days(reading: Reading) -> list[tuple[str, date | None]]:
    return sorted((found.name, found.day) for found in reading.dates)


def _stripped(found: LegalDate) -> LegalDate:
    """A date without what ``today`` may change."""
    return replace(found, provisional=False, awaits=None)


@given(acts(), OWNERS, logs(), SETTINGS, DAYS)
def test_a_last_day_is_a_working_day_of_its_calendar(
    acte: LegalActe,
    owner: LegalAuthority,
    log: tuple[LegalEvent, ...],
    settings: LegalSettings,
    today: date,
) -> None:
    for found in read(acte, owner, log, settings, today).dates:
        if found.kind is DateKind.LAST_DAY and found.day and found.calendrier:
            assert is_working_day(found.day, found.calendrier), found


@given(acts(), OWNERS, logs(), SETTINGS, DAYS)
def test_a_date_is_known_or_says_why_it_is_not_and_is_told_in_words(
    acte: LegalActe,
    owner: LegalAuthority,
    log: tuple[LegalEvent, ...],
    settings: LegalSettings,
    today: date,
) -> None:
    reading = read(acte, owner, log, settings, today)
    names = [found.name for found in reading.dates]
    assert len(names) == len(set(names))
    assert set(names) <= {name.code for name in DateName}
    for found in reading.dates:
        assert (found.day is None) != (found.unknown is None)
        assert found.explanation.endswith(".")
        assert "None" not in found.explanation
        if found.day is not None:
            assert long_date(found.day) in found.explanation, found
        if found.alternative is not None:
            assert found.alternative.day != found.day


@given(acts(), OWNERS, logs(), SETTINGS, DAYS)
def test_dates_come_in_the_order_of_their_days_and_unknown_ones_last(
    acte: LegalActe,
    owner: LegalAuthority,
    log: tuple[LegalEvent, ...],
    settings: LegalSettings,
    today: date,
) -> None:
    days = [found.day or date.max for found in read(acte, owner, log, settings, today).dates]
    assert days == sorted(days)


@given(acts(), OWNERS, logs(), SETTINGS, DAYS, DAYS)
def test_today_moves_no_day(
    acte: LegalActe,
    owner: LegalAuthority,
    log: tuple[LegalEvent, ...],
    settings: LegalSettings,
    today: date,
    other_day: date,
) -> None:
    first, second = (read(acte, owner, log, settings, each) for each in (today, other_day))
    assert list(map(_stripped, first.dates)) == list(map(_stripped, second.dates))
    assert (first.events, first.ignored, first.portee, first.control) == (
        second.events,
        second.ignored,
        second.portee,
        second.control,
    )


@given(acts(), OWNERS, logs(), SETTINGS, DAYS, st.randoms(use_true_random=False))
def test_the_order_of_the_log_changes_nothing_when_the_days_differ(
    acte: LegalActe,
    owner: LegalAuthority,
    log: tuple[LegalEvent, ...],
    settings: LegalSettings,
    today: date,
    random: Any,
) -> None:
    shuffled = list(log)
    random.shuffle(shuffled)
    found = read(acte, owner, shuffled, settings, today)
    assert found == read(acte, owner, log, settings, today)
    assert read(acte, owner, (*log, *log), settings, today) == found


@given(acts(), OWNERS, logs(), SETTINGS)
def test_an_event_said_to_change_nothing_moves_no_day(
    acte: LegalActe, owner: LegalAuthority, log: tuple[LegalEvent, ...], settings: LegalSettings
) -> None:
    reading = read(acte, owner, log, settings, LATER)
    for event, why in reading.ignored:
        assert why
        without = read(acte, owner, [each for each in log if each != event], settings, LATER)
        assert _days(without) == _days(reading), (event, why)


@given(acts(), OWNERS, logs(), st.sampled_from([PRUDENT, STRICT]), DAYS, events(WITHOUT_EFFECT))
def test_an_event_without_effect_leaves_every_date_as_it_is(
    acte: LegalActe,
    owner: LegalAuthority,
    log: tuple[LegalEvent, ...],
    settings: LegalSettings,
    today: date,
    more: LegalEvent,
) -> None:
    assume(more.received <= today)
    found = read(acte, owner, (*log, more), settings, today)
    assert found.dates == read(acte, owner, log, settings, today).dates
    assert more.kind is EventKind.ANOMALIE or more in dict(found.ignored)


@given(acts(), OWNERS, logs(), SETTINGS)
def test_an_act_has_force_from_its_publicity_and_from_its_receipt_if_it_is_transmitted(
    acte: LegalActe, owner: LegalAuthority, log: tuple[LegalEvent, ...], settings: LegalSettings
) -> None:
    reading = read(acte, owner, log, settings, LATER)
    executory = reading.day(DateName.EXECUTOIRE)
    if executory is None or acte.tacite:
        return
    if reading.portee.must_transmit:
        assert reading.control is not None
        assert executory >= reading.control.received
    publicity = publicity_of(acte, owner, reading.events)
    public = [event.received for event in (publicity.by, publicity.urgent) if event]
    assert executory >= min(public)


@given(acts(), OWNERS, logs(), SETTINGS)
def test_an_act_outside_the_control_has_no_date_and_any_other_has_its_force(
    acte: LegalActe, owner: LegalAuthority, log: tuple[LegalEvent, ...], settings: LegalSettings
) -> None:
    reading = read(acte, owner, log, settings, LATER)
    outside = reading.portee.soumission is Soumission.SANS_OBJET
    assert (reading.named(DateName.EXECUTOIRE) is None) == outside
    assert (reading.dates == ()) == outside


@given(acts(), OWNERS, logs(), SETTINGS)
def test_a_date_that_rests_on_what_nobody_declared_is_never_shown_as_certain(
    acte: LegalActe, owner: LegalAuthority, log: tuple[LegalEvent, ...], settings: LegalSettings
) -> None:
    reading = read(acte, owner, log, settings, LATER)
    for found in reading.dates:
        asks = any("éclarez" in each for each in found.warnings)
        confirms = reading.portee.to_confirm and reading.portee.raison in found.warnings
        assert not (asks or confirms) or found.provisional or found.day is None, found


@given(logs(), st.sampled_from([PRUDENT, STRICT]))
def test_what_happens_never_makes_the_defere_end_before_the_receipt_alone_would(
    log: tuple[LegalEvent, ...], settings: LegalSettings
) -> None:
    owner = LegalAuthority(AuthorityKind.COMMUNE)
    reading = read(REGLEMENT, owner, log, settings, LATER)
    if reading.control is None:
        return
    alone = LegalEvent.at(EventKind.ACCUSE_RECEPTION, reading.control.received)
    plain = read(REGLEMENT, owner, [alone], settings, LATER).day(DateName.DEFERE)
    found = reading.day(DateName.DEFERE)
    assert found is not None
    assert plain is not None
    assert found >= plain


@given(acts(), OWNERS, st.lists(events(LIKELY), max_size=4), SETTINGS)
def test_a_calendar_with_more_holidays_ends_no_period_of_the_state_earlier(
    acte: LegalActe, owner: LegalAuthority, log: list[LegalEvent], settings: LegalSettings
) -> None:
    national = replace(owner, calendrier=Calendrier.NATIONAL)
    local, plain = (read(acte, each, log, settings, LATER) for each in (owner, national))
    for name in (DateName.DEFERE, DateName.TIERS, DateName.DEMANDE_ACTE, DateName.SAISINE_CRC):
        found, other = local.day(name), plain.day(name)
        assert found is None or other is None or found >= other


def _signature(reading: Reading) -> tuple[Any, ...]:
    """All that time alone changes: states, what is late, what is provisional or awaited."""
    limits = [found for found in reading.dates if found.kind is not DateKind.STATUS]
    late = {(found.name, found.day < reading.today) for found in limits if found.day}
    late |= {
        (found.name, day < reading.today)
        for found in limits
        if found.kind is DateKind.DUE
        for day in [text_day(found)]
        if day is not None
    }
    waits = {(found.name, found.provisional, found.awaits) for found in reading.dates}
    return reading.acte_state, reading.control_state, reading.third_state, late, waits


@given(acts(), OWNERS, logs(), SETTINGS, DAYS)
def test_nothing_changes_before_the_next_change(
    acte: LegalActe,
    owner: LegalAuthority,
    log: tuple[LegalEvent, ...],
    settings: LegalSettings,
    today: date,
) -> None:
    reading = read(acte, owner, log, settings, today)
    following = next_change(reading)
    assert following is None or following > today
    eve = LATER if following is None else following - timedelta(days=1)
    then = _signature(read(acte, owner, log, settings, eve))
    assert then == _signature(reading)
