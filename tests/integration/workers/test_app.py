"""Messages published and consumed through TLS and through Sentinels, on real servers."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery
from kombu.exceptions import OperationalError

from tests.support.brokers import (
    PASSWORD,
    SENTINEL_PASSWORD,
    Encrypted,
    Watched,
    encrypted,
    watched,
)
from transmission.embedded.processes import wait_until
from workers.app import BrokerAccess, make_app

PATIENCE = 30


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Encrypted]:
    with encrypted(tmp_path) as made:
        yield made


@pytest.fixture
def sentinels(tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path) as made:
        yield made


def _publish(app: Celery, subject: int) -> None:
    app.send_task("sign", args=[subject], queue="apply")


def _impatient(app: Celery) -> Celery:
    """An application that tries once."""
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, "max_retries": 1}
    return app


def _consumed(app: Celery) -> Any:
    with app.connection_for_read() as connection, closing(connection.SimpleQueue("apply")) as queue:
        message = queue.get(timeout=PATIENCE)
        message.ack()
        return message.headers["argsrepr"]


def test_a_message_goes_through_tls_with_a_client_certificate(tls: Encrypted) -> None:
    with make_app(tls.url, tls.access) as app:
        _publish(app, 7)
        assert _consumed(app) == "[7]"


@pytest.mark.parametrize("wrong", ["another authority", "no certificate", "the machine's"])
def test_a_broker_that_cannot_be_trusted_or_does_not_trust_us_is_sent_nothing(
    tls: Encrypted, wrong: str
) -> None:
    access = {
        "another authority": tls.stranger,
        "no certificate": BrokerAccess(tls.access.ca_file),
        "the machine's": BrokerAccess(),
    }[wrong]
    with (
        _impatient(make_app(tls.url, access)) as app,
        pytest.raises((OperationalError, redis.RedisError)) as e,
    ):
        _publish(app, 7)
    assert PASSWORD not in str(e.value)


def test_sentinels_lead_to_the_master_and_to_its_successor_when_it_is_lost(
    sentinels: Watched,
) -> None:
    with make_app(sentinels.url, sentinels.access) as app:
        _publish(app, 1)
        assert _consumed(app) == "[1]"
        sentinels.lose_the_master()
        assert wait_until(lambda: _published(app, 2), PATIENCE)
        assert _consumed(app) == "[2]"


def _published(app: Celery, subject: int) -> bool:
    try:
        _publish(app, subject)
    except (OperationalError, redis.RedisError):
        return False
    return True


def test_sentinels_that_refuse_us_are_told_without_any_password(sentinels: Watched) -> None:
    access = BrokerAccess(master=sentinels.access.master, sentinel_password="faux")
    with (
        _impatient(make_app(sentinels.url, access)) as app,
        pytest.raises((OperationalError, redis.RedisError)) as e,
    ):
        _publish(app, 1)
    assert not any(secret in str(e.value) for secret in (PASSWORD, SENTINEL_PASSWORD, "faux"))
