"""Fields of a JSON object, each of the kind it must be: every departure is noted, none raises."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from transmission.audit.chain import ContractError, read_instant

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HEX = re.compile(r"[0-9a-f]{64}")
_NUMBER_MAX = 2**63

_Value = TypeVar("_Value")


def read_json(raw: bytes) -> Any:
    """A JSON value in UTF-8 without any key twice in an object. Raises ContractError."""
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_none)
    except (ValueError, RecursionError) as error:
        raise ContractError(f"ce n'est pas du JSON en UTF-8 ({str(error)[:80]})") from error


class Fields:
    """The fields of one object, taken one by one; what is left at the end is a departure too.

    A field that is not of its kind is noted in ``problems`` (French), and an empty value of that
    kind stands for it: whoever reads looks at ``problems`` before using anything.
    """

    def __init__(self, value: Any, path: str, problems: list[str]) -> None:
        self._path, self._problems = path, problems
        self._left: dict[str, Any] = {}
        if isinstance(value, Mapping):
            self._left = dict(value)
        else:
            problems.append(f"{path or 'le contenu'} n'est pas un objet")

    def text(self, key: str) -> str:
        """A text."""
        return self._taken(key, "un texte", _text, "")

    def number(self, key: str) -> int:
        """A number from 0."""
        return self._taken(key, "un nombre", _number, 0)

    def day(self, key: str) -> date:
        """A civil day, ISO 8601."""
        return self._taken(key, "un jour", _day, date.min)

    def instant(self, key: str) -> datetime:
        """An aware UTC instant."""
        return self._taken(key, "un instant", read_instant, datetime.min.replace(tzinfo=UTC))

    def digest(self, key: str) -> bytes:
        """A SHA-256, given in hexadecimal."""
        return self._taken(key, "une empreinte", read_digest, b"")

    def value(self, key: str) -> Any:
        """Anything; that it lacks is a departure."""
        return self._taken(key, "une valeur", _any, None)

    def array(self, key: str) -> list[tuple[Any, str]]:
        """The items of an array, each with its path."""
        none: list[Any] = []
        items = self._taken(key, "une liste", _list, none)
        return [(item, f"{self._path}{key}[{rank}]") for rank, item in enumerate(items)]

    def has(self, key: str) -> bool:
        """Whether there is a value under a key, which is taken when it is null."""
        if self._left.get(key, self) is None:
            del self._left[key]
            return False
        return key in self._left

    def maybe(self, key: str, reader: Callable[[str], Any]) -> Any:
        """The field as ``reader`` takes it; None when it is null. It must be there."""
        if key in self._left and not self.has(key):
            return None
        return reader(key)

    def end(self) -> None:
        """No field is left."""
        self._problems.extend(f"{self._path}{key} n'est pas prévu" for key in self._left)

    def _taken(self, key: str, kind: str, read: Callable[[Any], _Value], empty: _Value) -> _Value:
        if key not in self._left:
            self._problems.append(f"{self._path}{key} manque")
            return empty
        try:
            return read(self._left.pop(key))
        except (ValueError, ContractError):
            self._problems.append(f"{self._path}{key} n'est pas {kind}")
            return empty


def read_digest(value: object) -> bytes:
    """A SHA-256 from its hexadecimal digits in lower case. Raises ContractError."""
    if isinstance(value, str) and _HEX.fullmatch(value):
        return bytes.fromhex(value)
    raise ContractError("ce n'est pas une empreinte SHA-256 en hexadécimal")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ValueError


def _number(value: Any) -> int:
    if type(value) is int and 0 <= value < _NUMBER_MAX:
        return value
    raise ValueError


def _day(value: Any) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)
    raise ValueError


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise ValueError


def _any(value: Any) -> Any:
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("une clé est deux fois dans un objet")
    return found


def _none(constant: str) -> Any:
    raise ValueError(constant)
