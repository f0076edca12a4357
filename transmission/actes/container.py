"""What an inbox gives, opened: an archive (S²LOW) or a mail (direct route), told by its content.

Source: ACTES protocol §3.1, §7.3, §8, §10 (quirks 18 to 21).
"""

import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from transmission.actes.archive import BoundedTar, HostileArchiveError
from transmission.actes.forms import UnreadableRetourError
from transmission.actes.mail import take_apart
from transmission.actes.shelf import FILES_MAX, Shelf

RAW_MAX = 220 * 1024 * 1024
"""Bytes of a container as it came: an archive of the largest size, in base64, makes 210 MiB."""
CONTENT_MAX = 512 * 1024 * 1024
"""Bytes of all that an archive unpacks to."""

_GZIP = b"\x1f\x8b"
_HEADERS_MAX = 3 * FILES_MAX
_LONG_NAME_MAX = 64 * 1024
_LENGTH_MAX = 8
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_EXTENDED = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The files of a container, by the name that each came under, as one printable line.

    ``notes`` say in French what was renamed, damaged or left out.
    """

    files: dict[str, Path]
    notes: tuple[str, ...]


def unpack(raw: Path, folder: Path) -> Unpacked:
    """Put every file of a container in ``folder``, which is empty, under names made here.

    Streams: memory does not grow with the container, of RAW_MAX bytes at most. The words of a
    mail are no file. Raises UnreadableRetourError for whatever cannot be opened or passes the
    bounds, ``folder`` then holding what was read before; OSError when the disk refuses.
    """
    if raw.stat().st_size > RAW_MAX:
        raise UnreadableRetourError(
            f"Ce qui est arrivé fait {raw.stat().st_size} octets, plus que les {RAW_MAX} permis : "
            "cela n'a pas été ouvert."
        )
    with closing(Shelf(folder)) as shelf, raw.open("rb") as stream:
        if stream.read(len(_GZIP)) == _GZIP:
            stream.seek(0)
            _unpack_archive(stream, shelf)
        else:
            stream.seek(0)
            take_apart(stream, shelf)
        return Unpacked(shelf.files(), tuple(shelf.notes))


def _unpack_archive(stream: BinaryIO, shelf: Shelf) -> None:
    try:
        for name, content in _archived(BoundedTar(stream, RAW_MAX, CONTENT_MAX)):
            file = shelf.open(name)
            for chunk in content:
                file.write(chunk)
            shelf.keep(file)
    except HostileArchiveError as error:
        raise UnreadableRetourError(str(error)) from error


def _archived(tar: BoundedTar) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Files of an archive, whatever the dialect of its long or accented names."""
    long_name, headers = "", 0
    while (header := tar.header()) is not None:
        headers += 1
        if headers > _HEADERS_MAX:
            raise HostileArchiveError(f"L'archive contient plus de {_HEADERS_MAX} en-têtes.")
        if header.type == tarfile.GNUTYPE_LONGNAME:
            long_name = _small(tar, header).rstrip(b"\0").decode("utf-8", "replace")
        elif header.type in _EXTENDED:
            long_name = _pax_path(_small(tar, header)) or long_name
        elif header.type == tarfile.XGLTYPE:
            _small(tar, header)
        elif header.type in _FILES:
            yield (long_name or header.name).removeprefix("./"), tar.content(header.size)
            long_name = ""
        elif header.type == tarfile.DIRTYPE:
            long_name = ""
        else:
            raise HostileArchiveError(
                f"Dans l'archive, {header.name!a} n'est pas un fichier ordinaire."
            )


def _small(tar: BoundedTar, header: tarfile.TarInfo) -> bytes:
    if header.size > _LONG_NAME_MAX:
        raise HostileArchiveError("L'archive a un en-tête de fichier démesuré.")
    return b"".join(tar.content(header.size))


def _pax_path(records: bytes) -> str:
    """The name in an extended header: lines of « length key=value » (POSIX pax)."""
    found, at = "", 0
    while at < len(records):
        space = records.find(b" ", at, at + _LENGTH_MAX)
        length = records[at:space] if space > at else b""
        end = at + int(length) if length.isdigit() else 0
        if not at < space < end <= len(records):
            raise HostileArchiveError("L'archive a un en-tête de fichier illisible.")
        key, _, value = records[space + 1 : end].partition(b"=")
        if key == b"path":
            found = value.rstrip(b"\n").decode("utf-8", "replace")
        elif key == b"size":
            raise HostileArchiveError("L'archive annonce un fichier de plus de 8 Go.")
        at = end
    return found
