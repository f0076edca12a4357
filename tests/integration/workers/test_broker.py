"""What a real broker says of itself, and brokers that are none."""

import pytest
import redis
from pydantic import SecretStr

from transmission.embedded.valkey import BrokerUrls
from transmission.settings import Settings
from workers.broker import BrokerAddressError, BrokerAwayError, broker_facts


def _settings(url: str) -> Settings:
    database = SecretStr("postgresql+psycopg://nowhere.invalid/x")
    return Settings(broker_url=SecretStr(url), database_url=database)


def test_a_broker_tells_its_policy_its_file_and_its_memory(
    broker_url: str, valkey_server: BrokerUrls
) -> None:
    facts = broker_facts(_settings(broker_url))
    assert facts is not None
    assert facts.name.startswith(("Valkey ", "Redis "))
    assert (facts.eviction, facts.appends, facts.written) == ("noeviction", True, True)
    assert facts.used > 0
    with redis.Redis.from_url(valkey_server.redis_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("maxmemory", 10**9)
        try:
            changed = broker_facts(_settings(broker_url))
        finally:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", 0)
    assert changed is not None
    assert (changed.eviction, changed.limit) == ("allkeys-lru", 10**9)


def test_a_broker_where_nobody_listens_is_away() -> None:
    with pytest.raises(BrokerAwayError):
        broker_facts(_settings("redis://:s3cret@127.0.0.1:1/0"))


@pytest.mark.parametrize("url", ["nimporte://:s3cret@x/0", "redis://:s3cret@127.0.0.1:abc/0"])
def test_an_address_of_no_broker_is_told_without_its_password(url: str) -> None:
    with pytest.raises(BrokerAddressError) as raised:
        broker_facts(_settings(url))
    assert "s3cret" not in f"{raised.value!r} {raised.value.__cause__!r}"


def test_a_broker_that_is_no_redis_is_not_judged() -> None:
    assert broker_facts(_settings("memory://")) is None
