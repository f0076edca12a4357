"""What somebody who owns the database and the disk could do to what is kept, one thing at a time.

Triggers and foreign keys must be gone before (``defenceless``), as the owner of the tables can have
them; every change is undone at the end.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

EVIDENCE = {
    "collectivite": "id",
    "classification": "id",
    "acte": "id",
    "piece": "id",
    "idempotency": "acte_id",
    "enveloppe_counter": "collectivite_id",
    "transmission": "id",
    "attempt": "id",
    "retour": "id",
    "retour_piece": "id",
    "courrier": "id",
    "answer_piece": "id",
    "journal": "id",
    "journal_link": "id",
    "anchor": "number",
    "anchor_part": "anchor",
    "published_copy": "id",
    "time_stamp": "id",
}
"""Tables that evidence rests on, and the column which names one of their rows."""

_ANOTHER = {
    "text": "CASE WHEN {c} ~ '^[0-9a-f]{{64}}$' THEN translate({c}, '0123456789abcdef', "
    "'123456789abcdef0') ELSE coalesce({c}, '') || 'x' END",
    "date": "coalesce({c}, DATE '2023-01-01') + 1000",
    "timestamp with time zone": "coalesce({c}, TIMESTAMPTZ '2023-01-01 00:00Z') + interval '1 s'",
    "boolean": "NOT {c}",
    "bigint": "coalesce({c}, 0) + 1000000",
    "integer": "coalesce({c}, 0) + 1000",
    "smallint": "coalesce({c}, 0) + 100",
    "bytea": "set_byte({c}, 5, (get_byte({c}, 5) + 1) % 256)",
    "jsonb": "{c} || '{{\"ajout\": 1}}'",
}
_TELLING = {
    ("transmission", "parcel"): "jsonb_set(parcel, '{archive,size}', '1')",
    ("collectivite", "settings"): "jsonb_set(settings, '{departement}', '\"043\"')",
}
"""Columns where what nobody reads may stand beside what evidence rests on."""

_COLUMNS = (
    "SELECT column_name AS name, data_type AS type FROM information_schema.columns "
    "WHERE table_name = :table AND table_schema = current_schema() AND is_generated = 'NEVER' "
    "AND is_identity = 'NO' ORDER BY ordinal_position"
)


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a table changed: ``column`` takes the value of an SQL expression, or the row goes
    when it is None."""

    table: str
    row: int
    column: str | None = None
    value: str = ""

    @property
    def name(self) -> str:
        """What it is about, for people."""
        return f"{self.table}.{self.column or '(ligne)'}"


def defenceless(engine: Engine) -> None:
    """Take away what defends the tables: their triggers, and the ties between their rows."""
    with engine.begin() as connection:
        ties = connection.execute(
            text("SELECT conrelid::regclass AS at, conname FROM pg_constraint WHERE contype = 'f'")
        )
        for tie in ties.all():
            connection.execute(text(f'ALTER TABLE {tie.at} DROP CONSTRAINT "{tie.conname}"'))
        for table in EVIDENCE:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


def columns_of(connection: Connection, table: str) -> list[tuple[str, str]]:
    """Columns that can be changed, each with its type."""
    found = connection.execute(text(_COLUMNS), {"table": table})
    return [(row.name, row.type) for row in found]


def rows_of(connection: Connection, table: str) -> list[int]:
    """The rows of a table of evidence."""
    key = EVIDENCE[table]
    return list(connection.execute(text(f"SELECT {key} FROM {table} ORDER BY 1")).scalars())


def changes_of(connection: Connection, table: str) -> Iterator[Change]:
    """Each column of each row changed for another value, and each row taken away."""
    columns = columns_of(connection, table)
    for row in rows_of(connection, table):
        for column, kind in columns:
            if kind in _ANOTHER:
                usual = _ANOTHER[kind].format(c=f'"{column}"')
                yield Change(table, row, column, _TELLING.get((table, column), usual))
        yield Change(table, row)


@contextmanager
def tampered(engine: Engine, *changes: Change) -> Iterator[None]:
    """The register with these changes; as it was before at the end."""
    kept = [(change, _row(engine, change)) for change in changes]
    try:
        for change in changes:
            _run(engine, *_statement(change))
        yield
    finally:
        for change, row in kept:
            _restore(engine, change, row)


@contextmanager
def inserted(engine: Engine, table: str, row: int, values: dict[str, Any]) -> Iterator[int]:
    """The register with a copy of a row, some of its values being others; the copy's number."""
    copied = _row(engine, Change(table, row))[0] | values
    _insert(engine, table, [copied])
    key = EVIDENCE[table]
    try:
        yield int(copied[key])
    finally:
        _run(engine, f"DELETE FROM {table} WHERE {key} = :row", {"row": copied[key]})


@contextmanager
def swapped(engine: Engine, table: str, row: int, other: int) -> Iterator[None]:
    """The register with two rows each in the place of the other."""
    key = EVIDENCE[table]
    first, second = (_row(engine, Change(table, each))[0] for each in (row, other))
    with tampered(engine, Change(table, row), Change(table, other)):
        _insert(engine, table, [first | {key: other}, second | {key: row}])
        yield


@contextmanager
def spoilt(path: Path, content: bytes | None) -> Iterator[None]:
    """A file with another content, or gone; as it was before at the end."""
    before, mode = path.read_bytes(), path.stat().st_mode
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        path.write_bytes(before)
        path.chmod(mode)


def flipped(content: bytes, offset: int) -> bytes:
    """The same bytes but one."""
    return content[:offset] + bytes([content[offset] ^ 1]) + content[offset + 1 :]


def _statement(change: Change) -> tuple[str, dict[str, Any]]:
    where = f'WHERE "{EVIDENCE[change.table]}" = :row'
    if change.column is None:
        return f"DELETE FROM {change.table} {where}", {"row": change.row}
    said = f'UPDATE {change.table} SET "{change.column}" = {change.value} {where}'
    return said, {"row": change.row}


def _row(engine: Engine, change: Change) -> list[dict[str, Any]]:
    said = f'SELECT to_jsonb(t) FROM {change.table} t WHERE "{EVIDENCE[change.table]}" = :row'
    with engine.connect() as connection:
        return list(connection.execute(text(said), {"row": change.row}).scalars())


def _restore(engine: Engine, change: Change, rows: Sequence[dict[str, Any]]) -> None:
    key = EVIDENCE[change.table]
    if change.column == key:
        said = f'DELETE FROM {change.table} WHERE "{key}" = ({_key_moved(change)})'
        _run(engine, said, {"row": change.row})
    else:
        _run(engine, f'DELETE FROM {change.table} WHERE "{key}" = :row', {"row": change.row})
    _insert(engine, change.table, rows)


def _key_moved(change: Change) -> str:
    return change.value.replace(f'"{change.column}"', "CAST(:row AS bigint)")


def _insert(engine: Engine, table: str, rows: Sequence[dict[str, Any]]) -> None:
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT column_name FROM information_schema.columns WHERE table_name = :table "
                "AND table_schema = current_schema() AND is_generated = 'NEVER'"
            ),
            {"table": table},
        )
        names = ", ".join(f'"{name}"' for name in found.scalars())
    said = (
        f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} "
        f"FROM jsonb_populate_record(NULL::{table}, CAST(:row AS jsonb))"
    )
    for row in rows:
        _run(engine, said, {"row": json.dumps(row)})


def _run(engine: Engine, said: str, given: dict[str, Any]) -> None:
    with engine.begin() as connection:
        connection.execute(text(said), given)
