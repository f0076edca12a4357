from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.console import words

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_civil_date_is_written_in_words_and_the_first_of_a_month_as_such() -> None:
    assert plain(words.day(date(2023, 3, 10))) == "10 mars 2023"
    assert plain(words.day(date(2023, 3, 1))) == "1er mars 2023"


def test_a_month_is_written_in_words() -> None:
    assert plain(words.month(date(2023, 3, 1))) == "mars 2023"
    assert plain(words.month(date(2023, 8, 31))) == "août 2023"


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "–"),
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (1, 3, "33 %"),
        (1, 2, "50 %"),
        (1, 1000, "< 1 %"),
        (999, 1000, "> 99 %"),
        (5, 1000, "1 %"),
    ],
)
def test_a_share_is_never_told_as_nothing_or_all_when_it_is_not(
    part: int, whole: int, said: str
) -> None:
    assert plain(words.percent(part, whole)) == said


def test_an_instant_is_shown_at_the_wall_clock_of_the_authority() -> None:
    assert plain(words.moment(NOW, "Europe/Paris")) == "23 novembre 2026 à 14 h 05"


def test_a_clock_that_is_not_paris_is_named() -> None:
    midnight = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)
    shown = plain(words.moment(midnight, "America/Cayenne"))
    assert shown == "31 décembre 2025 à 22 h 00 (heure de Cayenne)"


def test_the_place_of_a_clock_has_no_underscore() -> None:
    assert "(heure de St Barthelemy)" in plain(words.moment(NOW, "America/St_Barthelemy"))


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(0), "à l'instant"),
        (timedelta(seconds=59), "à l'instant"),
        (timedelta(minutes=1), "il y a 1 min"),
        (timedelta(minutes=119), "il y a 119 min"),
        (timedelta(hours=2), "il y a 2 h"),
        (timedelta(hours=47), "il y a 47 h"),
        (timedelta(days=2), "il y a 2 jours"),
        (timedelta(minutes=-5), "dans 5 min"),
        (timedelta(seconds=-5), "dans moins d'1 min"),
    ],
)
def test_a_distance_is_told_in_its_largest_unit(length: timedelta, said: str) -> None:
    assert plain(words.distance(NOW - length, NOW)) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 octet"),
        (1, "1 octet"),
        (999, "999 octets"),
        (1000, "1 ko"),
        (999_999, "999 ko"),
        (2_340_000, "2,3 Mo"),
        (81_713_600_000, "81,7 Go"),
    ],
)
def test_a_size_is_told_in_the_unit_that_people_read(count: int, said: str) -> None:
    assert plain(words.size(count)) == said


def test_a_count_agrees_with_its_noun() -> None:
    assert plain(words.plural(0, "acte", "actes")) == "0 acte"
    assert plain(words.plural(1, "acte", "actes")) == "1 acte"
    assert plain(words.plural(12_345, "acte", "actes")) == "12 345 actes"


def test_a_long_text_is_cut_between_words() -> None:
    assert words.shortened("un objet plutôt long", 12) == "un objet…"
    assert words.shortened("court", 12) == "court"
    assert words.shortened("x" * 30, 12) == "x" * 11 + "…"


def test_a_direction_mark_is_spelt_out() -> None:
    assert words.visible("facture\u202efdp.exe") == "facture⟨U+202E⟩fdp.exe"


def test_a_line_break_stays_a_line_break() -> None:
    assert words.visible("une\nautre\tligne") == "une\nautre\tligne"


@given(st.text(alphabet=st.characters(categories=["Cc", "Cf", "Co"], exclude_characters="\n\t")))
def test_every_hidden_character_is_replaced_by_its_number(text: str) -> None:
    shown = words.visible(text)
    assert shown == "".join(f"⟨U+{ord(c):04X}⟩" for c in text)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"])))
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert words.visible(text) == text


@given(st.text(max_size=400), st.integers(min_value=2, max_value=300))
def test_a_shortened_text_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(words.shortened(text, limit)) <= limit
