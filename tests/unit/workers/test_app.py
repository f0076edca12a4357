"""The settings on which « never lost, never doubled » rests, asserted one by one."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery

from workers.app import make_app
from workers.queues import TASKS, TIME_LIMIT, VISIBILITY
from workers.tasks import SERVICES, register


@pytest.fixture
def app() -> Iterator[Celery]:
    made = make_app("memory://")
    yield made
    made.close()


@pytest.fixture
def registered(app: Celery) -> Celery:
    register(app, _no_tools)
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
    assert ours == queues == set(TASKS) == set(SERVICES)
    assert len(TASKS) == len(set(TASKS))


def test_one_application_does_not_become_that_of_the_process(app: Celery) -> None:
    assert make_app("memory://") is not app
    assert app.conf.broker_url == "memory://"
