"""Values that people or a stored JSON give by name, read with their type; every fault is kept.

A value may come with the type of a TOML file or as text, from a command line or from JSON.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar

_T = TypeVar("_T")
_E = TypeVar("_E", bound=Enum)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = re.compile(r"[0-9]{1,12}([.,][0-9]{1,2})?")
_MARKS = {"oui": True, "non": False}

DAY = "doit être une date AAAA-MM-JJ"
COUNT = "doit être un nombre entier positif"
MARK = "doit être oui ou non"
AMOUNT = "doit être un montant en euros, par exemple 250000 ou 90000,50"
TEXT = "doit être un texte"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the value of a name; ``text`` goes on after the name (French)."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name} {self.text}"


class Typed:
    """Takes values out of a mapping one by one; ``faults`` tells what was wrong with them."""

    def __init__(self, content: Mapping[str, Any], prefix: str = "") -> None:
        self._left = dict(content)
        self._prefix = prefix
        self.faults: list[Fault] = []

    def take(self, name: str, read: Callable[[Any], _T], expected: str) -> _T | None:
        """The value of a name, None when it is absent, or when ``read`` raises ValueError or
        TypeError for it."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        try:
            return read(value)
        except (ValueError, TypeError):
            self.fault(name, expected)
            return None

    def require(self, *names: str) -> None:
        """Names without a value are faults; to be called before they are taken."""
        for name in names:
            if self._left.get(name) is None:
                self.fault(name, "manque")

    def choose(self, name: str, kinds: Iterable[_E]) -> _E | None:
        """A member of an enumeration, by its attribute ``code``."""
        known = {getattr(kind, "code"): kind for kind in kinds}  # noqa: B009 - Enum has none
        chosen = self.take(name, text, TEXT)
        if chosen is not None and chosen not in known:
            self.fault(name, f": choisissez parmi {', '.join(known)}")
        return known.get(chosen or "")

    def section(self, name: str) -> "Typed":
        """The values under a name, empty when it is absent; its faults are to be added."""
        return Typed(self.take(name, mapping, "doit être une section") or {}, f"{name}.")

    def sections(self, name: str) -> list["Typed"]:
        """Several such, in their order."""
        found = self.take(name, mappings, "doit être une suite de sections") or []
        return [Typed(each, f"{name}[{rank}].") for rank, each in enumerate(found, 1)]

    def fault(self, name: str, text: str) -> None:
        """Something more is wrong with a name."""
        self.faults.append(Fault(f"{self._prefix}{name}", text))

    def absorb(self, inner: "Typed") -> None:
        """Take over the faults of a section, those of names that nobody asked for included."""
        inner.refuse_others()
        self.faults += [Fault(f"{self._prefix}{each.name}", each.text) for each in inner.faults]

    def refuse_others(self) -> None:
        """Names that nobody asked for are faults; to be called last."""
        for name in self._left:
            self.fault(name, ": ce nom est inconnu")
        self._left = {}


def text(value: Any) -> str:
    """A text. Raises ValueError."""
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def day(value: Any) -> date:
    """A civil date. Raises ValueError."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError
    return date.fromisoformat(value)


def mark(value: Any) -> bool:
    """Yes or no. Raises ValueError."""
    if isinstance(value, bool):
        return value
    if value not in _MARKS:
        raise ValueError
    return _MARKS[value]


def count(value: Any) -> int:
    """A whole number, zero included. Raises ValueError."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    if type(value) is not int or value < 0:
        raise ValueError
    return value


def amount(value: Any) -> Decimal:
    """Euros and cents. Raises ValueError."""
    plain = value.replace(" ", "") if isinstance(value, str) else str(value)
    if isinstance(value, bool) or not _AMOUNT.fullmatch(plain):
        raise ValueError
    try:
        return Decimal(plain.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError from error


def mapping(value: Any) -> Mapping[str, Any]:
    """A section. Raises TypeError."""
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """Several sections. Raises TypeError."""
    return [mapping(each) for each in many(value)]


def many(value: Any) -> list[Any]:
    """A list. Raises TypeError."""
    if not isinstance(value, list | tuple):
        raise TypeError
    return list(value)
