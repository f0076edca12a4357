"""What the broker says of itself, for whoever checks an installation."""

from dataclasses import dataclass
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from transmission.domain.errors import TransmissionError
from transmission.settings import Settings
from workers.app import app_of

_SECONDS = 5


class BrokerAwayError(TransmissionError):
    """The broker does not answer; the text is its own or the system's (English)."""


class BrokerAddressError(TransmissionError):
    """The address is not that of a broker."""


@dataclass(frozen=True, slots=True)
class BrokerFacts:
    """``eviction`` is its policy when memory is full; memory is in bytes, a limit of 0 is none.

    ``appends`` when every message is written to a file, ``written`` when the last writing went
    well.
    """

    name: str
    eviction: str
    appends: bool
    written: bool
    used: int
    limit: int


def broker_facts(settings: Settings) -> BrokerFacts | None:
    """Ask the broker of an installation, waiting at most some seconds; None when it is no Redis.

    Raises BrokerAwayError, BrokerAddressError, SettingsError, NotRunningError.
    """
    try:
        with _quick(app_of(settings)).connection_for_read() as connection:
            # By its transport: whichever way the address is written, it is the workers' own.
            client: Any = getattr(connection.channel(), "client", None)
            return None if client is None else _read(client.info())
    except (OperationalError, RedisError, OSError) as error:
        raise BrokerAwayError(str(error).strip() or type(error).__name__) from error
    except (KeyError, ValueError) as error:
        # Not chained: the text of these may hold the address, hence its password.
        raise BrokerAddressError(type(error).__name__) from None


def _quick(app: Celery) -> Celery:
    waits = {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS}
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, **waits}
    return app


def _read(answered: dict[str, Any]) -> BrokerFacts:
    told = answered.get("valkey_version")
    name = f"Valkey {told}" if told else f"Redis {answered.get('redis_version', '?')}"
    return BrokerFacts(
        name=name,
        eviction=str(answered.get("maxmemory_policy", "")),
        appends=bool(answered.get("aof_enabled")),
        written=answered.get("aof_last_write_status", "ok") == "ok",
        used=int(answered.get("used_memory", 0)),
        limit=int(answered.get("maxmemory", 0)),
    )
