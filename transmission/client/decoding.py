"""JSON read into frozen dataclasses: what lacks or is of another type is told with its place; what
is unknown is left aside, so that an old client reads a newer service."""

from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from transmission.client.errors import UnreadableAnswerError

_Shape = TypeVar("_Shape")


def decoded(kind: type[_Shape], said: Any) -> _Shape:
    """A dataclass from parsed JSON; dates and instants are ISO 8601, an instant has its zone.

    Raises UnreadableAnswerError.
    """
    read: _Shape = _read(kind, said, "")
    return read


def _read(kind: Any, said: Any, place: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        others = [each for each in get_args(kind) if each is not NoneType]
        return None if said is None else _read(others[0], said, place)
    if origin is tuple:
        return tuple(
            _read(get_args(kind)[0], each, f"{place}[{rank}]")
            for rank, each in enumerate(_of(list, said, place))
        )
    if origin is dict:
        named = _of(dict, said, place)
        return {
            key: _read(get_args(kind)[1], each, f"{place}.{key}") for key, each in named.items()
        }
    if is_dataclass(kind) and isinstance(kind, type):
        return _read_shape(kind, _of(dict, said, place), place)
    if kind in (date, datetime):
        return _instant_or_day(kind, _of(str, said, place), place)
    return said if kind is Any else _of(kind, said, place)


def _read_shape(kind: Any, said: dict[str, Any], place: str) -> Any:
    given = {}
    for name, expected, needed in _fields(kind):
        here = f"{place}.{name}".lstrip(".")
        if name in said:
            given[name] = _read(expected, said[name], here)
        elif needed:
            raise _unreadable(here)
    return kind(**given)


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    hints = get_type_hints(kind)
    return tuple((each.name, hints[each.name], each.default is MISSING) for each in fields(kind))


def _instant_or_day(kind: type[date], said: str, place: str) -> date:
    try:
        read = kind.fromisoformat(said)
    except ValueError:
        raise _unreadable(place) from None
    if isinstance(read, datetime) and read.tzinfo is None:
        raise _unreadable(place)
    return read


def _of(kind: type[_Shape], said: Any, place: str) -> _Shape:
    # For JSON true is no number.
    if not isinstance(said, kind) or (isinstance(said, bool) and kind is not bool):
        raise _unreadable(place)
    return said


def _unreadable(place: str) -> UnreadableAnswerError:
    about = f" ({place})" if place else ""
    return UnreadableAnswerError(
        f"La réponse du service n'est pas celle qui est attendue{about}. Vérifiez l'adresse, et "
        "que le client et le service sont de versions qui se suivent."
    )
