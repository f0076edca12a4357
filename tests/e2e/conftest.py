"""The real program, in processes of its own and a folder of its own."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from transmission.embedded.processes import wait_until
from transmission.settings import PREFIX

PATIENCE = 120
"""Seconds after which a test gives up: a bound for failures, never a measure."""


@dataclass
class Program:
    """One run of ``transmission``, whose two streams go to one file."""

    process: subprocess.Popen[bytes]
    written: Path

    @property
    def said(self) -> str:
        return self.written.read_text(encoding="utf-8")

    def says(self, words: str) -> str:
        """All that it has said, once it says ``words``."""
        wait_until(lambda: words in self.said or self.process.poll() is not None, PATIENCE)
        assert words in self.said, self.said
        return self.said

    def ended(self) -> int:
        """Its exit code, waited for."""
        return self.process.wait(PATIENCE)

    def stop(self, number: signal.Signals) -> int:
        """Its exit code after a signal to it alone."""
        self.process.send_signal(number)
        return self.ended()


@dataclass
class Home:
    """The folder of an installation, and what was run on it."""

    path: Path
    started: list[Program] = field(default_factory=list)

    def start(self, *arguments: object, **settings: str) -> Program:
        """Run a command on this folder, under these settings and no other."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
        command = [sys.executable, "-m", "transmission.cli.main", "--home", str(self.path)]
        written = self.path.parent / f"{len(self.started)}.out"
        with written.open("wb") as output:
            process = subprocess.Popen(
                [*command, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=inherited | {f"{PREFIX}{k.upper()}": v for k, v in settings.items()},
            )
        self.started.append(Program(process, written))
        return self.started[-1]

    def run(self, *arguments: object) -> tuple[int, str]:
        """The exit code of a command, and what it said."""
        program = self.start(*arguments)
        return program.ended(), program.said

    def processes(self) -> dict[int, str]:
        """Processes that name this folder or work in it, with their command lines."""
        numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
        return {pid: command for pid in numbers if (command := self._command(pid))}

    def _command(self, pid: int) -> str | None:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = Path(f"/proc/{pid}/cwd").readlink()
        except OSError:
            return None
        return command if str(self.path) in command or place.is_relative_to(self.path) else None

    def becomes_deserted(self) -> bool:
        """Whether nothing runs there any more, within a bounded time."""
        return wait_until(lambda: not self.processes(), PATIENCE)


@pytest.fixture(scope="module")
def home(engines_root: str | None) -> Iterator[Home]:
    """A folder in a place that PostgreSQL's account can reach, so that everything stays in it."""
    with tempfile.TemporaryDirectory(prefix="transmission-", dir=engines_root) as folder:
        Path(folder).chmod(0o711)
        made = Home(Path(folder) / "home")
        try:
            yield made
        finally:
            for program in made.started:
                if program.process.poll() is None:
                    program.stop(signal.SIGTERM)
