"""Where dates and events go on the line of time."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.support.horloge import ESPECE, OUTSIDE, clock, log
from transmission.console.drawing import Bar, Drawing, drawing_of
from transmission.console.timeline import Timeline
from transmission.domain.legal.evenements import SUPPOSED, EventKind, LegalEvent
from transmission.domain.legal.horloge import read
from transmission.domain.legal.settings import PRUDENT

LOG = "AR 2026-03-12, PU 2026-03-16, DP 2026-04-02, PC 2026-04-20"
KINDS = (EventKind.ACCUSE_RECEPTION, EventKind.PUBLICATION, EventKind.LETTRE_OBSERVATIONS)


def drawn(events: str = LOG, today: str = "2026-05-04") -> Drawing:
    found = drawing_of(Timeline(clock(ESPECE, events, today=today)))
    assert found is not None
    return found


def bar(drawing: Drawing, name: str) -> Bar:
    return next(each for each in drawing.bars if each.told.legal.name == name)


def test_a_limit_goes_from_what_starts_it_to_its_last_day_and_is_past_up_to_today() -> None:
    found = drawn()
    defere = bar(found, "defere")
    assert defere.start < defere.done < defere.end
    assert defere.done == found.today
    assert defere.starts[0] == defere.start
    assert not defere.is_point


def test_a_change_of_state_is_a_point() -> None:
    assert bar(drawn(), "executoire").is_point


def test_a_limit_that_is_over_is_past_to_its_end_and_one_to_come_is_not_begun() -> None:
    over = bar(drawn(today="2026-09-01"), "defere")
    assert over.done == over.end
    ahead = bar(drawn(today="2026-03-01"), "defere")
    assert ahead.done == ahead.start


def test_today_far_from_everything_is_left_out() -> None:
    assert drawn(today="2026-08-01").today is not None
    assert drawn(today="2031-01-01").today is None
    assert drawn(today="2026-03-01").today is None


def test_events_too_close_to_be_told_apart_share_a_marker() -> None:
    labels = [marker.label for marker in drawn().markers]
    assert labels == ["1–3", "4", "5"]


def test_a_marker_is_supposed_when_all_its_events_are() -> None:
    reading = clock(ESPECE, LOG, today="2026-05-04")
    more = [
        LegalEvent(EventKind.DEFERE, day, day, source=SUPPOSED)
        for day in (date(2026, 4, 21), date(2026, 7, 1))
    ]
    after = read(ESPECE, reading.owner, (*log(LOG), *more), PRUDENT, date(2026, 5, 4))
    found = drawing_of(Timeline(after))
    assert found is not None
    assert [(marker.label, marker.is_supposed) for marker in found.markers] == [
        ("1–3", False),
        ("4", False),
        ("5–6", False),
        ("7", True),
    ]


def test_an_hypothesis_is_drawn_by_what_it_moves_from_where_it_was() -> None:
    before = Timeline(clock(ESPECE, "AR 2026-03-12, PU 2026-03-16", today="2026-03-20"))
    after = Timeline(clock(ESPECE, "AR 2026-03-12, PU 2026-03-16, LO 2026-04-16"))
    found = drawing_of(after, before)
    assert found is not None
    names = {each.told.legal.name: each for each in found.bars}
    assert set(names) == {"defere", "rejet_tacite_lettre"}
    was = names["defere"].was
    assert was is not None
    assert was < names["defere"].end
    assert names["rejet_tacite_lettre"].was is None
    assert drawing_of(before, before) is None


def test_nothing_is_drawn_without_a_known_date() -> None:
    assert drawing_of(Timeline(clock(OUTSIDE, today="2026-05-04"))) is None


@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.dates(date(2025, 1, 1), date(2034, 1, 1)))),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
)
def test_everything_is_inside_the_line_in_the_order_of_days(
    events: list[tuple[EventKind, date]], today: date
) -> None:
    log_ = [LegalEvent(kind, day, day) for kind, day in events]
    found = drawing_of(Timeline(read(ESPECE, clock(ESPECE).owner, log_, PRUDENT, today)))
    assert found is not None
    assert found.first < found.last
    xs = [marker.x for marker in found.markers]
    assert xs == sorted(xs)
    assert all(later - x >= 8 for x, later in pairwise(xs))
    for each in found.bars:
        assert 0 <= each.start <= each.done <= each.end <= 100
    assert all(0 <= tick.x <= 100 for tick in found.ticks)
    assert len(found.ticks) <= 7
    if found.today is not None:
        assert 0 <= found.today <= 100
        assert found.first <= today <= found.last + timedelta(days=1)


def test_months_are_named_and_years_when_there_are_many() -> None:
    assert [tick.label for tick in drawn().ticks] == [
        "avr. 2026",
        "mai 2026",
        "juin 2026",
        "juil. 2026",
    ]
    far = drawn("AR 2026-03-12, PU 2031-03-16")
    assert [tick.label for tick in far.ticks] == ["2028", "2030"]
