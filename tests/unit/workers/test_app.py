"""The settings on which « never lost, never doubled » rests, asserted one by one."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from kombu.transport.redis import Channel as RedisChannel
from pydantic import SecretStr
from redis.exceptions import ConnectionError as RedisConnectionError

from transmission.settings import Settings, SettingsError
from workers.app import BrokerAccess, access_of, app_of, make_app, outlive_lost_servers
from workers.pulse import Pulse
from workers.queues import TASKS, TIME_LIMIT, VISIBILITY, probe_of
from workers.tasks import SERVICES, register


@pytest.fixture
def app() -> Iterator[Celery]:
    made = make_app("memory://")
    yield made
    made.close()


@pytest.fixture
def registered(app: Celery) -> Celery:
    register(app, _no_tools, Pulse())
    return app


def _no_tools() -> Any:
    raise AssertionError("no task runs here")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_acks_late", True),
        ("task_reject_on_worker_lost", True),
        ("worker_prefetch_multiplier", 1),
        ("result_backend", None),
        ("task_ignore_result", True),
        ("task_store_errors_even_if_ignored", False),
        ("task_serializer", "json"),
        ("accept_content", ["json"]),
        ("task_create_missing_queues", False),
        ("task_publish_retry", False),
        ("task_always_eager", False),
        ("worker_cancel_long_running_tasks_on_connection_loss", False),
        ("broker_connection_retry_on_startup", True),
        ("broker_connection_max_retries", None),
        ("worker_send_task_events", False),
        ("enable_utc", True),
        ("timezone", "UTC"),
    ],
)
def test_the_application_is_set_as_the_failure_model_wants(
    app: Celery, name: str, value: Any
) -> None:
    assert app.conf[name] == value


def test_a_message_is_given_to_another_worker_long_after_its_task_must_be_over(
    app: Celery,
) -> None:
    assert app.conf.task_time_limit == TIME_LIMIT
    assert app.conf.task_soft_time_limit < TIME_LIMIT
    assert app.conf.broker_transport_options["visibility_timeout"] == VISIBILITY
    assert VISIBILITY >= 10 * TIME_LIMIT


def test_what_a_killed_worker_held_is_looked_for_every_second(app: Celery) -> None:
    options = app.conf.broker_transport_options
    assert (options["unacked_restore_interval"], options["unacked_restore_throttle"]) == (1, 1)
    assert options["socket_connect_timeout"] <= 5


def test_no_call_to_a_broker_that_does_not_answer_lasts_for_ever(app: Celery) -> None:
    assert 0 < app.conf.broker_transport_options["socket_timeout"] <= 30


def test_every_queue_has_a_task_and_every_task_a_queue(registered: Celery) -> None:
    ours = {name for name in registered.tasks if not name.startswith("celery.")}
    queues = {queue.name for queue in registered.conf.task_queues}
    probes = {probe_of(queue) for queue in queues}
    assert ours - probes == queues == set(TASKS) == set(SERVICES)
    assert ours > probes
    assert len(TASKS) == len(set(TASKS))


def test_one_application_does_not_become_that_of_the_process(app: Celery) -> None:
    assert make_app("memory://") is not app
    assert app.conf.broker_url == "memory://"


def test_a_broker_is_spoken_to_in_clear_only_when_nothing_says_otherwise(tmp_path: Path) -> None:
    assert not make_app("redis://broker.example/0").conf.broker_use_ssl
    asked = make_app("rediss://broker.example/0").conf.broker_use_ssl
    assert asked == {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    access = BrokerAccess(tmp_path / "ca", tmp_path / "certificate", tmp_path / "key")
    for url in ("redis://broker.example/0", "rediss://broker.example/0"):
        assert make_app(url, access).conf.broker_use_ssl == {
            **asked,
            "ssl_ca_certs": str(tmp_path / "ca"),
            "ssl_certfile": str(tmp_path / "certificate"),
            "ssl_keyfile": str(tmp_path / "key"),
        }


SENTINELS = "sentinel://:s3same@a.example:26379/2;sentinel://b.example;sentinel://c.example:26380"


def test_every_sentinel_is_given_the_login_of_the_first_for_redis() -> None:
    app = make_app(SENTINELS, BrokerAccess(master="actes"))
    assert app.conf.broker_url == (
        "sentinel://:s3same@a.example:26379/2"
        ";sentinel://:s3same@b.example/2;sentinel://:s3same@c.example:26380/2"
    )
    bare = make_app("sentinel://a.example;sentinel://b.example", BrokerAccess(master="actes"))
    assert bare.conf.broker_url == "sentinel://a.example;sentinel://b.example"


def test_sentinels_are_asked_as_redis_is_and_with_their_own_password(tmp_path: Path) -> None:
    access = BrokerAccess(tmp_path / "ca", master="actes", sentinel_password="s3ntinelle")
    options = make_app(SENTINELS, access).conf.broker_transport_options
    assert options["master_name"] == "actes"
    assert options["visibility_timeout"] == VISIBILITY
    assert options["sentinel_kwargs"] == {
        "socket_timeout": options["socket_timeout"],
        "socket_connect_timeout": options["socket_connect_timeout"],
        "ssl": True,
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
        "ssl_check_hostname": True,
        "ssl_ca_certs": str(tmp_path / "ca"),
        "password": "s3ntinelle",
    }
    assert "s3ntinelle" not in repr(access)
    # What one application was told is not told to the next.
    assert "master_name" not in make_app("memory://").conf.broker_transport_options


def test_sentinels_without_the_name_of_their_master_are_refused() -> None:
    with pytest.raises(SettingsError, match="TRANSMISSION_BROKER_MASTER"):
        make_app(SENTINELS)


def test_the_settings_of_an_installation_reach_its_application(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3ntinelle\n")
    settings = Settings(
        home=tmp_path,
        database_url=SecretStr("postgresql://set/"),
        broker_url=SecretStr(SENTINELS),
        broker_ca_file=tmp_path / "ca",
        broker_certificate_file=tmp_path / "certificate",
        broker_key_file=tmp_path / "key",
        broker_master="actes",
        broker_sentinel_password_file=tmp_path / "password",
    )
    assert access_of(settings) == BrokerAccess(
        tmp_path / "ca", tmp_path / "certificate", tmp_path / "key", "actes", "s3ntinelle"
    )
    options = app_of(settings).conf.broker_transport_options
    assert options["sentinel_kwargs"]["password"] == "s3ntinelle"


class Channel:
    """As much of kombu's channel as is asked: whom it is connected to."""

    def __init__(self, connection: object) -> None:
        self.connection = connection

    def _connparams(self, asynchronous: bool = False) -> tuple[str, bool]:
        return self.connection.client.hostname, asynchronous  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("gone", [None, SimpleNamespace(client=None)])
def test_a_channel_that_lost_its_server_says_so_in_a_way_that_a_worker_waits_out(
    gone: object,
) -> None:
    outlive_lost_servers(Channel)
    outlive_lost_servers(Channel)
    with pytest.raises(RedisConnectionError):
        Channel(gone)._connparams()
    alive = SimpleNamespace(client=SimpleNamespace(hostname="redis"))
    assert Channel(alive)._connparams(True) == ("redis", True)
    with make_app("redis://127.0.0.1:1/0").connection_for_read() as connection:
        assert issubclass(RedisConnectionError, connection.connection_errors)


def test_every_application_is_made_so() -> None:
    make_app("redis://127.0.0.1:1/0")
    assert RedisChannel._connparams.outlives  # type: ignore[attr-defined]
