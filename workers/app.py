"""The Celery application: late acknowledgement, no results, identifiers only."""

import ssl
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from celery import Celery
from kombu import Queue
from kombu.transport.redis import Channel
from redis.exceptions import ConnectionError as RedisConnectionError

from transmission.bootstrap import addresses
from transmission.settings import Settings, SettingsError
from workers.queues import TASKS, TIME_LIMIT, VISIBILITY

CONFIGURATION: dict[str, Any] = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_ignore_result": True,
    "task_store_errors_even_if_ignored": False,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_create_missing_queues": False,
    "task_time_limit": TIME_LIMIT,
    "task_soft_time_limit": TIME_LIMIT - 30,
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 5000,
    "worker_send_task_events": False,
    "worker_hijack_root_logger": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "broker_connection_retry_on_startup": True,
    # A broker that is away for a night is waited for; at its default a worker ends within the hour.
    "broker_connection_max_retries": None,
    # Publishing never waits for a broker that is away: the row stays in the outbox.
    "task_publish_retry": False,
    "enable_utc": True,
    "timezone": "UTC",
    "broker_transport_options": {
        "visibility_timeout": VISIBILITY,
        # At their defaults, what a killed worker held would come back after 100 s at best.
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
    },
}


@dataclass(frozen=True, slots=True)
class BrokerAccess:
    """What the address of a broker does not say: whom to trust, as whom, which master."""

    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    master: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)


def access_of(settings: Settings) -> BrokerAccess:
    """The access that the settings give. Raises SettingsError."""
    return BrokerAccess(
        settings.broker_ca_file,
        settings.broker_certificate_file,
        settings.broker_key_file,
        settings.broker_master,
        settings.sentinel_password(),
    )


def app_of(settings: Settings) -> Celery:
    """The application of an installation. Raises SettingsError, NotRunningError."""
    return make_app(addresses(settings).broker_url, access_of(settings))


def outlive_lost_servers(channel: Any = Channel) -> None:
    """Let a worker survive the loss of Redis at any moment; called twice, it is once.

    An acknowledgement may come when its channel has just lost the server. kombu 5.7 then finds None
    where its connection was, an error that ends the worker for good; a lost connection is one that
    it waits out, and the message comes again.
    """
    usual = channel._connparams
    if getattr(usual, "outlives", False):
        return

    @wraps(usual)
    def parameters(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.connection is None or self.connection.client is None:
            raise RedisConnectionError("the broker is gone")
        return usual(self, *args, **kwargs)

    parameters.outlives = True  # type: ignore[attr-defined]
    channel._connparams = parameters


def make_app(broker_url: str, access: BrokerAccess | None = None) -> Celery:
    """The application on a broker (URL of kombu), with one queue per task. Raises SettingsError.

    ``sentinel://…;sentinel://…`` names Sentinels: the first one's password is that of Redis.
    """
    access = access or BrokerAccess()
    outlive_lost_servers()
    app = Celery("transmission", broker=_same_login(broker_url), set_as_current=False)
    app.conf.update(CONFIGURATION)
    app.conf.task_queues = [Queue(name) for name in TASKS]
    encryption = _encryption(broker_url, access)
    if encryption:
        app.conf.broker_use_ssl = encryption
    if _is_sentinel(broker_url):
        options = CONFIGURATION["broker_transport_options"] | _sentinel(access, encryption)
        app.conf.broker_transport_options = options
    return app


def _is_sentinel(url: str) -> bool:
    return url.startswith("sentinel://")


def _same_login(url: str) -> str:
    # Each address in turn stands for them all, login and database included.
    if not _is_sentinel(url):
        return url
    first, *others = url.split(";")
    model = urlsplit(first)
    login = model.netloc.rpartition("@")[0]
    named = [urlsplit(each) for each in others]
    again = [
        each._replace(netloc=f"{login}@{each.netloc}" if login else each.netloc, path=model.path)
        for each in named
    ]
    return ";".join([first, *(each.geturl() for each in again)])


def _encryption(url: str, access: BrokerAccess) -> dict[str, Any]:
    if access.ca_file is None and not url.startswith("rediss://"):
        return {}
    files = {
        "ssl_ca_certs": access.ca_file,
        "ssl_certfile": access.certificate_file,
        "ssl_keyfile": access.key_file,
    }
    return {
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
        "ssl_check_hostname": True,
        **{name: str(path) for name, path in files.items() if path},
    }


def _sentinel(access: BrokerAccess, encryption: dict[str, Any]) -> dict[str, Any]:
    if access.master is None:
        raise SettingsError(
            "L'adresse du courtier nomme des Sentinels : donnez TRANSMISSION_BROKER_MASTER, le nom "
            "sous lequel ils connaissent le serveur principal."
        )
    options = CONFIGURATION["broker_transport_options"]
    waits = {name: options[name] for name in ("socket_timeout", "socket_connect_timeout")}
    asking: dict[str, Any] = {**waits, **encryption}
    if encryption:
        asking["ssl"] = True
    if access.sentinel_password:
        asking["password"] = access.sentinel_password
    return {"master_name": access.master, "sentinel_kwargs": asking}
