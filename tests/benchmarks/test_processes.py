import os

from benchmarks.processes import ProcessStat, descendants, parse_stat, tree_cpu

_LINE = "42 (a (b) c) S 7 42 42 0 -1 4194560 1 2 3 4 {ticks} {ticks} {ticks} {ticks} 20 0 1 0 5 6 7"


def test_a_name_with_parentheses_does_not_shift_the_fields() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    assert parse_stat(_LINE.format(ticks=ticks)) == ProcessStat(parent=7, cpu=4.0)


def test_a_tree_holds_the_children_of_the_children_and_nobody_else() -> None:
    parents = {2: 1, 3: 2, 4: 3, 5: 1}
    found = {pid: ProcessStat(parent, 0.0) for pid, parent in parents.items()}
    assert descendants(found, 2) == {2, 3, 4}


def test_this_very_process_has_used_some_time() -> None:
    sum(range(3_000_000))
    assert tree_cpu({"tests": os.getpid()})["tests"] > 0
