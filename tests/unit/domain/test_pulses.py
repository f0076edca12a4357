"""Silence of work that should be finished."""

from datetime import UTC, datetime, timedelta

from transmission.domain.pulses import QUEUE, RUN, heartbeat_of, is_silent, run_heartbeat

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_work_is_silent_after_its_patience_or_when_it_was_never_done() -> None:
    assert is_silent(None, MINUTE, NOW)
    assert not is_silent(NOW - MINUTE, MINUTE, NOW)
    assert is_silent(NOW - MINUTE - timedelta(microseconds=1), MINUTE, NOW)


def test_the_names_of_queues_and_runs_are_told_apart_by_their_beginnings() -> None:
    assert heartbeat_of("send").removeprefix(QUEUE) == "send"
    assert run_heartbeat("sweep").removeprefix(RUN) == "sweep"
    assert not heartbeat_of("send").startswith(RUN)
