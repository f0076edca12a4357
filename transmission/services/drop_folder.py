"""A folder watched for batches: what is complete is handed over, then moved aside with its report.

The report is written in the folder of the batch, made durable, and goes with it in one rename in
the same file system: at whatever moment the process is killed, the batch is either still to be
handed over, which doubles nothing, or away with its report. Nothing is deleted, no link followed.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from transmission.domain.batch_files import MANIFESTS, READY, REPORT
from transmission.domain.batch_report import BatchReport
from transmission.domain.errors import TransmissionError
from transmission.domain.texte import printable

ARRIVED, DONE, REFUSED = "arrivee", "fait", "refuse"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_REPORTS = (f"{REPORT}.txt", f"{REPORT}.json")

Look = frozenset[tuple[str, int, int, int, int, int]]
"""What a folder held: name, number, kind, size, times of its last changes, of each entry."""


class DropFolderError(TransmissionError):
    """The folder cannot be watched as it is; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What lies in ``arrivee`` and is not handed over, and why (French)."""

    nom: str
    why: str


@dataclass(slots=True)
class DropFolder:
    """A folder with its three, and what it held at the last look.

    ``settle``: seconds for which nothing of a batch must have changed, without ``.pret``.
    """

    root: Path
    settle: float
    _since: dict[str, tuple[Look, float]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make what is missing of the three folders. Raises DropFolderError, OSError."""
        for name in (ARRIVED, DONE, REFUSED):
            with contextlib.suppress(FileExistsError):
                (self.root / name).mkdir(mode=0o770)
        devices = set()
        for name in (ARRIVED, DONE, REFUSED):
            path = self.root / name
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode):
                raise DropFolderError(
                    f"{path} n'est pas un dossier (un lien n'est pas suivi). Remplacez-le par un "
                    "vrai dossier, puis relancez."
                )
            if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
                raise DropFolderError(
                    f"Ce compte n'a pas le droit de lire et d'écrire dans {path}. Donnez-lui ces "
                    "droits, puis relancez."
                )
            devices.add(found.st_dev)
        if len(devices) > 1:
            raise DropFolderError(
                f"Les dossiers {ARRIVED}, {DONE} et {REFUSED} de {self.root} ne sont pas sur le "
                "même disque : un lot ne pourrait y être déplacé d'un coup. Mettez-les ensemble, "
                "puis relancez."
            )

    def complete(self, now: float) -> tuple[list[str], list[Waiting]]:
        """Names of the batches to hand over, and what waits; ``now`` is a monotonic clock.

        Raises OSError when the folder itself cannot be read.
        """
        ready: list[str] = []
        waiting: list[Waiting] = []
        names = sorted(path.name for path in (self.root / ARRIVED).iterdir())
        self._since = {name: seen for name, seen in self._since.items() if name in names}
        for name in names:
            if name.startswith("."):
                continue
            try:
                why = self._why_not(name, now)
            except FileNotFoundError:
                continue
            except OSError as error:
                why = f"ne peut pas être lu ({error.strerror}) : un lot est un dossier lisible"
            if why is None:
                ready.append(name)
            else:
                waiting.append(Waiting(name, why))
        return ready, waiting

    def _why_not(self, name: str, now: float) -> str | None:
        if not stat.S_ISDIR((self.root / ARRIVED / name).lstat().st_mode):
            return (
                "laissé de côté : un lot est un dossier, avec son manifeste (un lien n'en est pas)"
            )
        if not os.access(self.root / ARRIVED / name, os.R_OK | os.W_OK | os.X_OK):
            # Its report could not be written, nor could it be moved.
            return "n'est pas modifiable : donnez à ce compte le droit d'écrire dans ce dossier"
        with self.opened(ARRIVED, name) as folder:
            look = look_at(folder)
        seen, since = self._since.get(name, (None, now))
        if seen != look:
            since = now
        self._since[name] = (look, since)
        kinds = {entry[0]: entry[2] for entry in look}
        if stat.S_ISREG(kinds.get(READY, 0)):
            return None
        if not any(manifest in kinds for manifest in MANIFESTS):
            return f"attend son manifeste ({' ou '.join(MANIFESTS)})"
        return None if now - since >= self.settle else "attend la fin de son écriture"

    def holds(self, name: str) -> bool:
        """Whether something of that name lies in ``arrivee``."""
        return os.path.lexists(self.root / ARRIVED / name)

    @contextmanager
    def opened(self, place: str, name: str) -> Iterator[int]:
        """A descriptor of a batch. Raises OSError, for a link among others."""
        folder = os.open(self.root / place / name, _FOLDER)
        try:
            yield folder
        finally:
            os.close(folder)

    def stow(self, name: str, folder: int, before: Look, report: BatchReport) -> Path | None:
        """Move a batch aside with its report; its place, None when it changed meanwhile and stays.

        ``before`` is what it held when it was read. Raises OSError.
        """
        if look_at(folder) != before:
            return None
        write_report(folder, report)
        target = REFUSED if report.refused else DONE
        place = self._free(target, name)
        source = self.root / ARRIVED / name
        source.rename(place)
        if look_at(folder) != before or not os.path.samestat(os.fstat(folder), place.lstat()):
            # What came between the look and the move would be taken for handed over.
            place.rename(source)
            return None
        for each in (target, ARRIVED):
            self._make_durable(each)
        return place

    def unreported(self) -> Iterator[tuple[str, str]]:
        """Place and name of the batches moved aside whose report is missing."""
        for place in (DONE, REFUSED):
            for entry in sorted(os.scandir(self.root / place), key=lambda each: each.name):
                if not entry.is_dir(follow_symlinks=False) or entry.name.startswith("."):
                    continue
                with self.opened(place, entry.name) as folder:
                    reported = _names(folder).issuperset(_REPORTS)
                if not reported:
                    yield place, entry.name

    def _free(self, place: str, name: str) -> Path:
        """A name that nothing has there: a rename would replace an empty folder."""
        number = 1
        path = self.root / place / name
        while os.path.lexists(path):
            number += 1
            path = self.root / place / f"{name} ({number})"
        return path

    def _make_durable(self, place: str) -> None:
        folder = os.open(self.root / place, _FOLDER)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def look_at(folder: int) -> Look:
    """What a folder holds, our reports excepted. No link is followed. Raises OSError."""
    found = set()
    for name in _names(folder):
        if name.startswith((f"{REPORT}.", f".{REPORT}.")):
            continue
        with contextlib.suppress(FileNotFoundError):
            seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
            times = (seen.st_mtime_ns, seen.st_ctime_ns)
            found.add((name, seen.st_ino, seen.st_mode, seen.st_size, *times))
    return frozenset(found)


def _names(folder: int) -> set[str]:
    return set(os.listdir(folder))


def write_report(folder: int, report: BatchReport) -> None:
    """Write both reports in a folder, whole or not at all, durable on return. Raises OSError."""
    for name, content in zip(_REPORTS, (report.as_text(), report.as_json()), strict=True):
        _write(folder, name, content)
    os.fsync(folder)


def _write(folder: int, name: str, content: bytes) -> None:
    number = 0
    while True:
        try:
            temporary = f".{name}.{number}"
            opened = os.open(
                temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640, dir_fd=folder
            )
            break
        except FileExistsError:
            # Left by a process that was killed: nothing is deleted here.
            number += 1
    with os.fdopen(opened, "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def shown(name: str) -> str:
    """The name of a batch as it can be shown."""
    return f"« {printable(name)} »"
