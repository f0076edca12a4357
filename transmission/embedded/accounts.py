"""Under which system account PostgreSQL runs: it refuses root."""

import contextlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from transmission.embedded.errors import EngineUnavailableError

_KNOWN = ("postgres", "embedded_postgres")
_CREATED = "embedded_postgres"
# Root's own path may lack the system directories (`su` without a dash).
_SYSTEM_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int


def own_account() -> Account:
    """The account of this process. Raises EngineUnavailableError when its number has no name."""
    return _account_of(os.geteuid())


def owner_of(path: Path) -> Account:
    """The account that owns an existing `path`. Raises like `own_account`."""
    return _account_of(path.stat().st_uid)


def server_account() -> Account:
    """Ourselves, or for root an unprivileged account, created when the system has none.

    Raises EngineUnavailableError when it cannot be created.
    """
    if os.geteuid() != 0:
        return own_account()
    return _named_account() or _create_account()


def can_reach(account: Account, directory: Path) -> bool:
    """Whether the mode bits let `account` traverse `directory` and everything above it."""
    return all(
        _may_search(account, folder.stat()) for folder in (directory, *directory.resolve().parents)
    )


def _may_search(account: Account, status: os.stat_result) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def _account_of(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise EngineUnavailableError(
            f"PostgreSQL ne peut pas démarrer : le compte numéro {uid} n'a pas de nom sur ce "
            "système. Lancez le programme sous un compte déclaré dans /etc/passwd."
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _named_account() -> Account | None:
    for name in _KNOWN:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    return None


def _create_account() -> Account:
    shell = shutil.which("nologin", path=_SYSTEM_PATH) or "/bin/false"
    useradd = shutil.which("useradd", path=_SYSTEM_PATH) or "useradd"
    command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", shell]
    try:
        subprocess.run(  # noqa: S603
            [*command, "--home-dir", "/nonexistent", _CREATED], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise EngineUnavailableError(
            "PostgreSQL refuse de tourner sous root, et le compte système "
            f"« {_CREATED} » n'a pas pu être créé (useradd). Créez-le, ou lancez le programme "
            "sous un compte ordinaire."
        ) from error
    created = pwd.getpwnam(_CREATED)
    return Account(created.pw_name, created.pw_uid, created.pw_gid)
