"""Reading the arguments of the management port, with refusals that say what was expected."""

from datetime import date, datetime
from typing import Any

Arguments = dict[str, Any]


class ActionError(ValueError):
    """The arguments cannot be obeyed."""


def times_of(arguments: Arguments, usual: int | None) -> int | None:
    """How many times a rule is good for, `usual` when not said. Raises ActionError."""
    if "times" not in arguments:
        return usual
    times = int(number_of(arguments, "times"))
    if times < 1:
        raise ActionError("times : un entier positif est attendu")
    return times


def text_of(arguments: Arguments, name: str) -> str | None:
    """An optional text."""
    value = arguments.get(name)
    return None if value is None else str(value)


def number_of(arguments: Arguments, name: str) -> float:
    """A number that must be there. Raises ActionError."""
    value = arguments.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ActionError(f"{name} : un nombre est attendu")
    return float(value)


def parsed_date(value: object) -> date:
    """A civil day written AAAA-MM-JJ. Raises ActionError."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ActionError(f"date {value!r} : AAAA-MM-JJ est attendu") from None


def parsed_instant(value: object) -> datetime:
    """An ISO 8601 instant with its offset. Raises ActionError."""
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        raise ActionError(f"instant {value!r} illisible") from None
    if instant.tzinfo is None:
        raise ActionError(f"instant {value!r} : précisez le fuseau, par exemple Z")
    return instant
