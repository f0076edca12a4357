"""A kill point stops its process dead, once, and only where it was asked to."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from transmission import killpoints
for setting in sys.argv[1:]:
    killpoints.arm(setting)
print("before", flush=True)
killpoints.reach("somewhere.else")
killpoints.reach("submit.after_post")
print("after", flush=True)
"""


def _run(*settings: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *settings],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout


def test_an_armed_point_kills_without_warning_once_and_leaves_its_mark(tmp_path: Path) -> None:
    marker = tmp_path / "killed=here"
    setting = f"submit.after_post={marker}"
    assert _run(setting) == (-9, "before\n")
    assert marker.exists()
    assert _run(setting) == (0, "before\nafter\n")


def test_points_are_inert_until_one_is_armed(tmp_path: Path) -> None:
    assert _run() == (0, "before\nafter\n")
    marker = tmp_path / "other"
    assert _run(f"submit.before_intent={marker}") == (0, "before\nafter\n")
    assert not marker.exists()
