"""The English of what pages say in French: a catalogue of texts, in ``anglais.toml``.

Texts are found whole, or by their shape: ``{1}`` stands for what varies and is kept as it is,
``{1:t}`` for what is translated in its turn, ``{1:c}`` for a code in capitals. What
the catalogue does not know stays French.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from jinja2.ext import Extension
from markupsafe import Markup

from transmission.console.english_source import translated
from transmission.console.words import visible

LONGEST = 600
"""Longer texts are nobody's but a person's: no shape is looked for in them."""

_MONTHS = {
    "janvier": "January", "février": "February", "mars": "March", "avril": "April",
    "mai": "May", "juin": "June", "juillet": "July", "août": "August",
    "septembre": "September", "octobre": "October", "novembre": "November",
    "décembre": "December",
}  # fmt: skip
_DATE = re.compile(
    rf"(?:(\d\d?)(?:er)? )?({'|'.join(_MONTHS)}) (\d{{4}})"
    r"(?: à (\d\d?) h (\d\d)(?: \(heure de (.+)\))?)?"
)
_NUMBER = re.compile(r"(?:[<>] )?\d{1,3}(?: \d{3})*(?:,\d+)?(?: %)?")
_COUNTED = re.compile(r"(\d[\d ]*(?:,\d+)?) (\D.*)")
_SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-ZÀ-Ý])")
_KEPT = re.compile("\x0e([^\x0e\x0f]*)\x0f")
_FRENCH = Markup('<span lang="fr">{}</span>')
_GAP = re.compile(r"\{(\d)(:[tc])?\}")
_WORD = re.compile(r"[^\W\d_A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Shape:
    """A French text with gaps, and the English one."""

    found: "re.Pattern[str]"
    said: str

    def fill(self, found: "re.Match[str]") -> str | None:
        """The English text with what was in the gaps, None when one of them has no English."""
        told: dict[str, str] = {}
        for number, kind in _GAP.findall(self.said):
            kept = found[f"gap{number}"]
            said = english(kept) if kind == ":t" else _kept(kept)
            if said is None:
                return None
            told[number] = said
        return _GAP.sub(lambda place: told[place[1]], self.said)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that is translated.

    ``counted`` has the English singular and plural of what is counted, by both French forms.
    """

    texts: Mapping[str, str]
    counted: Mapping[str, tuple[str, str]]
    shapes: tuple[Shape, ...]


@cache
def catalogue() -> Catalogue:
    """The catalogue of this package."""
    read = tomllib.loads((files("transmission.console") / "anglais.toml").read_text("utf-8"))
    counted = {
        french: (one, several)
        for singular, (plural, one, several) in read["counted"].items()
        for french in (singular, plural)
    }
    shapes = tuple(Shape(_pattern(french), said) for french, said in read["shapes"].items())
    return Catalogue(read["texts"], counted, shapes)


@lru_cache(maxsize=4096)
def english(text: str) -> str | None:
    """The English of a French text, None where there is none.

    Dates, numbers and what is counted are told the English way.
    """
    known, core = catalogue(), " ".join(text.split())
    found = known.texts.get(core) or _plain(core, known)
    if found is None and core[:1].islower():
        upper = known.texts.get(core[:1].upper() + core[1:])
        found = upper and upper[:1].lower() + upper[1:]
    if found is None and core[:1].isupper():
        lower = known.texts.get(core[:1].lower() + core[1:])
        lower = lower or _plain(core[:1].lower() + core[1:], known)
        found = lower and lower[:1].upper() + lower[1:]
    return found


def source_english(text: str) -> str | None:
    """The English of a text of a template, gaps and all."""
    return catalogue().texts.get(text)


def say(value: Any) -> Any:
    """What a page computed, in English; what stays French is marked so (WCAG 3.1.2)."""
    if isinstance(value, Markup):
        return value.replace("<svg ", Markup('<svg lang="fr" ')) if value[:5] == "<svg " else value
    if not isinstance(value, str):
        return value
    told = _told(value)
    return keep(value) if told is None else _marked(told)


def keep(value: Any) -> Any:
    """What a person wrote, as it is; marked, for it is French."""
    if not isinstance(value, str) or isinstance(value, Markup) or not _WORD.search(value):
        return value
    return _FRENCH.format(visible(value))


def tell(value: Any) -> Any:
    """The same where no element can be: what has no English is not marked."""
    told = _told(value) if isinstance(value, str) and not isinstance(value, Markup) else None
    return value if told is None else _KEPT.sub(r"\1", told)


def foreign(value: Any) -> Markup:
    """The attribute that marks an element as French, if what it says has no English."""
    stays = isinstance(value, str) and _told(value) is None and _WORD.search(value)
    return Markup(' lang="fr"') if stays else Markup("")


def quote(value: Any) -> Any:
    """The same inside an element that is marked French."""
    told = _told(value) if isinstance(value, str) else None
    return value if told is None else Markup('<span lang="en">{}</span>').format(_marked(told))


def _told(value: str) -> str | None:
    found = english(value.strip())
    if found is None:
        return None
    start, end = value[: len(value) - len(value.lstrip())], value[len(value.rstrip()) :]
    return f"{start}{found}{end}"


def _kept(text: str) -> str:
    """What an English sentence says in French, between marks."""
    bare = text.replace("\x0e", "").replace("\x0f", "")
    return f"\x0e{bare}\x0f" if _WORD.search(bare) else bare


def _marked(told: str) -> Markup:
    """English text with elements in the place of the marks."""
    parts = _KEPT.split(told)
    return Markup("").join(
        _FRENCH.format(visible(part)) if rank % 2 else visible(part)
        for rank, part in enumerate(parts)
    )


class English(Extension):
    """Templates of an environment speak English."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        del name, filename
        return translated(source, source_english)


def _plain(core: str, known: Catalogue) -> str | None:
    """The English of a date, a number, something counted, or a known shape."""
    if date := _DATE.fullmatch(core):
        return _date(date)
    if _NUMBER.fullmatch(core):
        return _figure(core)
    if (count := _COUNTED.fullmatch(core)) and (forms := known.counted.get(count[2])):
        return f"{_figure(count[1])} {forms[0] if count[1] == '1' else forms[1]}"
    if len(core) > LONGEST:
        return None
    for shape in known.shapes:
        if (found := shape.found.fullmatch(core)) and (said := shape.fill(found)):
            return said
    return _sentences(core)


def _sentences(core: str) -> str | None:
    """The English of several sentences, if each of them has its own."""
    parts = _SENTENCE.split(core)
    told = [english(part) for part in parts] if len(parts) > 1 else [None]
    known = [each for each in told if each is not None]
    return " ".join(known) if len(known) == len(told) else None


def _figure(text: str) -> str:
    mark = text[:2] if text[:1] in "<>" else ""
    whole, _, decimals = text[len(mark) :].replace(" %", "%").partition(",")
    return mark + whole.replace(" ", ",") + (f".{decimals}" if decimals else "")


def _date(found: "re.Match[str]") -> str:
    day, month, year, hour, minute, place = found.groups()
    told = f"{day} {_MONTHS[month]} {year}" if day else f"{_MONTHS[month]} {year}"
    told += f", {int(hour):02d}:{minute}" if hour else ""
    return told + (f" ({place} time)" if place else "")


def _pattern(french: str) -> "re.Pattern[str]":
    parts = _GAP.split(french)
    texts, numbers, kinds = parts[::3], parts[1::3], parts[2::3]
    gaps = [
        f"(?P<gap{number}>{'[A-Z0-9_]+' if kind == ':c' else '.+?'})"
        for number, kind in zip(numbers, kinds, strict=True)
    ]
    return re.compile("".join(map("".join, zip(map(re.escape, texts), [*gaps, ""], strict=True))))
