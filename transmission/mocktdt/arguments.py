"""Reading the arguments of the management port, with refusals that say what was expected."""

from datetime import date, datetime
from typing import Any

Arguments = dict[str, Any]
# Three centuries of seconds: no delay takes an instant out of the calendar.
LIMIT = 1e10


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


def number_of(arguments: Arguments, name: str, limit: float = LIMIT) -> float:
    """A number that must be there, from -`limit` to `limit`. Raises ActionError."""
    value = arguments.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ActionError(f"{name} : un nombre est attendu")
    if not -limit <= value <= limit:
        raise ActionError(f"{name} : de {-limit:.0f} à {limit:.0f}")
    return float(value)


def flag_of(arguments: Arguments, name: str) -> bool | None:
    """An optional true or false. Raises ActionError."""
    value = arguments.get(name)
    if value is not None and not isinstance(value, bool):
        raise ActionError(f"{name} : true ou false est attendu")
    return value


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
