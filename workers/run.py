"""Run a Celery worker in this process."""

from contextlib import ExitStack
from typing import Any

from celery.signals import worker_process_init

from transmission.bootstrap import container
from transmission.services.toolbox import Toolbox
from transmission.settings import Settings
from workers.app import app_of
from workers.pulse import Pulse, mark_of
from workers.queues import TASKS
from workers.tasks import register


class ProcessToolbox:
    """The toolbox of this very process: connections and keys never cross a fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tools: Toolbox | None = None
        # Held for the life of the process: a container that nobody holds closes at once.
        self._open = ExitStack()

    def __call__(self) -> Toolbox:
        """The toolbox, made at the first call of the process."""
        if self._tools is None:
            self._tools = self._open.enter_context(container(self._settings)).tools
        return self._tools

    def forget(self, **_: Any) -> None:
        """Called in a new child: whatever was inherited belongs to the parent."""
        self._tools = None


def run_worker(settings: Settings, pool: str) -> None:
    """Consume every queue until told to stop; the task in hand is finished first."""
    app = app_of(settings)
    tools = ProcessToolbox(settings)
    worker_process_init.connect(tools.forget, weak=False)
    pulse = Pulse(mark_of(settings.home))
    register(app, tools, pulse)
    pulse.touch()
    app.worker_main(
        [
            "worker",
            f"--pool={pool}",
            f"--concurrency={settings.worker_processes}",
            f"--queues={','.join(TASKS)}",
            "--without-gossip",
            "--without-mingle",
            "--loglevel=WARNING",
        ]
    )
