"""How far a worker grows over the largest archive that the protocol allows."""

import random
from typing import Any

from benchmarks.depositor import Order
from benchmarks.loads import run, warm_up
from benchmarks.material import MadeActe, pdf_of
from benchmarks.processes import forget_peaks, tree_memory
from benchmarks.site import Site

_ACT, _ANNEX = 100_000_000, 50_000_000
"""Bytes: together a little less than the 150 × 1024 × 1024 of the protocol."""


def measured(site: Site, seed: int) -> dict[str, Any]:
    """Peak resident bytes of the processes of the worker, idle and after the archive."""
    folder = site.home / "actes" / "memory"
    folder.mkdir(parents=True)
    chance = random.Random(seed)
    files = []
    for rank, size in enumerate((_ACT, _ANNEX)):
        files.append(folder / f"{rank}.pdf")
        files[-1].write_bytes(pdf_of(size, chance))
    site.start()
    try:
        warm_up(site, "MEM", seed)
        root = site.service["worker"].pid
        forget_peaks(root)
        idle = tree_memory(root)
        run(site, Order([MadeActe("MEM000001", tuple(files))], site.senders))
        loaded = tree_memory(root)
        state = site.query("SELECT state FROM transmission ORDER BY id DESC LIMIT 1")[0][0]
    finally:
        site.stop()
    growth = {pid: loaded[pid][1] - idle[pid][0] for pid in loaded.keys() & idle.keys()}
    grown = max(growth, key=growth.__getitem__)
    return {
        "state": state,
        "archive_bytes": sum(path.stat().st_size for path in files),
        "idle_rss": idle[grown][0],
        "peak_rss": loaded[grown][1],
        "growth": growth[grown],
    }
