from typing import Any

from benchmarks.report import markdown, ratios

ABOUT = {"acts": 20, "load average at the start": "0.10 0.20 0.30"}


def _load(name: str, workers: int = 2) -> dict[str, Any]:
    names = ("worker", "scheduler", "depositor", "mock", "postgres", "valkey")
    keys = ("seconds", "to_submitted_p50_s", "to_submitted_p99_s", "commits_per_act",
            "wal_kb_per_act", "wal_syncs_per_act",
            "strangers_share", "idle_share", "acts_per_second_alone")  # fmt: skip
    return {
        "load": name, "workers": workers, "mean_bytes": 660_000, "acts": 20, "acknowledged": 20,
        "acts_per_second": 50.0, "our_cpu_ms_per_act": 15.0,
        "cpu_ms_per_act": dict.fromkeys(names, 1.0), **dict.fromkeys(keys, 0.5),
    }  # fmt: skip


def _floor(name: str, way: str = "requests", cpu: float = 10.0) -> dict[str, Any]:
    return {
        "load": name, "way": way, "acts": 20, "acts_per_second": 100.0, "cpu_ms_per_act": cpu,
        "steps": {"hash": 0.3, "post": 1.2}, "others_ms_per_act": {"mock": 3.0, "postgres": 1.0},
    }  # fmt: skip


def test_the_service_is_compared_with_both_floors_of_the_same_load() -> None:
    floors = [_floor("200 kB"), _floor("200 kB", "fastest", 5.0), _floor("5 MB")]
    found = list(ratios({"loads": [_load("200 kB")], "floor": floors}))
    assert [(each["way"], each["cpu"], each["pace"]) for each in found] == [
        ("requests", 1.5, 0.5),
        ("fastest", 3.0, 0.5),
    ]


def test_both_floors_and_their_ratios_are_told_side_by_side() -> None:
    floors = [_floor("200 kB"), _floor("200 kB", "fastest", 5.0)]
    text = markdown({"about": ABOUT, "loads": [_load("200 kB")], "floor": floors})
    assert (
        "| 200 kB, requests | 15.0 | 10.0 | 1.50 | 50.0 | 100 | 0.50 |\n| 200 kB, fastest" in text
    )


def test_more_processes_are_compared_with_one() -> None:
    two = _load("200 kB", workers=2) | {"acts_per_second": 75.0}
    text = markdown({"about": ABOUT, "scaling": [_load("200 kB", workers=1), two]})
    assert "| 200 kB, 1 | 20 | 20 | 50.0 | 1.00 |" in text
    assert "| 200 kB, 2 | 20 | 20 | 75.0 | 1.50 |" in text


def test_growth_is_told_from_the_first_level_to_the_last() -> None:
    step = {"cpu_ms": 4.0, "postgres_cpu_ms": 1.0}
    steps = {"steps": {"accept": step}}
    few = {"held": 1000, "reads_ms": {"all": 2.0}, "steps": steps, "load": _load("200 kB")}
    text = markdown({"about": ABOUT, "growth": [few, few | {"held": 9, "reads_ms": {"all": 3.0}}]})
    assert "| list of all: ms | 2.00 | 3.00 | 1.50 |" in text


def test_the_tables_come_in_the_order_of_the_questions() -> None:
    low = dict.fromkeys(("acts", "pause_s", "p50_s", "p99_s", "max_s"), 1.0)
    load = _load("200 kB")
    found = {"scaling": [load], "low_load": low, "floor": [_floor("200 kB")], "loads": [load]}
    text = markdown({"about": ABOUT} | found)
    heads = [line.split(":")[0].split(",")[0] for line in text.splitlines() if line[:3] == "## "]
    assert heads == [
        "## Whole service",
        "## Floors",
        "## Service against both floors",
        "## Waits at low load",
        "## Scaling",
    ]


def test_a_load_without_floor_is_compared_with_nothing() -> None:
    assert not list(ratios({"loads": [_load("5 MB")], "floor": [_floor("200 kB")]}))


def test_the_report_leaves_out_what_was_not_measured() -> None:
    text = markdown({"about": ABOUT, "loads": [_load("standard")]})
    assert "| standard | 2 | 20 | 20 | 660 |" in text
    assert "load average at the start: 0.10" in text
    assert "Floor" not in text


def test_every_section_has_its_table() -> None:
    step = dict.fromkeys(
        ("cpu_ms", "wall_ms", "postgres_cpu_ms", "statements", "begins", "commits", "syncs"), 2.0
    )
    steps = {"load": "200 kB", "steps": {"accept": step, "prepare": step}}
    level = {"held": 1000, "reads_ms": {"what waits": 1.5}, "steps": steps, "load": _load("200 kB")}
    turn = dict.fromkeys(
        (
            "looked_at",
            "wall_s",
            "cpu_s",
            "cpu_ms_per_act",
            "postgres_ms_per_act",
            "mock_ms_per_act",
        ),
        0.1,
    )
    found = {
        "about": ABOUT,
        "steps": [steps],
        "growth": [level],
        "collection": {"waiting": 1000, "fill_seconds": 2.0, "turns": [turn]},
        "at_rest": {"worker": 12.0, "scheduler": 8.0},
        "profile": {"sqlalchemy": 0.4, "all others": 0.6},
        "low_load": dict.fromkeys(("acts", "pause_s", "p50_s", "p99_s", "max_s"), 1.0),
        "memory": {"state": "acknowledged"}
        | dict.fromkeys(("archive_bytes", "idle_rss", "peak_rss", "growth"), 1024**2),
        "disk": {"file of 4 kB": {"p50_ms": 0.2, "p99_ms": 0.3}},
    }
    text = markdown(found)
    assert "| 200 kB, **sum** | 4.00 |" in text
    assert "| list of what waits: ms | 1.50 |" in text
    assert "| CPU ms/s | 12.0 | 8.00 |" in text
    assert "| all others | 60.0 |\n| sqlalchemy | 40.0 |" in text
    assert "turn 1 over 1,000 acts" in text
    assert "| acknowledged | 1.00 | 1.00 | 1.00 | 1.00 |" in text
