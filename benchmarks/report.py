"""From what was measured to what people read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.figures import ratio
from benchmarks.tables import Cell, table

Found = Mapping[str, Any]
_MIB = 1024 * 1024
_WAYS = """\
CPU in milliseconds per act. *requests*: with requests, each commit a transaction of its own.
*fastest*: http.client on a kept connection, body in pieces, each commit a single statement, memory
kept by the allocator. Every other step is the same code, ours."""
_AIMS = """\
Aims: CPU at most 1.5 times the floor with requests; 94 acts/s (standard), 200 (200 kB), 50 (5 MB),
on a machine where others are at rest."""


def markdown(found: Found) -> str:
    """The whole report; a section that was not measured is left out."""
    writers = (
        ("loads", "Whole service, from accept to AR recorded", _loads),
        ("floor", "Floors: the bare steps, two loops at once", _floor),
        ("ratios", "Service against both floors", _ratios),
        ("steps", "Services in a loop, one process, per act", _steps),
        ("low_load", "Waits at low load, from accept to submitted", _low_load),
        ("memory", "Memory of a worker over the largest archive", _memory),
        ("growth", "Growth of the register", _growth),
        ("collection", "Polling acts that wait", _collection),
        ("scaling", "Scaling: processes of the worker", _scaling),
        ("at_rest", "At rest, CPU milliseconds a second", _at_rest),
        ("profile", "Where the CPU of the services goes, standard load", _profile),
        ("disk", "Disk: time to sync", _disk),
    )
    derived = dict(found) | {"ratios": list(ratios(found))}
    parts = [f"# Measures\n\n{_about(found['about'])}"]
    measured = [each for each in writers if derived.get(each[0])]
    parts += [f"## {title}\n\n{write(derived[key])}" for key, title, write in measured]
    return "\n\n".join(parts) + "\n"


def ratios(found: Found) -> Iterator[dict[str, Any]]:
    """Our CPU and our pace against the floors of the same run, load by load."""
    for load in found.get("loads", ()):
        for floor in found.get("floor", ()):
            if floor["load"] == load["load"]:
                yield {
                    "load": load["load"],
                    "way": floor["way"],
                    "our_cpu": load["our_cpu_ms_per_act"],
                    "floor_cpu": floor["cpu_ms_per_act"],
                    "cpu": ratio(load["our_cpu_ms_per_act"], floor["cpu_ms_per_act"]),
                    "our_pace": load["acts_per_second"],
                    "floor_pace": floor["acts_per_second"],
                    "pace": ratio(load["acts_per_second"], floor["acts_per_second"]),
                }


def _about(about: Found) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in about.items())


def _loads(loads: Sequence[Found]) -> str:
    head = ["load", "workers", "acts", "AR", "mean kB", "acts/s", "our CPU ms", "worker",
            "scheduler", "depositor", "mock", "PostgreSQL", "Valkey", "commits", "WAL kB",
            "WAL syncs", "to submitted p50 s", "p99 s",
            "others' CPU %", "idle %", "acts/s if alone"]  # fmt: skip
    rows = []
    for each in loads:
        cpu = each["cpu_ms_per_act"]
        row: list[Cell] = [each["load"], each["workers"], each["acts"], each["acknowledged"]]
        row += [each["mean_bytes"] // 1000, each["acts_per_second"], each["our_cpu_ms_per_act"]]
        names = ("worker", "scheduler", "depositor", "mock", "postgres", "valkey")
        row += [cpu[name] for name in names]
        row += [each["commits_per_act"], each["wal_kb_per_act"], each["wal_syncs_per_act"]]
        row += [each["to_submitted_p50_s"], each["to_submitted_p99_s"]]
        row += [100 * each["strangers_share"], 100 * each["idle_share"]]
        rows.append([*row, each["acts_per_second_alone"]])
    return f"CPU in milliseconds per act.\n\n{table(head, rows)}"


def _floor(floors: Sequence[Found]) -> str:
    names = list(floors[0]["steps"])
    head = ["load, way", "acts", "acts/s", "client CPU ms", *names, "mock", "PostgreSQL"]
    rows = [
        [_named(each), each["acts"], each["acts_per_second"], each["cpu_ms_per_act"]]
        + [each["steps"][name] for name in names]
        + [each["others_ms_per_act"][name] for name in ("mock", "postgres")]
        for each in floors
    ]
    return f"{_WAYS}\n\n{table(head, rows)}"


def _ratios(found: Sequence[Found]) -> str:
    keys = ("our_cpu", "floor_cpu", "cpu", "our_pace", "floor_pace", "pace")
    head = ["load, floor", "our CPU ms", "floor's", "CPU ÷", "our acts/s", "floor's", "acts/s ÷"]
    rows = [[_named(each), *(each[key] for key in keys)] for each in found]
    return f"{_AIMS}\n\n{table(head, rows)}"


def _named(each: Found) -> str:
    return f"{each['load']}, {each['way']}"


def _scaling(found: Sequence[Found]) -> str:
    head = ["load, processes", "acts", "AR", "acts/s", "÷ one process", "our CPU ms", "PostgreSQL",
            "idle %", "others' CPU %"]  # fmt: skip
    first = found[0]["acts_per_second"]
    rows: list[list[Cell]] = []
    for each in found:
        row: list[Cell] = [f"{each['load']}, {each['workers']}", each["acts"]]
        row += [each["acknowledged"], each["acts_per_second"]]
        row += [ratio(each["acts_per_second"], first), each["our_cpu_ms_per_act"]]
        row += [each["cpu_ms_per_act"]["postgres"]]
        rows.append([*row, 100 * each["idle_share"], 100 * each["strangers_share"]])
    return table(head, rows)


def _steps(found: Sequence[Found]) -> str:
    named = {
        "CPU ms": "cpu_ms",
        "wall ms": "wall_ms",
        "PostgreSQL CPU ms": "postgres_cpu_ms",
        "statements": "statements",
        "begins": "begins",
        "commits": "commits",
        "syncs": "syncs",
    }
    rows: list[list[Cell]] = []
    for load in found:
        steps = load["steps"]
        for name, step in steps.items():
            rows.append([f"{load['load']}, {name}", *(step[key] for key in named.values())])
        sums = [sum(step[key] for step in steps.values()) for key in named.values()]
        rows.append([f"{load['load']}, **sum**", *sums])
    return table(["load, step", *named], rows)


def _low_load(found: Found) -> str:
    return table(
        ["acts", "pause s", "p50 s", "p99 s", "worst s"],
        [[found[key] for key in ("acts", "pause_s", "p50_s", "p99_s", "max_s")]],
    )


def _at_rest(found: Found) -> str:
    return table(["", *found], [["CPU ms/s", *found.values()]])


def _profile(found: Found) -> str:
    ranked = sorted(found.items(), key=lambda each: -each[1])
    return table(["own time in", "% of CPU"], [[name, 100 * share] for name, share in ranked])


def _memory(found: Found) -> str:
    keys = ("archive_bytes", "idle_rss", "peak_rss", "growth")
    head = ["the act ended", "files MiB", "idle MiB", "peak MiB", "growth MiB"]
    return table(head, [[found["state"], *(found[key] / _MIB for key in keys)]])


def _growth(found: Sequence[Found]) -> str:
    figures: dict[str, Callable[[Found], float]] = {
        "services in a loop: our CPU ms": lambda level: _steps_sum(level, "cpu_ms"),
        "services in a loop: PostgreSQL ms": lambda level: _steps_sum(level, "postgres_cpu_ms"),
        "whole service: our CPU ms": lambda level: level["load"]["our_cpu_ms_per_act"],
        "whole service: PostgreSQL ms": lambda level: level["load"]["cpu_ms_per_act"]["postgres"],
        "whole service: acts/s": lambda level: level["load"]["acts_per_second"],
    }
    lines = {name: [figure(level) for level in found] for name, figure in figures.items()}
    for name in found[0]["reads_ms"]:
        lines[f"list of {name}: ms"] = [level["reads_ms"][name] for level in found]
    rows: list[list[Cell]] = [
        [name, *values, ratio(values[-1], values[0])] for name, values in lines.items()
    ]
    head = ["per act", *(f"{level['held']:,} acts" for level in found), "last ÷ first"]
    return table(head, rows)


def _steps_sum(level: Found, key: str) -> float:
    return float(sum(step[key] for step in level["steps"]["steps"].values()))


def _collection(found: Found) -> str:
    keys = ("looked_at", "wall_s", "cpu_s", "cpu_ms_per_act", "postgres_ms_per_act",
            "mock_ms_per_act")  # fmt: skip
    rows: list[list[Cell]] = [
        [f"turn {rank} over {found['waiting']:,} acts", *(turn[key] for key in keys)]
        for rank, turn in enumerate(found["turns"], start=1)
    ]
    head = ["", "looked at", "seconds", "our CPU s", "our CPU ms/act", "PostgreSQL ms/act",
            "mock ms/act"]  # fmt: skip
    return f"Filled in {found['fill_seconds']:.0f} s.\n\n{table(head, rows)}"


def _disk(found: Found) -> str:
    rows = [[name, each["p50_ms"], each["p99_ms"]] for name, each in found.items()]
    return table(["", "p50 ms", "p99 ms"], rows)
