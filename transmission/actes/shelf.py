"""Where the files of a container are put: under names made here, for those given are only labels.

Source: ACTES protocol §10 (quirks 18 and 20); field lessons on names that become paths.
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from transmission.actes.forms import UnreadableRetourError
from transmission.domain.texte import printable

FILES_MAX = 1_000
LABEL_MAX = 255
"""Characters of a label; a longer name loses its middle, for its end is its extension."""

_FOLDERS = re.compile(r"[/\\]")


@dataclass(slots=True)
class ShelvedFile:
    """A file being written; ``label`` is the name it came under, made one printable line."""

    label: str
    path: Path
    stream: BinaryIO
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def write(self, piece: bytes) -> None:
        """Add bytes. Raises OSError when the disk refuses."""
        self.stream.write(piece)
        self.digest.update(piece)


class Shelf:
    """A folder filled file by file, at most FILES_MAX of them; ``notes`` are in French."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened = 0
        self._last: ShelvedFile | None = None
        self._kept: dict[str, dict[bytes, Path]] = {}
        self.notes: list[str] = []

    def close(self) -> None:
        """Close the file that an error left open."""
        if self._last is not None:
            self._last.stream.close()

    def open(self, name: str | None) -> ShelvedFile:
        """A new file, to be kept or discarded. Raises UnreadableRetourError beyond FILES_MAX."""
        self._opened += 1
        if self._opened > FILES_MAX:
            raise UnreadableRetourError(f"Plus de {FILES_MAX} fichiers sont arrivés ensemble.")
        path = self._folder / f"{self._opened:04d}"
        label = _label(name or "") or f"sans nom {self._opened}"
        if name and label != name:
            self.notes.append(f"{name[:LABEL_MAX]!a} est rangé sous « {label} ».")
        self._last = ShelvedFile(label, path, path.open("xb"))
        return self._last

    def keep(self, file: ShelvedFile) -> None:
        """Close a file and give it its label; the same content under the same label is one file."""
        file.stream.close()
        same = self._kept.setdefault(file.label, {})
        if same.setdefault(file.digest.digest(), file.path) != file.path:
            file.path.unlink()

    def discard(self, file: ShelvedFile) -> None:
        """Close a file and forget it."""
        file.stream.close()
        file.path.unlink()

    def files(self) -> dict[str, Path]:
        """Paths of what was kept, by label. Different files of one label all get a rank, so that
        none of them passes for the one that a message names."""
        found = {label: next(iter(p.values())) for label, p in self._kept.items() if len(p) == 1}
        for label, paths in self._kept.items():
            if len(paths) > 1:
                self.notes.append(f"{len(paths)} fichiers différents portent le nom « {label} ».")
                for path in paths.values():
                    found[_free(label, found)] = path
        return found


def _label(name: str) -> str:
    last = _FOLDERS.split(name)[-1]
    shown = printable(last).strip()
    if shown in (".", ".."):
        return ""
    if len(shown) <= LABEL_MAX:
        return shown
    half = LABEL_MAX // 2
    return f"{shown[:half]}…{shown[-half:]}"


def _free(label: str, taken: dict[str, Path]) -> str:
    rank = 1
    while (numbered := f"{label} ({rank})") in taken:
        rank += 1
    return numbered
