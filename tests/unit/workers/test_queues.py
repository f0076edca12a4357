"""Names and durations that workers and broker agree on."""

from transmission.settings import Settings
from workers.queues import TASKS, TIME_LIMIT, VISIBILITY, heartbeat_of, probe_of, queue_of


def test_a_task_has_the_time_of_the_longest_wait_for_a_tdt() -> None:
    settings = Settings()
    # A question goes before a parcel that is sent after a rest.
    assert 2 * (settings.connect_timeout + settings.read_timeout) < TIME_LIMIT


def test_the_broker_waits_far_longer_than_any_task() -> None:
    assert VISIBILITY >= 10 * TIME_LIMIT


def test_names_are_plain_words() -> None:
    assert all(name.isascii() and name.islower() and name.isalpha() for name in TASKS)


def test_a_task_and_the_probe_of_its_queue_go_through_the_same_queue() -> None:
    for name in TASKS:
        assert queue_of(name) == queue_of(probe_of(name)) == name
        assert probe_of(name) not in TASKS
        assert heartbeat_of(name) == f"queue:{name}"
