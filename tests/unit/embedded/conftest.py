import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import transmission
from transmission.embedded.accounts import Account
from transmission.embedded.processes import output_of, wait_until

PATIENCE_SECONDS = 30.0


@pytest.fixture
def folder(engines_root: str | None) -> Iterator[Path]:
    """Short enough for Unix sockets and, unlike tmp_path, open to PostgreSQL's account."""
    with tempfile.TemporaryDirectory(prefix="transmission-", dir=engines_root) as made:
        Path(made).chmod(0o711)
        yield Path(made)


@pytest.fixture
def long_folder(folder: Path) -> Path:
    """Too long for a Unix socket, and unfit for a URL."""
    deep = folder / f"Télétransmission, {'à la préfecture ' * 6}"
    deep.mkdir(mode=0o711)
    deep.chmod(0o711)
    return deep


@pytest.fixture
def processes_in() -> Callable[[Path], list[int]]:
    """The living processes that were given a folder, or work in it."""

    def search(directory: Path) -> list[int]:
        return [
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdecimal()
            and int(entry.name) != os.getpid()
            and _uses(entry, os.fsencode(directory))
        ]

    return search


@pytest.fixture
def becomes_empty(
    processes_in: Callable[[Path], list[int]],
) -> Callable[[Path], bool]:
    """Whether no process is left in a folder, after a moment."""
    return lambda directory: wait_until(lambda: not processes_in(directory), PATIENCE_SECONDS)


@pytest.fixture
def parent() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Runs a small program that starts engines, so that a test can kill it."""
    with ExitStack() as started:

        def run(script: str, *arguments: str | Path) -> subprocess.Popen[str]:
            popen = started.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", script, *map(str, arguments)],
                    stdout=subprocess.PIPE,
                    text=True,
                    start_new_session=True,
                )
            )
            started.callback(popen.kill)
            return popen

        yield run


@pytest.fixture
def nobody() -> Account:
    if os.geteuid() != 0:
        pytest.skip("only root can become another account")
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


@pytest.fixture
def run_as_nobody(nobody: Account, folder: Path) -> Callable[[str], str]:
    """Runs a script as `nobody`, at home in `folder`; what it prints."""
    os.chown(folder, nobody.uid, nobody.gid)
    python = _python_for(nobody)

    def run(script: str) -> str:
        answer = subprocess.run(
            [python, "-c", script, str(folder)],
            env={"PYTHONPATH": os.pathsep.join(_import_path()), "HOME": str(folder)},
            cwd=folder,
            user=nobody.uid,
            group=nobody.gid,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    return run


def _uses(process: Path, directory: bytes) -> bool:
    try:
        given = directory in (process / "cmdline").read_bytes()
        return given or directory in os.fsencode((process / "cwd").readlink())
    except OSError:
        return False


def _import_path() -> list[str]:
    project = Path(transmission.__file__).parent.parent
    return [str(project), *(part for part in sys.path if part.endswith("site-packages"))]


def _python_for(account: Account) -> str:
    """An interpreter of our version that `account` may run: ours may be in a closed folder."""
    version = "{}.{}".format(*sys.version_info)
    show = "import sys; print('{}.{}'.format(*sys.version_info))"
    for python in (sys.executable, f"/usr/bin/python{version}"):
        if (output_of([python, "-c", show], account) or "").strip() == version:
            return python
    pytest.skip(f"no Python {version} that the account {account.name} may run")
