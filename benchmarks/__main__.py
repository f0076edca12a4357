"""Measure the service and the floor on this machine, in one run.

    python -m benchmarks [--acts N] [--seed S] [--only SECTION …] [--million] [--workers N]

Every count follows from the acts, but for the 10,000 that wait. WORKERS and BENCH_HOME of the
environment (``make bench WORKERS=3 BENCH_HOME=/disk``) say how many processes a worker has in the
main loads, and in which folder the new one of this run is made. Results go to benchmarks/results
as JSON and as Markdown.
"""

import argparse
import cProfile
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import collection, disk, floor, growth, loads, memory, report, steps
from benchmarks.material import Load, standard_loads
from benchmarks.site import Site, site
from transmission.clock import SystemClock

RESULTS = Path(__file__).parent / "results"
_HOMES = Path(__file__).parents[1] / "var"
SECTIONS = [
    "disk",
    "loads",
    "floor",
    "steps",
    "profile",
    "at_rest",
    "low_load",
    "memory",
    "scaling",
    "growth",
    "collection",
]
_MILLION = 1_000_000
_SCALES = (1, 2, 3, 4)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen sections, each told as soon as it is measured."""
    options = _options(arguments)
    RESULTS.mkdir(exist_ok=True)
    begun = time.monotonic()
    found: dict[str, Any] = {"about": _about(options)}
    with site(options.directory) as made:
        found["about"]["PostgreSQL"] = made.query("SHOW server_version")[0][0]
        floor.make_register(made)
        for name, measure in _measures(made, options).items():
            if name in options.only:
                print(f"… {name}", file=sys.stderr, flush=True)
                found[name] = measure()
                found["about"]["load average at the end"] = _load_average()
                found["about"]["minutes"] = round((time.monotonic() - begun) / 60, 1)
                _write(found)
    print(report.markdown(found))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--acts", type=int, default=2000, help="acts of the standard load")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--million", action="store_true", help="a million acts too")
    parser.add_argument("--workers", type=int, default=os.environ.get("WORKERS") or 2)
    homes = Path(os.environ.get("BENCH_HOME") or _HOMES)
    parser.add_argument("--directory", type=Path, default=homes, help="on the disk to measure")
    return parser.parse_args(arguments)


def _measures(made: Site, options: argparse.Namespace) -> dict[str, Callable[[], Any]]:
    acts, seed = options.acts, options.seed
    chosen = standard_loads(acts)
    return {
        "disk": lambda: disk.measured(made.home / "disk"),
        "loads": lambda: [
            loads.through(made, load, f"L{rank}", seed, options.workers)
            for rank, load in enumerate(chosen)
        ],
        "floor": lambda: floor.both(made, chosen, seed),
        "steps": lambda: _steps(made, chosen, seed),
        "profile": lambda: _profile(made, chosen[0], seed),
        "at_rest": lambda: loads.at_rest(made),
        "low_load": lambda: loads.low_load(made, 30, seed),
        "memory": lambda: memory.measured(made, seed),
        "scaling": lambda: [
            loads.through(made, chosen[1], f"N{workers}", seed, workers) for workers in _SCALES
        ],
        "growth": lambda: _growth(made, acts, seed, options.million),
        "collection": lambda: collection.measured(made, seed),
    }


def _steps(made: Site, chosen: Sequence[Load], seed: int) -> list[dict[str, Any]]:
    return [steps.measured(made, _some(load), f"S{rank}", seed) for rank, load in enumerate(chosen)]


def _profile(made: Site, load: Load, seed: int) -> dict[str, float]:
    # By CPU, so that neither the disk nor others at work on the machine weigh in it.
    profiler = cProfile.Profile(time.process_time)
    steps.measured(made, _some(load), "PROF", seed, profiler)
    (RESULTS / "profile.txt").write_text(steps.profile_text(profiler), encoding="utf-8")
    return steps.shares(profiler)


def _some(load: Load) -> Load:
    return Load(load.name, max(load.count // 5, 20), load.size, load.is_random, load.annexed)


def _growth(made: Site, acts: int, seed: int, is_million: bool) -> list[dict[str, Any]]:
    levels = [1000, 100_000, *([_MILLION] if is_million else [])]
    found = []
    for rank, level in enumerate(levels):
        filled = growth.fill(made, level)
        some = Load("200 kB", max(acts // 10, 20), 200_000)
        more = Load("200 kB", max(acts // 5, 40), 200_000)
        found.append(
            {
                "held": int(filled["acts"]),
                "fill_seconds": filled["seconds"],
                "reads_ms": growth.reads(made),
                "steps": steps.measured(made, some, f"GS{rank}", seed),
                "load": loads.through(made, more, f"GL{rank}", seed),
            }
        )
    return found


def _about(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "at": SystemClock().now().isoformat(timespec="seconds"),
        "acts": options.acts,
        "seed": options.seed,
        "processors": os.cpu_count(),
        "key": "RSA-2048, each file signed and each archive sealed",
        "python": platform.python_version(),
        "load average at the start": _load_average(),
    }


def _load_average() -> str:
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def _write(found: dict[str, Any]) -> None:
    (RESULTS / "latest.json").write_text(
        json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (RESULTS / "latest.md").write_text(report.markdown(found), encoding="utf-8")


if __name__ == "__main__":
    main()
