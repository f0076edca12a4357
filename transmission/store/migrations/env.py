"""Run by Alembic: connects, takes the migrators' lock, runs the versions."""

import time

from alembic import context
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from transmission.store import (
    tables_access,
    tables_audits,
    tables_chain,
    tables_legal,
    tables_people,
    tables_protection,
    tables_signed_pdf,
    tables_subscriptions,
    tables_time_stamps,
    tables_uploads,
    tables_webhooks,
    tables_work,
)

# Each adds its tables to the one description that the code has of the schema.
_TABLES = (
    tables_access,
    tables_legal,
    tables_people,
    tables_work,
    tables_protection,
    tables_uploads,
    tables_webhooks,
    tables_subscriptions,
    tables_time_stamps,
    tables_signed_pdf,
    tables_chain,
    tables_audits,
)

# Two migrators starting together must not run the same version twice.
_LOCK = 7_211_982

# Less than the second after which PostgreSQL looks for deadlocks.
_AT_ONCE = "500ms"
_PAUSE_SECONDS = 2.0
_TRIES = 120


def run() -> None:
    """Run the pending versions in one transaction."""
    engine = create_engine(context.config.attributes["url"])
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            context.configure(connection=connection, target_metadata=_TABLES[0].metadata)
            held = set(context.get_context().get_current_heads())
            known = {script.revision for script in context.script.walk_revisions()}
            if not held <= known:
                # That of a newer program, which this one replaces again: it only has more.
                return
            if held != set(context.script.get_heads()):
                _take_every_table(connection)
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


def _take_every_table(connection: Connection) -> None:
    """Take all tables together, or none: processes of the version before are at work.

    Taken one after the other by the versions, they would cross those that a process already
    holds, and PostgreSQL would end one of the two. Raises OperationalError after four minutes.
    """
    names = inspect(connection).get_table_names()
    if not names:
        return
    quoted = ", ".join(map(connection.dialect.identifier_preparer.quote, sorted(names)))
    for left in reversed(range(_TRIES)):
        try:
            with connection.begin_nested():
                connection.execute(text(f"SET LOCAL statement_timeout = '{_AT_ONCE}'"))
                connection.execute(text(f"LOCK TABLE {quoted} IN ACCESS EXCLUSIVE MODE"))
                connection.execute(text("SET LOCAL statement_timeout = 0"))
        except OperationalError:
            if not left:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


run()
