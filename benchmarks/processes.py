"""CPU and memory of process trees, read from /proc. Linux only."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat, counted after the name (proc(5)).
_PARENT, _TIMES = 1, slice(11, 15)


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """A process: ``parent`` its pid, ``cpu`` seconds used by it and its reaped children."""

    parent: int
    cpu: float


def parse_stat(line: str) -> ProcessStat:
    """Read a line of ``/proc/<pid>/stat``; the name may hold spaces and parentheses."""
    fields = line.rpartition(")")[2].split()
    return ProcessStat(int(fields[_PARENT]), sum(map(int, fields[_TIMES])) / _TICKS)


def descendants(table: Mapping[int, ProcessStat], root: int) -> frozenset[int]:
    """Pids of ``root`` and of all that descends from it, in one look at the processes."""
    found, edge = {root}, {root}
    while edge:
        edge = {pid for pid, stat in table.items() if stat.parent in edge} - found
        found |= edge
    return frozenset(found)


def tree_cpu(roots: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds used so far by the tree of each root, by name."""
    table = _table()
    return {
        name: sum(table[pid].cpu for pid in descendants(table, root) if pid in table)
        for name, root in roots.items()
    }


def tree_memory(root: int) -> dict[int, tuple[int, int]]:
    """Resident and peak resident memory (bytes) of every process of a tree, by pid."""
    return {pid: _memory(pid) for pid in descendants(_table(), root)}


def machine() -> tuple[float, float]:
    """CPU seconds that the whole machine has worked, and rested, since it started."""
    line = (_PROC / "stat").read_text().splitlines()[0]
    user, nice, system, idle, waiting, *rest = (int(field) / _TICKS for field in line.split()[1:])
    # The guests of the last two fields are already in the first two.
    return user + nice + system + sum(rest[:3]), idle + waiting


def forget_peaks(root: int) -> None:
    """Make the peak of every process of a tree start again from what it holds now."""
    for pid in descendants(_table(), root):
        (_PROC / str(pid) / "clear_refs").write_text("5")


def _table() -> dict[int, ProcessStat]:
    table = {}
    for folder in _PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            line = (folder / "stat").read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        table[int(folder.name)] = parse_stat(line)
    return table


def _memory(pid: int) -> tuple[int, int]:
    lines = (_PROC / str(pid) / "status").read_text().splitlines()
    held = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Vm")}
    return int(held.get("VmRSS", 0)) * 1024, int(held.get("VmHWM", 0)) * 1024
