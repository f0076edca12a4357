"""Whole loads through the real processes: acts per second, CPU by process, waits."""

import json
import math
import os
import shutil
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.depositor import Order, started
from benchmarks.figures import difference, per_item_ms, percentile, ratio
from benchmarks.material import Load, make_load
from benchmarks.processes import machine
from benchmarks.site import Site
from transmission.domain.lifecycle import Event, State

_LOOK = 0.25
_STUCK_SECONDS = 90
"""Without any move for that long, a load is told as it stands."""
_LIVING = [
    state.code
    for state in (State.ACCEPTED, State.PREPARED, State.SUBMITTING, State.IN_DOUBT, State.SUBMITTED)
]
_MOVES = """
SELECT extract(epoch FROM min(at)), extract(epoch FROM max(at) FILTER (WHERE event = %s)),
       count(*) FILTER (WHERE event = %s)
FROM journal WHERE acte_id > %s
"""
_WAITS = """
SELECT extract(epoch FROM taken.at - accepted.at)
FROM journal accepted JOIN journal taken USING (acte_id)
WHERE accepted.acte_id > %s AND accepted.event = 'accepted' AND taken.event = %s
"""
_ENGINE = """
SELECT xact_commit, (SELECT wal_bytes FROM pg_stat_wal),
       (SELECT coalesce(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal')
FROM pg_stat_database WHERE datname = current_database()
"""


def through(site: Site, load: Load, prefix: str, seed: int, workers: int = 2) -> dict[str, Any]:
    """Send a load through the running service, started for it, and measure until the last AR."""
    folder = site.home / "actes" / prefix
    actes = make_load(load, folder, prefix, seed)
    size = sum(path.stat().st_size for acte in actes for path in acte.files)
    site.start(workers)
    try:
        warm_up(site, prefix, seed)
        measured = _measured(site, Order(actes, site.senders))
    finally:
        site.stop()
        shutil.rmtree(folder)
    return {"load": load.name, "workers": workers, "mean_bytes": size // len(actes)} | measured


def low_load(site: Site, acts: int, seed: int, pause: float = 1.0) -> dict[str, Any]:
    """One act from time to time: seconds from its acceptance to ``submitted``."""
    folder = site.home / "actes" / "latency"
    actes = make_load(Load("low load", acts, 660_000), folder, "LOW", seed)
    site.start()
    try:
        warm_up(site, "LOW", seed)
        since = _newest(site)
        run(site, Order(actes, site.senders, pause))
    finally:
        site.stop()
        shutil.rmtree(folder)
    rows = site.query(_WAITS, since, Event.SUBMISSION_ACCEPTED.code)
    waits = [float(row[0]) for row in rows]
    return {
        "acts": len(waits),
        "pause_s": pause,
        "p50_s": percentile(waits, 0.5),
        "p99_s": percentile(waits, 0.99),
        "max_s": max(waits, default=math.nan),
    }


def at_rest(site: Site, seconds: float = 10) -> dict[str, Any]:
    """CPU milliseconds a second, by process, of a service that has nothing to do."""
    site.start()
    try:
        warm_up(site, "IDLE", 0)
        before = site.cpu()
        time.sleep(seconds)
        used = difference(site.cpu(), before)
    finally:
        site.stop()
    return {name: 1000 * spent / seconds for name, spent in used.items()}


def living(site: Site) -> int:
    """How many transmissions are not at rest yet."""
    statement = "SELECT count(*) FROM transmission WHERE state = ANY(%s)"
    rows = site.query(statement, _LIVING)
    return int(rows[0][0])


def _measured(site: Site, order: Order) -> dict[str, Any]:
    since = _newest(site)
    engine = _engine(site)
    worked, rested = machine()
    before = site.cpu()
    depositor = run(site, order)
    used = difference(site.cpu(), before) | {"depositor": depositor}
    worked, rested = (now - then for now, then in zip(machine(), (worked, rested), strict=True))
    commits, wal, syncs = (b - a for a, b in zip(engine, _engine(site), strict=True))
    begun, ended, done = site.query(_MOVES, Event.AR_RECEIVED.code, Event.AR_RECEIVED.code, since)[
        0
    ]
    count = len(order.actes)
    elapsed = float(ended or math.nan) - float(begun or math.nan)
    cpu = {name: per_item_ms(seconds, count) for name, seconds in used.items()}
    waits = [float(row[0]) for row in site.query(_WAITS, since, Event.SUBMISSION_ACCEPTED.code)]
    return {
        "acts": count,
        "acknowledged": done,
        "seconds": elapsed,
        "acts_per_second": done / elapsed,
        "cpu_ms_per_act": cpu,
        "our_cpu_ms_per_act": cpu["worker"] + cpu["scheduler"] + cpu["depositor"],
        "acts_per_second_alone": ratio(1000 * (os.cpu_count() or 1), sum(cpu.values())),
        # Others at work on the machine take from the pace, hardly from the CPU of an act.
        "strangers_share": 1 - (sum(used.values()) + rested) / (worked + rested),
        "idle_share": rested / (worked + rested),
        "to_submitted_p50_s": percentile(waits, 0.5),
        "to_submitted_p99_s": percentile(waits, 0.99),
        "commits_per_act": commits / count,
        "wal_kb_per_act": wal / 1000 / count,
        "wal_syncs_per_act": syncs / count,
    }


def run(site: Site, order: Order) -> float:
    """Hand the acts over and wait until each is at rest; the CPU seconds of the depositor."""
    process = started(order, site.environment(), site.home)
    moved, at = -1, time.monotonic()
    while process.poll() is None or living(site):
        seen = int(site.query("SELECT max(id) FROM journal")[0][0] or 0)
        if seen != moved:
            moved, at = seen, time.monotonic()
        if time.monotonic() - at > _STUCK_SECONDS:
            break
        time.sleep(_LOOK)
    said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("the acts could not all be handed over: the fault is above")
    return float(json.loads(said)["cpu"])


def warm_up(site: Site, prefix: str, seed: int) -> None:
    """Every process loads its key and opens its connections before anything is measured."""
    actes = make_load(Load("warm", 24, 20_000), site.home / "actes" / "warm", f"W{prefix}", seed)
    run(site, Order(actes, site.senders))


def _newest(site: Site) -> int:
    return int(site.query("SELECT max(id) FROM acte")[0][0] or 0)


def _engine(site: Site) -> Sequence[float]:
    return [float(value) for value in site.query(_ENGINE)[0]]
