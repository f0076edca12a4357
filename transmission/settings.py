"""What an installation may set, validated at start; secrets are read from files.

Every name is an environment variable prefixed with ``TRANSMISSION_``. Nothing is read at import.
"""

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from transmission.domain.errors import TransmissionError

PREFIX = "TRANSMISSION_"


class SettingsError(TransmissionError):
    """The settings are wrong; the text lists every fault and what to do."""


class Settings(BaseSettings):
    """Settings of one process. Durations are seconds unless said otherwise."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    home: Path = Path("var/transmission")
    """Folder of the embedded engines, documents and logs."""

    database_url: SecretStr | None = None
    """SQLAlchemy URL of PostgreSQL; when absent, the embedded one of ``home``."""
    database_url_file: Path | None = None
    broker_url: SecretStr | None = None
    """URL of Redis; when absent, the embedded one of ``home``."""
    broker_url_file: Path | None = None

    documents_dir: Path | None = None
    """Where documents are kept; ``home/documents`` when absent."""

    web_host: str = "127.0.0.1"
    web_port: int = Field(default=0, ge=0, le=65535)
    """0 takes a free port."""

    web_names: tuple[str, ...] = ()
    """Host names, without port, under which browsers reach the console besides loopback."""

    worker_processes: int = Field(default=2, ge=1, le=64)

    connect_timeout: float = Field(default=10, gt=0)
    read_timeout: float = Field(default=180, gt=0)
    submission_max: float = Field(default=300, gt=0)
    """After that long in ``submitting``, the sending is held to be in doubt."""
    settle_delay: float = Field(default=60, gt=0)
    """How long an uncertain sending rests before the TdT is asked what it has."""
    retry_delays: tuple[float, ...] = (30, 60, 120, 300, 600, 1800)
    """Waits before a new try when the TdT is unreachable; the last one repeats."""
    poll_delays: tuple[float, ...] = (10, 30, 60, 120, 300, 900, 1800)
    """Waits between two looks at a sent act; the last one repeats."""
    lost_bell_delay: float = Field(default=60, gt=0)
    """How long a row may wait for its task before its bell is rung again."""
    sweep_period: int = Field(default=10, ge=1)
    relay_pause: float = Field(default=0.1, gt=0)
    classification_period: int = Field(default=86_400, ge=1)

    kill_at: str | None = None
    """For the crash tests alone: ``point=marker file``."""

    @field_validator("database_url", "broker_url", mode="before")
    @classmethod
    def _empty_is_absent(cls, value: Any) -> Any:
        return value or None

    def database(self) -> str | None:
        """URL of the database, from its setting or its file."""
        return _secret(self.database_url, self.database_url_file)

    def broker(self) -> str | None:
        """URL of the broker, from its setting or its file."""
        return _secret(self.broker_url, self.broker_url_file)

    def documents(self) -> Path:
        """Folder of the documents."""
        return self.documents_dir or self.home / "documents"


def load_settings(**overrides: Any) -> Settings:
    """Read the environment. Raises SettingsError naming every wrong variable at once."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        faults = "\n".join(
            f"- {PREFIX}{'_'.join(str(part) for part in fault['loc']).upper()} : {fault['msg']}"
            for fault in error.errors()
        )
        raise SettingsError(
            f"Les réglages suivants sont à corriger, puis relancez la commande :\n{faults}"
        ) from None


def _secret(value: SecretStr | None, file: Path | None) -> str | None:
    if value is not None:
        return value.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"Le fichier {file}, qui doit contenir une adresse de connexion, ne peut être lu "
            f"({error.strerror}). Vérifiez son chemin et ses droits."
        ) from error
