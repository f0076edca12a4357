"""The archive that was sent, opened by the standard library alone: its members, in order.

Source: ACTES protocol §3.1.
"""

import gzip
import tarfile
import zlib
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from transmission.domain.errors import TransmissionError

CONTENT_MAX = 2 * 1024**3
MEMBERS_MAX = 2000
KEPT_MAX = 1024 * 1024
"""Bytes of the largest XML member that is given whole."""

_BLOCK = 1 << 18


class UnreadableArchiveError(TransmissionError):
    """Bytes are not an archive of plain files; the text says why (French)."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive; ``content`` is empty but for small XML."""

    name: str
    size: int
    sha256: str
    content: bytes


def members_of(source: IO[bytes]) -> tuple[Member, ...]:
    """The members of a ``.tar.gz``, in order. Raises UnreadableArchiveError, OSError."""
    found: list[Member] = []
    left = CONTENT_MAX
    try:
        with tarfile.open(fileobj=source, mode="r|gz") as archive:
            for header in archive:
                left -= header.size
                if left < 0 or len(found) >= MEMBERS_MAX:
                    raise UnreadableArchiveError("L'archive se déplie sans fin.")
                found.append(_member(archive, header))
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise UnreadableArchiveError("L'archive n'est pas un .tar.gz entier.") from error
    return tuple(found)


def _member(archive: tarfile.TarFile, header: tarfile.TarInfo) -> Member:
    stream = archive.extractfile(header) if header.isreg() else None
    if stream is None:
        raise UnreadableArchiveError(f"« {header.name[:100]} » n'est pas un fichier ordinaire.")
    keeps = header.size <= KEPT_MAX and header.name.lower().endswith(".xml")
    digest, content = sha256(), b""
    while block := stream.read(_BLOCK):
        digest.update(block)
        content += block if keeps else b""
    return Member(header.name, header.size, digest.hexdigest(), content)
