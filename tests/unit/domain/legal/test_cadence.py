"""How often an authority sends, from the days on which it did."""

from datetime import date, timedelta

from transmission.domain.legal.cadence import usual_interval

FIRST = date(2026, 1, 5)


def _days(*gaps: int) -> list[date]:
    days = [FIRST]
    for gap in gaps:
        days.append(days[-1] + timedelta(days=gap))
    return days


def test_too_few_sendings_have_no_usual_interval() -> None:
    assert usual_interval([]) is None
    assert usual_interval(_days(30, 30, 30, 30)) is None
    assert usual_interval(_days(30, 30, 30, 30, 30)) == timedelta(days=30)


def test_the_acts_of_one_day_are_one_sending() -> None:
    assert usual_interval([FIRST] * 100) is None
    assert usual_interval(_days(30, 30, 30, 30, 30) * 20) == timedelta(days=30)


def test_nine_intervals_out_of_ten_are_no_longer() -> None:
    gaps = [7] * 17 + [40] * 3
    assert usual_interval(reversed(_days(*gaps))) == timedelta(days=40)
    assert usual_interval(_days(*[7] * 19, 400)) == timedelta(days=7)
