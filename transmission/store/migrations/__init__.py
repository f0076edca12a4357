"""The register's schema, version by version."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def configuration(url: str) -> Config:
    """Alembic configuration for a database URL; nothing is read from a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Bring a database to the current schema. Safe to run again; one migrator at a time.

    ``url`` is a SQLAlchemy URL. Raises sqlalchemy.exc.DBAPIError.
    """
    command.upgrade(configuration(url), "head")


@cache
def versions() -> tuple[str, ...]:
    """Every version of the schema that this program knows, the latest first."""
    scripts = ScriptDirectory.from_config(configuration(""))
    return tuple(script.revision for script in scripts.walk_revisions())


def is_behind(connection: Connection) -> bool:
    """Whether a database lacks some versions that this program needs.

    A version that the program does not know is that of a newer one, which is compatible.
    """
    held = MigrationContext.configure(connection).get_current_revision()
    return held is None or held in versions()[1:]
