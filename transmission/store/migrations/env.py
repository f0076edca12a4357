"""Run by Alembic: connects, takes the migrators' lock, runs the versions."""

from alembic import context
from sqlalchemy import create_engine, text

from transmission.store.tables import metadata

# Two migrators starting together must not run the same version twice.
_LOCK = 7_211_982


def run() -> None:
    """Run the pending versions in one transaction."""
    engine = create_engine(context.config.attributes["url"])
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            context.configure(connection=connection, target_metadata=metadata)
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


run()
