"""Signs of finished work: one row for each name, the last one told."""

from datetime import timedelta

from tests.support.bench import Bench
from transmission.store.queries import Heartbeat, read_health


def test_the_last_sign_of_each_name_is_kept_even_when_a_clock_was_set_back(bench: Bench) -> None:
    now = bench.clock.now()
    for name, at, detail in (
        ("queue:send", now, "work"),
        ("relay", now, ""),
        ("queue:send", now - timedelta(hours=1), "probe"),
    ):
        with bench.tools.register() as unit:
            unit.beat(name, at, detail)
            unit.commit()
    with bench.engine.connect() as connection:
        kept = read_health(connection).heartbeats
    assert kept == {
        "queue:send": Heartbeat("queue:send", now - timedelta(hours=1), "probe"),
        "relay": Heartbeat("relay", now, ""),
    }
