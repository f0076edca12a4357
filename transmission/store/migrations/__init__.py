"""The register's schema, version by version."""

from pathlib import Path

from alembic import command
from alembic.config import Config


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
