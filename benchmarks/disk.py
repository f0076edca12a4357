"""What it costs to be sure that bytes are on the disk."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import percentile

_TIMES = 200


def measured(folder: Path) -> dict[str, dict[str, float]]:
    """Milliseconds to sync a small file, one of 660 kB, and the folder that holds it."""
    folder.mkdir()
    content = os.urandom(660_000)
    found = {
        "file of 4 kB": _series(lambda rank: _synced(folder / f"a{rank}", content[:4096])),
        "file of 660 kB": _series(lambda rank: _synced(folder / f"b{rank}", content)),
        "folder after a rename": _series(lambda rank: _renamed(folder, rank)),
    }
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    return found


def _series(sync: Callable[[int], float]) -> dict[str, float]:
    taken = [sync(rank) for rank in range(_TIMES)]
    return {"p50_ms": percentile(taken, 0.5), "p99_ms": percentile(taken, 0.99)}


def _synced(path: Path, content: bytes) -> float:
    with path.open("wb") as target:
        target.write(content)
        target.flush()
        begun = time.perf_counter()
        os.fsync(target.fileno())
        return 1000 * (time.perf_counter() - begun)


def _renamed(folder: Path, rank: int) -> float:
    (folder / f"a{rank}").rename(folder / f"c{rank}")
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        begun = time.perf_counter()
        os.fsync(handle)
        return 1000 * (time.perf_counter() - begun)
    finally:
        os.close(handle)
