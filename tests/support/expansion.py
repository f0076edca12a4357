"""Whether a migration only adds: processes of the version before go on beside it."""

import re
from collections.abc import Iterator
from io import StringIO

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script

_CREATED = re.compile(r"CREATE TABLE (\w+) \(.*\)")
_INDEX = re.compile(r"CREATE INDEX (?:IF NOT EXISTS )?\w+ ON \w+ .*")
_UNIQUE = re.compile(r"CREATE UNIQUE INDEX \w+ ON (\w+) \(([\w, ]+)\)(?: WHERE .*)?")
_COLUMN = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (\w+) (.*)")
_REFERENCE = re.compile(r"ALTER TABLE (\w+) ADD CONSTRAINT \w+ FOREIGN KEY ?\((\w+)\) .*")
_FILLED = re.compile(
    r"UPDATE (\w+) SET (\w+) ?= ?(?:(?!,| WHERE | FROM ).)*(?: (?:FROM|WHERE) .*)?"
)
_ABOUT = re.compile(r"(?:ALTER TABLE|INSERT INTO|UPDATE|CREATE TRIGGER \w+ [\w ]+ ON) (\w+) .*")
_COMMENT = re.compile(r"COMMENT ON .*")


def statements(script: Script) -> list[str]:
    """What a version runs, as SQL, each statement on one line."""
    rendered = StringIO()
    options = {"as_sql": True, "output_buffer": rendered}
    context = MigrationContext.configure(dialect_name="postgresql", opts=options)
    with Operations.context(context):
        script.module.upgrade()
    told = [" ".join(each.split()) for each in rendered.getvalue().split(";\n\n")]
    return [each for each in told if each]


def restrictions(sql: list[str]) -> Iterator[str]:
    """Statements that may take something from whoever does not know of them.

    Free is whatever concerns only what these statements add themselves.
    """
    tables: set[str] = set()
    columns: set[tuple[str, str]] = set()
    for each in sql:
        if created := _CREATED.fullmatch(each):
            tables.add(created[1])
        elif added := _COLUMN.fullmatch(each):
            columns.add((added[1], added[2]))
            if added[1] not in tables and not _may_be_left_out(added[3]):
                yield each
        elif not _is_free(each, tables, columns):
            yield each


def _may_be_left_out(definition: str) -> bool:
    if re.search(r"\b(UNIQUE|PRIMARY KEY|CHECK)\b", definition):
        return False
    return "NOT NULL" not in definition or " DEFAULT " in definition


def _is_free(statement: str, tables: set[str], columns: set[tuple[str, str]]) -> bool:
    if ";" in statement:
        # Several in one, or a program: whoever reads it judges.
        return False
    if _INDEX.fullmatch(statement) or _COMMENT.fullmatch(statement):
        return True
    if (about := _ABOUT.fullmatch(statement)) and about[1] in tables:
        return True
    if unique := _UNIQUE.fullmatch(statement):
        named = {(unique[1], column.strip()) for column in unique[2].split(",")}
        return unique[1] in tables or named <= columns
    for form in (_REFERENCE, _FILLED):
        if matched := form.fullmatch(statement):
            return (matched[1], matched[2]) in columns
    return False
