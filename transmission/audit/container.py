"""The container of a dossier: a ZIP in which every byte is either content or foretold.

Headers are not interpreted with tolerance: they are made again from the few values that they carry
(name, CRC, size, place) and compared byte by byte. Members are stored, since deflated bytes may
change without their content changing. Source: [D1]; PKWARE APPNOTE 6.3.10 §4.3.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import SEEK_END
from typing import BinaryIO

from transmission.audit.dossier_report import Findings

MIMETYPE = "mimetype"
MIME = b"application/vnd.etsi.asic-e+zip"
MEMBERS_MAX = 20_000
DIRECTORY = "répertoire central"
END = "fin du conteneur"

_CHUNK = 1 << 18
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_FAR_END, _FAR_LOCATOR = b"PK\x06\x06", b"PK\x06\x07"
_LOCAL_SIZE, _CENTRAL_SIZE, _END_SIZE, _FAR_SIZE = 30, 46, 22, 76
_NEAR = 2**31 - 1
"""A place beyond which ZIP64 is written."""
_FULL = 0xFFFFFFFF
_FAR_SEARCH = 1 << 16
"""Bytes at the end of the file among which its end is looked for."""
_VERSION, _FAR_VERSION, _UNIX, _DATE = 20, 45, 3 << 8, 0x21
_ATTRIBUTES = 0o600 << 16
_NAME = re.compile(rb"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the container: its bytes are those from ``start`` in the container."""

    name: str
    start: int
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Container:
    """The members that could be read, in order, and the open file that holds them."""

    file: BinaryIO
    members: dict[str, Member]

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member, in pieces. Raises KeyError."""
        member = self.members[name]
        return _window(self.file, member.start, member.size)

    def read(self, name: str) -> bytes:
        """All the bytes of a member: for those whose size is known to be small."""
        return b"".join(self.chunks(name))


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a header carries; all the rest of it is foretold."""

    name: bytes
    crc: int
    size: int
    place: int

    @property
    def label(self) -> str:
        return self.name.decode("ascii", "backslashreplace")

    @property
    def content(self) -> int:
        return self.place + _LOCAL_SIZE + len(self.name)

    def local(self) -> bytes:
        return _LOCAL + struct.pack("<H", _VERSION) + self._common(b"") + self.name

    def central(self) -> bytes:
        far = self.place > _NEAR
        version = _FAR_VERSION if far else _VERSION
        extra = struct.pack("<HHQ", 1, 8, self.place) if far else b""
        head = _CENTRAL + struct.pack("<HH", _UNIX | version, version) + self._common(extra)
        rest = struct.pack("<HHHII", 0, 0, 0, _ATTRIBUTES, _FULL if far else self.place)
        return head + rest + self.name + extra

    def _common(self, extra: bytes) -> bytes:
        # Neither flag nor compression; the day is 1 January 1980, at midnight.
        fields = (0, 0, 0, _DATE, self.crc, self.size, self.size, len(self.name), len(extra))
        return struct.pack("<HHHHIIIHH", *fields)


def open_container(
    file: BinaryIO, findings: Findings, read: Callable[[int], None] = lambda _bytes: None
) -> Container:
    """Read the whole of a seekable file once, in pieces; ``read`` is told how many bytes were.

    What departs from [D1] is a fault of ``findings`` at its place; members whose bytes can be
    told apart nevertheless are given. Raises OSError alone.
    """
    container = Container(file, {})
    directory = _read_end(file, findings)
    if directory is None:
        return container
    entries = _entries(file, directory, findings)
    _require_names(entries, findings)
    place = moved = reached = 0
    for entry in entries:
        if entry.place != place:
            findings.fault(DIRECTORY, f"« {entry.label} » n'est pas à sa place.", entry.place)
        place = entry.content + entry.size
        if not moved and not _is_at(file, entry, 0):
            moved = directory.shift
            if moved:
                said = "des octets ont été ajoutés ou retirés avant, ou dedans."
                findings.fault(f"en-tête de {entry.label}", said, entry.place)
        # Each byte is read for one member at most: overlapping members are how a small file bursts.
        if entry.place < reached or entry.place + moved < 0 or place + moved > directory.start:
            findings.fault(entry.label, "ce membre déborde de sa place dans le fichier.")
            continue
        reached = place
        _check_local(file, entry, moved, findings)
        container.members.setdefault(entry.label, _member(file, entry, moved, findings, read))
    if place + directory.shift != directory.start:
        said = "il ne suit pas immédiatement le dernier membre."
        findings.fault(DIRECTORY, said, min(place, directory.start))
    return container


@dataclass(frozen=True, slots=True)
class _Directory:
    """Where the central directory is, and by how much that is not where it should be."""

    start: int
    end: int
    count: int
    shift: int


def _read_end(file: BinaryIO, findings: Findings) -> _Directory | None:
    length = _length(file, findings)
    tail = _bytes_at(file, max(0, length - _FAR_SIZE - _END_SIZE), length)
    end = tail[-_END_SIZE:]
    if len(end) < _END_SIZE or not end.startswith(_END):
        said = "le fichier est tronqué, ou n'est pas un conteneur ASiC."
        findings.fault(END, said, length - len(end))
        return None
    count, size, start = struct.unpack_from("<HII", end, 10)
    if tail[_FAR_SIZE - 20 :].startswith(_FAR_LOCATOR):
        size, start = struct.unpack_from("<QQ", tail, 40)
        end = tail
    at = length - len(end)
    foretold = _foretold_end(count, start, size)
    if end != foretold:
        where = at + _first_difference(end, foretold)
        findings.fault(END, "cet octet n'est pas celui attendu.", where)
    return _directory_at(file, start, size, at, count, findings)


def _length(file: BinaryIO, findings: Findings) -> int:
    """How long the file is, less what follows its end."""
    length = file.seek(0, SEEK_END)
    searched = max(0, length - _FAR_SEARCH)
    found = _bytes_at(file, searched, length).rfind(_END)
    end = searched + found + _END_SIZE
    if found < 0 or end >= length:
        return length
    findings.fault(END, f"{length - end} octets suivent la fin.", end)
    return end


def _directory_at(
    file: BinaryIO, start: int, size: int, at: int, count: int, findings: Findings
) -> _Directory | None:
    """The central directory: where it is told, else just before its end."""
    places = [each for each in (start, at - size) if 0 <= each < at]
    heads = (each for each in places if _bytes_at(file, each, each + 4) == _CENTRAL)
    found = next(heads, None)
    if found is None or count > MEMBERS_MAX:
        findings.fault(END, "le répertoire central n'est pas là où il est annoncé.", at)
        return None
    if found + size != at or found != start:
        said = f"le répertoire central est à l'octet {found}, au lieu de {start}"
        findings.fault(END, f"{said} : des octets ont été ajoutés ou retirés.", at)
    return _Directory(found, at, count, found - start)


def _foretold_end(count: int, start: int, size: int) -> bytes:
    """What follows a central directory of ``size`` bytes from ``start``."""
    end = struct.pack("<HHHHIIH", 0, 0, count, count, min(size, _FULL), min(start, _FULL), 0)
    if start <= _NEAR:
        return _END + end
    versions = (44, _FAR_VERSION, _FAR_VERSION)
    far = struct.pack("<QHHIIQQQQ", *versions, 0, 0, count, count, size, start)
    return _FAR_END + far + _FAR_LOCATOR + struct.pack("<IQI", 0, start + size, 1) + _END + end


def _entries(file: BinaryIO, directory: _Directory, findings: Findings) -> list[_Entry]:
    raw, start = _bytes_at(file, directory.start, directory.end), directory.start
    entries: list[_Entry] = []
    at = 0
    while at < len(raw):
        entry = _central_entry(raw, at)
        if entry is None:
            findings.fault(DIRECTORY, "cet en-tête est illisible.", start + at)
            return entries
        foretold = entry.central()
        found = raw[at : at + len(foretold)]
        if found != foretold:
            where = start + at + _first_difference(found, foretold)
            said = f"l'en-tête de « {entry.label} » n'est pas celui attendu."
            findings.fault(DIRECTORY, said, where)
        entries.append(entry)
        at += len(foretold)
    if len(entries) != directory.count:
        said = f"{directory.count} membres sont annoncés, {len(entries)} sont décrits."
        findings.fault(END, said)
    return entries


def _central_entry(raw: bytes, at: int) -> _Entry | None:
    if len(raw) - at < _CENTRAL_SIZE or raw[at : at + 4] != _CENTRAL:
        return None
    crc, size, _size, name = struct.unpack_from("<IIIH", raw, at + 16)
    (place,) = struct.unpack_from("<I", raw, at + 42)
    end = at + _CENTRAL_SIZE + name
    found = raw[at + _CENTRAL_SIZE : end]
    if place == _FULL and len(raw) >= end + 12:
        (place,) = struct.unpack_from("<Q", raw, end + 4)
    return _Entry(found, crc, size, place) if name and len(found) == name else None


def _require_names(entries: list[_Entry], findings: Findings) -> None:
    seen: set[bytes] = set()
    for entry in entries:
        if not _NAME.fullmatch(entry.name) or b".." in entry.name:
            findings.fault(entry.label, "ce nom n'est pas permis dans un dossier.")
        if entry.name.lower() in seen:
            findings.fault(entry.label, "ce nom est deux fois dans le conteneur.")
        seen.add(entry.name.lower())
    if entries and entries[0].name != MIMETYPE.encode():
        findings.fault(MIMETYPE, "ce n'est pas le premier membre du conteneur.")


def _is_at(file: BinaryIO, entry: _Entry, moved: int) -> bool:
    return _bytes_at(file, entry.place + moved, entry.content + moved) == entry.local()


def _check_local(file: BinaryIO, entry: _Entry, moved: int, findings: Findings) -> None:
    if not _is_at(file, entry, moved):
        found = _bytes_at(file, entry.place + moved, entry.content + moved)
        where = entry.place + moved + _first_difference(found, entry.local())
        said = "cet octet de son en-tête n'est pas celui attendu."
        findings.fault(f"en-tête de {entry.label}", said, where)


def _member(
    file: BinaryIO, entry: _Entry, moved: int, findings: Findings, read: Callable[[int], None]
) -> Member:
    digest, crc, start = sha256(), 0, entry.content + moved
    for chunk in _window(file, start, entry.size):
        digest.update(chunk)
        crc = zlib.crc32(chunk, crc)
        read(len(chunk))
    if crc != entry.crc:
        where = f"octets {start} à {start + entry.size} du fichier"
        findings.fault(entry.label, f"le contenu n'est pas celui annoncé ({where}).")
    if entry.name == MIMETYPE.encode() and digest.digest() != sha256(MIME).digest():
        findings.fault(MIMETYPE, f"le contenu n'est pas « {MIME.decode()} ».")
    return Member(entry.label, start, entry.size, digest.digest())


def _first_difference(found: bytes, foretold: bytes) -> int:
    pairs = zip(found, foretold, strict=False)
    different = (at for at, (one, other) in enumerate(pairs) if one != other)
    return next(different, min(len(found), len(foretold)))


def _bytes_at(file: BinaryIO, start: int, end: int) -> bytes:
    return b"".join(_window(file, start, end - start))


def _window(file: BinaryIO, start: int, size: int) -> Iterator[bytes]:
    left = size
    while left > 0:
        file.seek(start + size - left)
        chunk = file.read(min(left, _CHUNK))
        if not chunk:
            return
        left -= len(chunk)
        yield chunk
