"""Words of the explanations."""

from datetime import date

import pytest

from transmission.domain.legal.mots import day_off, in_days, sentences, until


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 5, 16), "le 16 mai 2026 étant un samedi"),
        (date(2026, 5, 17), "le 17 mai 2026 étant un dimanche"),
        (date(2026, 5, 14), "le 14 mai 2026 étant un jour férié"),
    ],
)
def test_a_day_off_says_which_it_is(day: date, why: str) -> None:
    assert day_off(day) == why


def test_a_period_says_its_last_day_and_why_it_was_carried() -> None:
    assert until(date(2026, 3, 13), date(2026, 3, 13)) == "jusqu'au 13 mars 2026 inclus"
    assert until(date(2026, 5, 18), date(2026, 5, 17)) == (
        "jusqu'au 18 mai 2026 inclus, le 17 mai 2026 étant un dimanche"
    )


def test_days_agree_with_their_number() -> None:
    assert [in_days(number) for number in (0, 1, 2, 53)] == [
        "0 jour",
        "1 jour",
        "2 jours",
        "53 jours",
    ]


def test_sentences_leave_out_what_is_empty() -> None:
    assert sentences(["Un.", "", "Deux."]) == "Un. Deux."
