"""The Celery application: late acknowledgement, no results, identifiers only."""

from typing import Any

from celery import Celery
from kombu import Queue

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


def make_app(broker_url: str) -> Celery:
    """The application on a broker (URL of kombu), with one queue per task."""
    app = Celery("transmission", broker=broker_url, set_as_current=False)
    app.conf.update(CONFIGURATION)
    app.conf.task_queues = [Queue(name) for name in TASKS]
    return app
