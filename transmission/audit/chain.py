"""The chain of the journal and its anchors, read from the contract alone (docs/evidence.md).

What writes them is not imported here: the same mistake would agree with itself.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any, TypeVar

from transmission.domain.errors import TransmissionError

ZEROS = bytes(32)
"""What stands before the first link and the first header."""

LINE_KEYS = frozenset(
    {
        *("id", "siren", "acte", "transmission", "at", "event"),
        *("source", "target", "author", "reason", "details"),
    }
)
_PART_KEYS = frozenset({"first", "head", "last", "root", "siren"})
_HEADER_KEYS = frozenset({"at", "number", "parts", "previous", "root", "version"})
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_HEX = re.compile(r"[0-9a-f]{64}")
_SIREN = re.compile(r"[0-9]{9}")
_PLACE_MAX = 2**63

_Read = TypeVar("_Read", int, str)


class ContractError(TransmissionError):
    """Bytes are not what the contract of evidence says; the text says what is wrong (French)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the journal [J1]; ``at`` is aware UTC, ``raw`` the canonical bytes."""

    id: int
    siren: str
    acte: int | None
    transmission: int | None
    at: datetime
    event: str
    source: str | None
    target: str | None
    author: str
    reason: str | None
    details: dict[str, Any]
    raw: bytes

    @property
    def digest(self) -> bytes:
        """[J2]"""
        return line_digest(self.raw)


@dataclass(frozen=True, slots=True)
class Part:
    """What an anchor covers of one authority [A1]; places count from 1, both included."""

    siren: str
    first: int
    last: int
    head: bytes
    root: bytes
    raw: bytes

    @property
    def size(self) -> int:
        """How many links it covers."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Header:
    """The header of an anchor [A3]; ``at`` is aware UTC."""

    number: int
    at: datetime
    parts: int
    previous: bytes
    root: bytes
    raw: bytes

    @property
    def digest(self) -> bytes:
        """What the next header names, and what the time stamp covers."""
        return sha256(self.raw).digest()


def canonical(value: object) -> bytes:
    """The one spelling of a JSON value [J1]. Raises ValueError or TypeError for what has none."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def read_canonical(raw: bytes) -> Any:
    """The JSON value that bytes spell in the canonical way. Raises ContractError."""
    try:
        value = json.loads(raw.decode("utf-8"))
        same = canonical(value) == raw
    except (ValueError, RecursionError, TypeError) as error:
        raise ContractError(f"ce n'est pas du JSON en UTF-8 ({_short(error)})") from error
    if not same:
        raise ContractError("ce JSON n'est pas écrit sous sa forme canonique")
    return value


def read_instant(value: object) -> datetime:
    """An instant as [J1] writes it. Raises ContractError."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        except ValueError:
            pass
    raise ContractError(f"« {str(value)[:40]} » n'est pas un instant en UTC à six décimales")


def read_line(raw: bytes) -> Line:
    """A canonical line of the journal [J1]. Raises ContractError."""
    read = _object(raw, LINE_KEYS)
    if not isinstance(read["details"], dict):
        raise ContractError("« details » n'est pas un objet")
    return Line(
        id=_number(read, "id"),
        siren=_siren(read),
        acte=_optional(read, "acte", _number),
        transmission=_optional(read, "transmission", _number),
        at=read_instant(read["at"]),
        event=_text(read, "event"),
        source=_optional(read, "source", _text),
        target=_optional(read, "target", _text),
        author=_text(read, "author"),
        reason=_optional(read, "reason", _text),
        details=read["details"],
        raw=raw,
    )


def read_part(raw: bytes) -> Part:
    """A part of an anchor [A1]. Raises ContractError."""
    read = _object(raw, _PART_KEYS)
    first, last = _number(read, "first"), _number(read, "last")
    if last < first:
        raise ContractError(f"la part va de {first} à {last}")
    return Part(_siren(read), first, last, _digest(read, "head"), _digest(read, "root"), raw)


def read_parts(raw: bytes) -> tuple[Part, ...]:
    """The parts of an anchor [A4], sorted by SIREN, none twice. Raises ContractError."""
    read = read_canonical(raw)
    if not isinstance(read, list):
        raise ContractError("ce n'est pas une liste de parts")
    parts = tuple(read_part(canonical(each)) for each in read)
    if any(before.siren >= after.siren for before, after in pairwise(parts)):
        raise ContractError("les parts ne sont pas dans l'ordre des SIREN, une par collectivité")
    return parts


def read_header(raw: bytes) -> Header:
    """The header of an anchor [A3]. Raises ContractError."""
    read = _object(raw, _HEADER_KEYS)
    if read["version"] != 1 or isinstance(read["version"], bool):
        raise ContractError("la version de l'ancre n'est pas 1")
    number, parts = _number(read, "number"), _number(read, "parts", least=0)
    header = Header(
        number,
        read_instant(read["at"]),
        parts,
        _digest(read, "previous"),
        _digest(read, "root"),
        raw,
    )
    if number == 1 and header.previous != ZEROS:
        raise ContractError("la première ancre nomme une ancre avant elle")
    return header


def line_digest(raw: bytes) -> bytes:
    """SHA-256 of a canonical line after the byte 00 [J2]."""
    return sha256(b"\x00" + raw).digest()


def link_of(before: bytes, place: int, digest: bytes) -> bytes:
    """The link at a place (from 1) of an authority's chain [J3]."""
    return sha256(b"\x02" + before + place.to_bytes(8, "big") + digest).digest()


def tree_root(entries: Iterable[bytes]) -> bytes:
    """The Merkle root of RFC 6962 §2.1 over entries, each hashed as a leaf: links [J4], or the
    canonical parts of an anchor [A2]. Read once, with the memory of one branch."""
    branch: list[tuple[int, bytes]] = []
    for entry in entries:
        size, node = 1, _leaf(entry)
        while branch and branch[-1][0] == size:
            node = _node(branch.pop()[1], node)
            size *= 2
        branch.append((size, node))
    if not branch:
        return sha256(b"").digest()
    root = branch.pop()[1]
    while branch:
        root = _node(branch.pop()[1], root)
    return root


def root_by_path(entry: bytes, rank: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an audit path gives (RFC 6962 §2.1.1) for the entry of a rank (from 0) among
    ``size``. Raises ContractError when rank, size and length of the path cannot go together."""
    if not 0 <= rank < size:
        raise ContractError(f"le rang {rank} n'est pas parmi {size}")
    node, last, left = _leaf(entry), size - 1, list(reversed(path))
    while last:
        if rank % 2 or rank < last:
            if not left:
                raise ContractError("le chemin de preuve est trop court")
            node = _node(left.pop(), node) if rank % 2 else _node(node, left.pop())
        rank, last = rank // 2, last // 2
    if left:
        raise ContractError("le chemin de preuve est trop long")
    return node


def _leaf(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _object(raw: bytes, keys: frozenset[str]) -> dict[str, Any]:
    read = read_canonical(raw)
    if not isinstance(read, dict) or read.keys() != keys:
        raise ContractError(f"ce n'est pas un objet de clés {', '.join(sorted(keys))}")
    return read


def _number(read: dict[str, Any], key: str, least: int = 1) -> int:
    value = read[key]
    if type(value) is not int or not least <= value < _PLACE_MAX:
        raise ContractError(f"« {key} » n'est pas un nombre d'au moins {least}")
    return value


def _text(read: dict[str, Any], key: str) -> str:
    value = read[key]
    if not isinstance(value, str):
        raise ContractError(f"« {key} » n'est pas un texte")
    return value


def _siren(read: dict[str, Any]) -> str:
    siren = _text(read, "siren")
    if not _SIREN.fullmatch(siren):
        raise ContractError("« siren » n'est pas de neuf chiffres")
    return siren


def _digest(read: dict[str, Any], key: str) -> bytes:
    text = _text(read, key)
    if not _HEX.fullmatch(text):
        raise ContractError(f"« {key} » n'est pas une empreinte SHA-256 en hexadécimal")
    return bytes.fromhex(text)


def _optional(
    read: dict[str, Any], key: str, reader: Callable[[dict[str, Any], str], _Read]
) -> _Read | None:
    return None if read[key] is None else reader(read, key)


def _short(error: Exception) -> str:
    return str(error)[:80] or type(error).__name__
