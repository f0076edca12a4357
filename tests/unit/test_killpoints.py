"""A kill point stops its process dead, once, and only where it was asked to."""

import os
import signal
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


def test_a_point_lets_pass_as_many_times_as_it_is_told(tmp_path: Path) -> None:
    marker = tmp_path / "killed"
    assert _run(f"submit.after_post+1={marker}") == (0, "before\nafter\n")
    assert not marker.exists()
    both = f"somewhere.else+1={tmp_path / 'other'}\nsubmit.after_post+0={marker}"
    assert _run(both) == (-9, "before\n")
    assert marker.exists()


def test_a_point_may_freeze_its_process_instead(tmp_path: Path) -> None:
    marker = tmp_path / "frozen"
    command = [sys.executable, "-c", PROGRAM, f"stop:submit.after_post={marker}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as frozen:
        _, status = os.waitpid(frozen.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert marker.exists()
        frozen.send_signal(signal.SIGCONT)
        assert frozen.communicate(timeout=60)[0] == "before\nafter\n"
