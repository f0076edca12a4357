"""Is the work done? Judged on what was finished, never on which processes are alive."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from transmission.cli.diagnosis.findings import Finding, Subject, fine, warning, wrong
from transmission.console.words import duration
from transmission.domain.lifecycle import State
from transmission.domain.pulses import (
    BELLS_AGE,
    QUEUE_SILENCE,
    RELAY,
    RELAY_SILENCE,
    UNREAD_AGE,
    heartbeat_of,
    is_silent,
    run_heartbeat,
)
from transmission.store.queries import Health, Heartbeat, Waiting
from workers.queues import TASKS

_MISSED_SWEEPS = 6


def scheduler_at_work(health: Health, sweep_period: int, now: datetime) -> Iterator[Finding]:
    """Whether bells are relayed and what is forgotten is looked for."""
    sweeps = max(RELAY_SILENCE, timedelta(seconds=_MISSED_SWEEPS * sweep_period))
    relayed = health.heartbeats.get(RELAY)
    swept = health.heartbeats.get(run_heartbeat("sweep"))
    if _is_silent(relayed, RELAY_SILENCE, now):
        yield wrong(
            Subject.SCHEDULER,
            f"{_last('Aucun tour', relayed, now)} : rien de nouveau ne commence. Démarrez "
            "« transmission scheduler », ou lisez son journal s'il tourne ; un Redis en défaut, "
            "dit ci-dessus, l'arrête aussi.",
        )
    elif _is_silent(swept, sweeps, now):
        yield wrong(
            Subject.SCHEDULER,
            f"{_last('Aucun balayage', swept, now)} : ce qui est oublié n'est pas repris. Lisez le "
            "journal de « transmission scheduler ».",
        )
    else:
        yield fine(Subject.SCHEDULER, "Les tâches sont relayées et les oublis recherchés.")


def workers_at_work(health: Health, now: datetime) -> Iterator[Finding]:
    """Whether each queue is served to the end; a probe crosses it every minute."""
    if _is_silent(health.heartbeats.get(RELAY), RELAY_SILENCE, now):
        said = "Sans le relais, rien ne leur parvient : ils n'ont pas pu être jugés."
        yield warning(Subject.WORKERS, said)
        return
    beats = {queue: health.heartbeats.get(heartbeat_of(queue)) for queue in TASKS}
    silent = [queue for queue, beat in beats.items() if _is_silent(beat, QUEUE_SILENCE, now)]
    if not silent:
        yield fine(Subject.WORKERS, "Toutes les files sont servies.")
        return
    which = "Aucune file n'est servie" if len(silent) == len(TASKS) else _named(silent)
    known = [beat for queue in silent if (beat := beats[queue]) is not None]
    latest = max(known, key=lambda beat: beat.at, default=None)
    yield wrong(
        Subject.WORKERS,
        f"{which} ({_last('rien de fini', latest, now)}). Démarrez « transmission worker » ; "
        "s'il tourne, lisez son journal, puis relancez-le.",
    )


def waiting(health: Health, now: datetime) -> Iterator[Finding]:
    """What stays where it should only pass, and what waits for a person."""
    found = [*_stuck(health, now), *_for_people(health, now)]
    yield from found or [fine(Subject.WAITING, "Rien n'attend anormalement.")]


def _stuck(health: Health, now: datetime) -> Iterator[Finding]:
    if _is_old(health.bells, BELLS_AGE, now):
        yield wrong(
            Subject.WAITING,
            f"{_count(health.bells, now, 'tâche')} d'être confiées à Redis : voyez Redis et le "
            "relais ci-dessus.",
        )
    if _is_old(health.unread, UNREAD_AGE, now):
        yield wrong(
            Subject.WAITING,
            f"{_count(health.unread, now, 'retour')} d'être lus : lisez le journal de "
            "« transmission worker ».",
        )
    for tdt in health.failing:
        yield warning(
            Subject.WAITING,
            f"{tdt.address} échoue depuis {duration(now - tdt.since)} ({tdt.failures} fois de "
            "suite) : les envois y attendent et reprendront d'eux-mêmes.",
        )


def _for_people(health: Health, now: datetime) -> Iterator[Finding]:
    held = health.waiting[State.HELD]
    if held.count:
        yield warning(
            Subject.WAITING,
            f"{_count(held, now, 'envoi')} la décision d'un opérateur : la console en donne la "
            "raison, « transmission release » ou « transmission abandon » la prend.",
        )
    if health.quarantined.count:
        yield warning(
            Subject.WAITING,
            f"{_count(health.quarantined, now, 'retour')} en quarantaine : « transmission "
            "quarantine » les liste.",
        )


def _is_silent(beat: Heartbeat | None, patience: timedelta, now: datetime) -> bool:
    return is_silent(beat.at if beat else None, patience, now)


def _is_old(waits: Waiting, patience: timedelta, now: datetime) -> bool:
    return waits.oldest_since is not None and now - waits.oldest_since > patience


def _last(what: str, beat: Heartbeat | None, now: datetime) -> str:
    return f"{what} depuis {duration(now - beat.at)}" if beat else f"{what} depuis l'installation"


def _named(queues: list[str]) -> str:
    names = ", ".join(f"« {queue} »" for queue in queues)
    return (
        f"La file {names} n'est pas servie" if len(queues) == 1 else f"Files non servies : {names}"
    )


def _count(waits: Waiting, now: datetime, what: str) -> str:
    several = waits.count > 1
    since = duration(now - waits.oldest_since) if waits.oldest_since else "peu"
    return (
        f"{waits.count} {what}{'s' * several} {'attendent' if several else 'attend'} depuis {since}"
    )
