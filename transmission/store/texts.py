"""Texts as PostgreSQL can hold them: what comes from outside may hold what it refuses.

Set on each connection, so that no statement can forget it.
"""

import json
from typing import Any

import psycopg
from psycopg.abc import AdaptContext, Buffer
from psycopg.types.json import set_json_dumps
from psycopg.types.string import StrDumperUnknown


def storable(text: str) -> str:
    """A text without what PostgreSQL refuses in one.

    A NUL is shown by its symbol (U+2400), half of a UTF-16 pair by a question mark.
    """
    return text.replace("\0", "\N{SYMBOL FOR NULL}").encode(errors="replace").decode()


def make_texts_storable(connection: AdaptContext) -> None:
    """Let every text that a connection writes be storable, those within JSON too."""
    connection.adapters.register_dumper(str, _StorableDumper)
    set_json_dumps(_dumped, connection)


_dump = StrDumperUnknown.dump


class _StorableDumper(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        try:
            return _dump(self, obj)
        except (psycopg.DataError, UnicodeEncodeError):
            return _dump(self, storable(obj))


def _dumped(value: Any) -> str:
    text = json.dumps(value)
    # What is refused is always escaped, « \ud » also begins characters of two halves.
    if "\\u0000" in text or "\\ud" in text:
        return json.dumps(_all_storable(value))
    return text


def _all_storable(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case dict():
            return {_all_storable(key): _all_storable(each) for key, each in value.items()}
        case list() | tuple():
            return [_all_storable(each) for each in value]
    return value
