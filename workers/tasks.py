"""The tasks: one identifier in, one service called, its fate handed to the policy."""

from collections.abc import Callable

from celery import Celery

from transmission.services.apply_retour import apply_retour
from transmission.services.classify import classify
from transmission.services.collect import collect
from transmission.services.inbox import inbox
from transmission.services.prepare import prepare
from transmission.services.reconcile import reconcile
from transmission.services.submit import submit
from transmission.services.toolbox import Toolbox
from workers import policy

SERVICES: dict[str, Callable[[Toolbox, int], object]] = {
    "prepare": prepare,
    "submit": submit,
    "reconcile": reconcile,
    "collect": collect,
    "inbox": inbox,
    "apply": apply_retour,
    "classify": classify,
}


def register(app: Celery, tools: Callable[[], Toolbox]) -> None:
    """Declare every task on ``app``; ``tools`` gives the toolbox of the running process."""
    for name, service in SERVICES.items():
        _declare(app, name, service, tools)


def _declare(
    app: Celery, name: str, service: Callable[[Toolbox, int], object], tools: Callable[[], Toolbox]
) -> None:
    # Shared, which is the default, would declare it on every other application of the process.
    @app.task(name=name, shared=False)
    def task(subject: int) -> None:
        policy.run(tools(), name, service, subject)
