"""Civil dates as French administrative documents write them, read."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from transmission.domain.french_dates import MONTHS

_UNITS = (
    *("zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    *("onze", "douze", "treize", "quatorze", "quinze", "seize"),
)
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}
_LOOK_ALIKES = {"’": "'", "‘": "'", "º": "°", "\u2011": "-"}
_ORDINALS = {"premier": 1, "1er": 1}

_FOLDEDMONTHS = tuple(month.replace("é", "e").replace("û", "u") for month in MONTHS)
_MONTH_PATTERN = "|".join(_FOLDEDMONTHS)

WEEKDAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
_NUMERIC = r"(?P<day>\d{1,2})\s?[/.-]\s?(?P<month>\d{1,2})\s?[/.-]\s?(?P<year>\d{4})(?!\d)"
_WRITTEN = rf"(?P<wday>\d{{1,2}}|1\s?er)\s+(?P<wmonth>{_MONTH_PATTERN})\s+(?P<wyear>\d{{4}})(?!\d)"
DATE = rf"(?:{_WRITTEN}|{_NUMERIC})"
"""Matches a date in folded text (see `folded`); `date_of` turns the match into a date."""


def folded(text: str) -> str:
    """Lower-case without accents, one plain apostrophe; character for character, so same length."""
    return "".join(map(_plain, text))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    return unicodedata.normalize("NFD", character)[0].lower()[0]


def date_of(match: re.Match[str]) -> date | None:
    """Turn a match of `DATE` into a civil date, or None for a day that no calendar has."""
    if match["wday"]:
        day = int(match["wday"].removesuffix("er"))
        return _civil(int(match["wyear"]), _FOLDEDMONTHS.index(match["wmonth"]) + 1, day)
    return _civil(int(match["year"]), int(match["month"]), int(match["day"]))


_SPELT_OUT = re.compile(
    rf"l'an (?P<year>[a-z -]{{5,60}}?|\d{{4}}),?\s+(?:et )?le (?:{WEEKDAY} )?"
    rf"(?P<day>[a-z-]{{2,12}}|[a-z]+ et un|\d{{1,2}}(?:er)?) (?:du mois d(?:e |'))?"
    rf"(?P<month>{_MONTH_PATTERN})\b"
)


def date_spelt_out(text: str) -> date | None:
    """Read `l'an deux mille vingt-trois, le deux mars` in folded text; None when not there."""
    match = _SPELT_OUT.search(text)
    if not match:
        return None
    year, day = _number(match["year"]), _number(match["day"])
    if year is None or day is None:
        return None
    return _civil(year, _FOLDEDMONTHS.index(match["month"]) + 1, day)


def _number(words: str) -> int | None:
    """Value of a year or a day in letters or digits, up to 9999; None when a word is unknown."""
    if words.isdigit():
        return int(words)
    total = current = 0
    for word in re.split(r"[ -]+", words):
        if word in ("mille", "mil"):
            total, current = (current or 1) * 1000, 0
        elif word in ("cent", "cents"):
            current = (current or 1) * 100
        elif word in ("vingt", "vingts") and current % 100 == 4:
            current += 76
        elif (value := _word_value(word)) is not None:
            current += value
        elif word != "et":
            return None
    return total + current


def _word_value(word: str) -> int | None:
    if word in _UNITS:
        return _UNITS.index(word)
    return _TENS.get(word) or _ORDINALS.get(word)


def _civil(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
