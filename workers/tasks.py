"""The tasks: one identifier in, one service called, its fate handed to the policy."""

from collections.abc import Callable

from celery import Celery

from transmission.services.anchor import anchor_journal
from transmission.services.announce import announce
from transmission.services.apply_retour import apply_retour
from transmission.services.assess import assess
from transmission.services.audit_round import carry_on
from transmission.services.chain import link_journal
from transmission.services.check_lists import check_lists
from transmission.services.classify import classify
from transmission.services.collect import collect
from transmission.services.deliver import deliver
from transmission.services.inbox import inbox
from transmission.services.reconcile import reconcile
from transmission.services.send import send
from transmission.services.tell import tell
from transmission.services.tell_people import tell_people
from transmission.services.time_stamps import obtain
from transmission.services.toolbox import Toolbox
from transmission.services.watch_publications import watch_publications
from workers import policy
from workers.pulse import Pulse
from workers.queues import probe_of

SERVICES: dict[str, Callable[[Toolbox, int], object]] = {
    "send": send,
    "reconcile": reconcile,
    "collect": collect,
    "inbox": inbox,
    "apply": apply_retour,
    "classify": classify,
    "assess": assess,
    "review": check_lists,
    "deliver": deliver,
    "watch": watch_publications,
    "announce": announce,
    "tell": tell,
    "inform": tell_people,
    "chain": link_journal,
    "anchor": anchor_journal,
    "timestamp": obtain,
    "audit": carry_on,
}


def register(app: Celery, tools: Callable[[], Toolbox], pulse: Pulse) -> None:
    """Declare every task on ``app``; ``tools`` gives the toolbox of the running process, ``pulse``
    tells what it finishes."""
    for name, service in SERVICES.items():
        _declare(app, name, service, tools, pulse)
        _declare_probe(app, name, tools, pulse)


def _declare(
    app: Celery,
    name: str,
    service: Callable[[Toolbox, int], object],
    tools: Callable[[], Toolbox],
    pulse: Pulse,
) -> None:
    # Shared, which is the default, would declare it on every other application of the process.
    @app.task(name=name, shared=False)
    def task(subject: int) -> None:
        policy.run(tools(), pulse, name, service, subject)


def _declare_probe(app: Celery, queue: str, tools: Callable[[], Toolbox], pulse: Pulse) -> None:
    @app.task(name=probe_of(queue), shared=False)
    def probe(_subject: int) -> None:
        policy.finished(tools(), pulse, queue, "probe")
