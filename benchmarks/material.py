"""Acts made from a seed: real one-page PDFs around bytes that do not compress."""

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_KB = 1000
_HEAD = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
    b"/Resources << /XObject << /I 5 0 R >> >> >>"
)
_DRAWN = b"q 400 0 0 400 100 200 cm /I Do Q"
_IMAGE = (
    b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
    b"/BitsPerComponent 8 /Length %d >>\nstream\n%s\nendstream"
)
_SMALLEST = 2 * _KB
_SPREAD = 0.6


@dataclass(frozen=True, slots=True)
class Load:
    """Acts of a mean size in bytes; ``annexed`` is the share of them that has an annex."""

    name: str
    count: int
    size: int
    is_random: bool = False
    annexed: float = 0.0


@dataclass(frozen=True, slots=True)
class MadeActe:
    """Files of one act, the act first."""

    numero: str
    files: tuple[Path, ...]


def standard_loads(acts: int) -> tuple[Load, ...]:
    """The three loads of a run, from the number of acts of the first."""
    return (
        Load("standard", acts, 660 * _KB, is_random=True, annexed=0.1),
        Load("200 kB", max(acts // 2, 20), 200 * _KB),
        Load("5 MB", max(acts // 10, 10), 5000 * _KB),
    )


def make_load(load: Load, folder: Path, prefix: str, seed: int) -> list[MadeActe]:
    """Write the files of a load; the same seed makes the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(f"{seed}:{load.name}:{prefix}")
    made = [_acte(load, folder, f"{prefix}{rank:06d}", chance) for rank in range(1, load.count + 1)]
    # Or the disk would still be writing them while the service waits for it.
    os.sync()
    return made


def sizes_of(load: Load, chance: random.Random) -> Sequence[int]:
    """Bytes of each file of one act: their sum has the mean of the load."""
    whole = int(_drawn(load.size, chance)) if load.is_random else load.size
    if chance.random() >= load.annexed:
        return [whole]
    return [whole - whole // 3, whole // 3]


def pdf_of(size: int, chance: random.Random) -> bytes:
    """A sound PDF of about ``size`` bytes, one page showing an image of noise."""
    side = max(1, int((max(size, _SMALLEST) - 900) ** 0.5))
    pixels = chance.randbytes(side * side)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        _PAGE,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(_DRAWN), _DRAWN),
        _IMAGE % (side, side, len(pixels), pixels),
    ]
    return _assembled(objects)


def _assembled(objects: Sequence[bytes]) -> bytes:
    parts, offsets, at = [_HEAD], [], len(_HEAD)
    for number, content in enumerate(objects, start=1):
        offsets.append(at)
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, content))
        at += len(parts[-1])
    lines = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    parts.append(
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (count, lines, count, at)
    )
    return b"".join(parts)


def _drawn(mean: int, chance: random.Random) -> float:
    # Log-normal, as sizes of documents are: many small, a few large.
    drawn = mean * chance.lognormvariate(-(_SPREAD**2) / 2, _SPREAD)
    return min(drawn, 20.0 * mean)


def _acte(load: Load, folder: Path, numero: str, chance: random.Random) -> MadeActe:
    files = []
    for rank, size in enumerate(sizes_of(load, chance)):
        path = folder / f"{numero}-{rank}.pdf"
        path.write_bytes(pdf_of(size, chance))
        files.append(path)
    return MadeActe(numero, tuple(files))
