"""Statements of the hot path: written in SQLAlchemy's language, compiled once, run by psycopg.

They take part in the transaction of the connection that they are given, and fail as SQLAlchemy
fails, so that nobody above sees which way a statement went.
"""

from collections import namedtuple
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Column, ColumnElement, Connection, Executable, bindparam, cast
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect
from sqlalchemy.exc import DBAPIError, NoResultFound

_DIALECT = psycopg_dialect()  # type: ignore[no-untyped-call]


def given(column: Column[Any], name: str | None = None) -> ColumnElement[Any]:
    """The value named so, or like its column, with the type of the column.

    PostgreSQL cannot guess the type of a value that is only selected.
    """
    return cast(bindparam(name or column.name, type_=column.type), column.type)


class Statement:
    """One statement whose values are given by name at each run, as its ``bindparam`` say.

    Rows are named tuples. Its text never changes: a list is one array (``= ANY``), never a list
    of parameters. Raises sqlalchemy.exc.DBAPIError.
    """

    def __init__(self, clause: Executable) -> None:
        self._clause: Any = clause

    def run(self, connection: Connection, values: dict[str, Any]) -> int:
        """Run it; how many rows it touched."""
        return self._cursor(connection, values).rowcount

    def rows(self, connection: Connection, values: dict[str, Any]) -> Sequence[Any]:
        """Every row."""
        return list(map(self._row, self._cursor(connection, values).fetchall()))

    def first(self, connection: Connection, values: dict[str, Any]) -> Any | None:
        """The first row, None when there is none."""
        found = self._cursor(connection, values).fetchone()
        return None if found is None else self._row(found)

    def one(self, connection: Connection, values: dict[str, Any]) -> Any:
        """The first row. Raises NoResultFound."""
        found = self.first(connection, values)
        if found is None:
            raise NoResultFound("a row was required")
        return found

    def _cursor(self, connection: Connection, values: dict[str, Any]) -> psycopg.Cursor[Any]:
        if not connection.in_transaction():
            # Or its commit would do nothing.
            connection.begin()
        return self._executed(connection, values)

    def _executed(self, connection: Connection, values: dict[str, Any]) -> psycopg.Cursor[Any]:
        text, constants, as_json = self._compiled
        if constants:
            values = {**constants, **values}
        for name in as_json:
            values[name] = Jsonb(values[name])
        driver: Any = connection.connection.dbapi_connection
        try:
            cursor: psycopg.Cursor[Any] = driver.execute(text, values)
        except psycopg.Error as error:
            raise _as_sqlalchemy(connection, text, error) from error
        return cursor

    @cached_property
    def _compiled(self) -> tuple[str, dict[str, Any], tuple[str, ...]]:
        compiled = self._clause.compile(dialect=_DIALECT)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        as_json = [name for name, bind in compiled.binds.items() if isinstance(bind.type, JSONB)]
        return str(compiled), constants, tuple(as_json)

    @cached_property
    def _row(self) -> Any:
        names = [column.key for column in self._clause.exported_columns]
        made: Any = namedtuple("Row", names)  # type: ignore[misc]
        return made._make


class Reading(Statement):
    """A statement that only reads and locks nothing: alone, it needs no transaction.

    Begun and rolled back, one would cost twice as much as the reading. At the isolation of the
    register (read committed) it sees the same either way.
    """

    def _cursor(self, connection: Connection, values: dict[str, Any]) -> psycopg.Cursor[Any]:
        if connection.in_transaction():
            return self._executed(connection, values)
        driver: Any = connection.connection.dbapi_connection
        driver.autocommit = True
        try:
            return self._executed(connection, values)
        finally:
            if not driver.closed:
                driver.autocommit = False


def _as_sqlalchemy(connection: Connection, text: str, error: psycopg.Error) -> DBAPIError:
    driver: Any = connection.connection.dbapi_connection
    lost = bool(driver.closed)
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(  # type: ignore[return-value]
        text,
        None,
        error,
        psycopg.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=_DIALECT,
    )
