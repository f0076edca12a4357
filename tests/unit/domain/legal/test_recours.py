"""Appeals of third parties: the reference's own examples, and what holds for any history."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.calendars import is_working_day
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.periods import MonthEnd
from transmission.domain.legal.recours import (
    Appeal,
    ThirdPartyState,
    appeal_of,
    reasonable_time,
    third_party_last_day,
    third_party_state,
)
from transmission.domain.legal.settings import PRUDENT

FR = Calendrier.NATIONAL
ONLINE = date(2026, 3, 2)
KINDS = (EventKind.RECOURS_GRACIEUX, EventKind.DEMANDE_AU_PREFET, EventKind.REPONSE_TIERS)
_day = date.fromisoformat


def event(kind: EventKind, received: str, sent: str | None = None) -> LegalEvent:
    return LegalEvent.at(kind, _day(received), _day(sent) if sent else None)


def appeal(*events: LegalEvent) -> Appeal:
    return appeal_of(ONLINE, events, FR)


@pytest.mark.parametrize(
    ("online", "distance", "last"),
    [
        ("2026-03-31", 0, "2026-06-01"),
        ("2026-03-16", 0, "2026-05-18"),
        ("2026-03-02", 1, "2026-06-03"),
        ("2026-03-02", 2, "2026-07-03"),
    ],
)
def test_two_months_from_the_publicity_and_more_from_afar(
    online: str, distance: int, last: str
) -> None:
    assert third_party_last_day(_day(online), (), FR, distance) == _day(last)


def test_a_recours_gracieux_counts_from_its_posting() -> None:
    found = appeal(event(EventKind.RECOURS_GRACIEUX, "2026-05-06", "2026-05-04"))
    assert (found.tacit, found.last_day) == (date(2026, 7, 6), date(2026, 9, 7))
    late = appeal(event(EventKind.RECOURS_GRACIEUX, "2026-05-06", "2026-05-05"))
    assert late.last_day == date(2026, 5, 4)
    assert late.ignored[0][1] == "faite après le dernier jour du délai"


def test_a_request_to_the_prefet_counts_from_its_receipt() -> None:
    asked = event(EventKind.DEMANDE_AU_PREFET, "2026-04-15")
    assert appeal(asked).last_day == date(2026, 8, 17)
    refused = event(EventKind.REPONSE_TIERS, "2026-05-20")
    assert appeal(asked, refused).last_day == date(2026, 7, 21)
    late = event(EventKind.DEMANDE_AU_PREFET, "2026-05-05", "2026-05-04")
    assert appeal(late).last_day == date(2026, 5, 4)


def test_a_period_is_extended_once_and_answered_once() -> None:
    first = event(EventKind.RECOURS_GRACIEUX, "2026-04-01")
    second = event(EventKind.DEMANDE_AU_PREFET, "2026-04-02")
    answers = [event(EventKind.REPONSE_TIERS, day) for day in ("2026-04-10", "2026-05-10")]
    found = appeal(first, second, *answers)
    assert found.last_day == date(2026, 6, 11)
    assert [each for each, _ in found.ignored] == [second, answers[1]]


def test_an_answer_out_of_time_opens_nothing() -> None:
    first = event(EventKind.RECOURS_GRACIEUX, "2026-04-01")
    found = appeal(first, event(EventKind.REPONSE_TIERS, "2026-08-04"))
    assert found.last_day == date(2026, 8, 3)
    assert found.needs_answer


def test_an_answer_counts_from_its_notification_up_to_the_last_day() -> None:
    first = event(EventKind.RECOURS_GRACIEUX, "2026-04-01")
    timely = event(EventKind.REPONSE_TIERS, "2026-08-03", "2026-07-31")
    assert appeal(first, timely).last_day == date(2026, 10, 5)
    late = event(EventKind.REPONSE_TIERS, "2026-08-05", "2026-08-03")
    assert appeal(first, late).last_day == date(2026, 8, 3)


def test_only_a_recours_gracieux_may_need_an_express_answer() -> None:
    assert not appeal().needs_answer
    assert not appeal(event(EventKind.DEMANDE_AU_PREFET, "2026-04-15")).needs_answer
    first = event(EventKind.RECOURS_GRACIEUX, "2026-04-01")
    assert not appeal(first, event(EventKind.REPONSE_TIERS, "2026-04-10")).needs_answer


def test_the_end_of_a_month_is_read_as_the_authority_chose() -> None:
    day_after = replace(PRUDENT, month_end_rule=MonthEnd.DAY_AFTER)
    assert appeal_of(date(2026, 2, 28), (), FR).last_day == date(2026, 4, 29)
    assert appeal_of(date(2026, 2, 28), (), FR, 0, day_after).last_day == date(2026, 5, 4)


def test_an_appeal_is_open_pending_then_over() -> None:
    assert third_party_state(None, date(2099, 1, 1)) is ThirdPartyState.NON_OUVERT
    gracieux = event(EventKind.RECOURS_GRACIEUX, "2026-04-01")
    days = [date(2026, 6, 1), date(2026, 6, 2), date(2026, 8, 3), date(2026, 8, 4)]
    assert [third_party_state(appeal(gracieux), day) for day in days] == [
        ThirdPartyState.GRACIEUX_TIERS,
        ThirdPartyState.OUVERT,
        ThirdPartyState.OUVERT,
        ThirdPartyState.EXPIRE,
    ]
    answered = appeal(gracieux, event(EventKind.REPONSE_TIERS, "2026-04-10"))
    assert third_party_state(answered, date(2026, 4, 11)) is ThirdPartyState.OUVERT


def test_without_a_mention_of_the_remedies_there_is_a_year() -> None:
    assert reasonable_time(date(2026, 3, 10), FR) == date(2027, 3, 10)
    assert reasonable_time(date(2026, 5, 1), FR) == date(2027, 5, 3)


@st.composite
def histories(draw: st.DrawFn) -> list[LegalEvent]:
    offsets = draw(st.lists(st.integers(0, 300), max_size=6, unique=True))
    return [
        LegalEvent.at(draw(st.sampled_from(KINDS)), ONLINE + timedelta(days=offset))
        for offset in offsets
    ]


@given(st.data(), histories(), st.sampled_from(Calendrier), st.integers(0, 2))
def test_no_history_shortens_the_period_nor_ends_it_on_a_day_off(
    data: st.DataObject, events: list[LegalEvent], calendrier: Calendrier, distance: int
) -> None:
    found = appeal_of(ONLINE, events, calendrier, distance)
    assert found.last_day >= third_party_last_day(ONLINE, (), calendrier, distance)
    assert found.last_day >= third_party_last_day(ONLINE, events, FR, distance)
    assert is_working_day(found.last_day, calendrier)
    shuffled = data.draw(st.permutations(events))
    assert appeal_of(ONLINE, shuffled, calendrier, distance) == found


def test_an_appeal_made_before_the_act_was_public_shortens_nothing() -> None:
    early = LegalEvent.at(EventKind.RECOURS_GRACIEUX, date(2026, 1, 5))
    assert appeal_of(date(2026, 9, 12), (early,), FR).last_day == date(2026, 11, 13)


@pytest.mark.parametrize(
    ("told", "appealed", "last"),
    [
        (True, "2026-04-15", "2026-08-17"),
        (False, "2026-04-15", "2027-03-02"),
        (False, "2027-03-01", "2027-07-02"),
        (True, "2027-03-01", "2026-05-04"),
    ],
)
def test_without_a_mention_of_the_remedies_no_day_comes_before_the_year(
    told: bool, appealed: str, last: str
) -> None:
    event = LegalEvent.at(EventKind.RECOURS_GRACIEUX, date.fromisoformat(appealed))
    found = appeal_of(date(2026, 3, 2), (event,), FR, mentioned=told)
    assert found.last_day == date.fromisoformat(last)
