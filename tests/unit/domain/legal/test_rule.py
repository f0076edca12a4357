"""When the text behind a rule is in force."""

from datetime import date

import pytest

from transmission.domain.legal.rule import Confidence, Rule

FROM, UNTIL = date(2022, 7, 1), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("day", "applies"),
    [
        (date(2022, 6, 30), False),
        (FROM, True),
        (UNTIL, True),
        (date(2027, 1, 1), False),
    ],
)
def test_a_rule_applies_from_its_first_to_its_last_day(day: date, applies: bool) -> None:
    rule = Rule("XX-1", "Un titre", "Un article", Confidence.V, FROM, UNTIL)
    assert rule.applies_on(day) is applies


def test_a_rule_without_known_days_applies_on_any() -> None:
    assert Rule("XX-1", "Un titre", "Un article", Confidence.V).applies_on(date(1982, 3, 2))


def test_what_is_to_be_verified_says_so() -> None:
    assert Confidence.TO_VERIFY.label == "à vérifier"
