import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.french_dates import long_date
from transmission.pdf.french_dates import DATE, date_of, date_spelt_out, folded

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))


def read(text: str) -> date | None:
    match = re.search(DATE, folded(text))
    return date_of(match) if match else None


@given(days)
def test_a_date_written_in_words_is_read_back(day: date) -> None:
    assert read(long_date(day)) == day
    assert read(long_date(day).upper()) == day


@given(days, st.sampled_from("/.-"))
def test_a_date_in_figures_is_read_day_first(day: date, separator: str) -> None:
    assert read(day.strftime(f"%d{separator}%m{separator}%Y")) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("DU 02 MARS 2023", date(2023, 3, 2)),
        ("du 1er avril 2024", date(2024, 4, 1)),
        ("du 1 er août 2024", date(2024, 8, 1)),
        ("le 2 aout 2023", date(2023, 8, 2)),
        ("31 février 2023", None),
        ("00/00/2023", None),
        ("12/13/2023", None),
        ("2 mars 20235", None),
        ("2/3/23", None),
    ],
)
def test_the_spellings_of_documents(text: str, day: date | None) -> None:
    assert read(text) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("L'an deux mille vingt-trois, le deux mars à 19 heures", date(2023, 3, 2)),
        ("L’an deux mil vingt et un et le jeudi premier du mois d'août", date(2021, 8, 1)),
        ("l'an deux mille vingt-quatre le trente et un janvier", date(2024, 1, 31)),
        ("L'AN 2024, LE 1er AOÛT", date(2024, 8, 1)),
        ("l'an mille neuf cent quatre-vingt-dix-neuf, le vingt-deux août", date(1999, 8, 22)),
        ("l'an deux mille vingt-trois, le trente février", None),
        ("l'an passé à venir, le deux mars", None),
        ("le deux mars", None),
    ],
)
def test_dates_spelt_out_as_in_registers(text: str, day: date | None) -> None:
    assert date_spelt_out(folded(text)) == day


@given(st.text())
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    assert len(folded(text)) == len(text)


def test_folding_removes_accents_capitals_and_curly_apostrophes() -> None:
    assert folded("L’ARRÊTÉ Nº 3") == "l'arrete n° 3"
