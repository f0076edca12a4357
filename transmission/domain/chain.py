"""The chain of the journal, its Merkle trees and its anchors (docs/evidence.md [J1] to [A5]).

Digests are 32 bytes of SHA-256; what is canonical is bytes, written one way only.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

NO_LINK = bytes(32)
"""The link before the first."""

_LEAF, _NODE, _LINK = b"\x00", b"\x01", b"\x02"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the journal; ``at`` is aware UTC, ``details`` holds what JSON can."""

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


@dataclass(frozen=True, slots=True)
class Part:
    """What an anchor covers of an authority's chain [A1]: places, the last link, the root."""

    siren: str
    first: int
    last: int
    head: bytes
    root: bytes

    def canonical(self) -> bytes:
        """The part as its leaf holds it."""
        return _canonical(
            {
                "first": self.first,
                "head": self.head.hex(),
                "last": self.last,
                "root": self.root.hex(),
                "siren": self.siren,
            }
        )


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The way from a link to the header of an anchor [A5].

    ``link_path`` leads from the link to the root of ``part`` (canonical bytes), ``part_path`` from
    the part, of that rank (from 0), to the root of the header.
    """

    anchor: int
    part: bytes
    link_path: tuple[bytes, ...]
    part_rank: int
    part_path: tuple[bytes, ...]


def canonical_line(line: Line) -> bytes:
    """A line in its canonical form [J1]. Raises ValueError for what JSON cannot hold."""
    return _canonical(
        {
            "id": line.id,
            "siren": line.siren,
            "acte": line.acte,
            "transmission": line.transmission,
            "at": _instant(line.at),
            "event": line.event,
            "source": line.source,
            "target": line.target,
            "author": line.author,
            "reason": line.reason,
            "details": line.details,
        }
    )


def line_digest(canonical: bytes) -> bytes:
    """Digest of a canonical line [J2]."""
    return sha256(_LEAF + canonical).digest()


def next_link(before: bytes, place: int, digest: bytes) -> bytes:
    """The link of the line at a place (from 1), after the link before [J3]."""
    return sha256(_LINK + before + place.to_bytes(8, "big") + digest).digest()


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """Root of a Merkle tree (RFC 6962 §2.1) whose leaves hold these bytes.

    They are read once; what is held grows with the logarithm of their number.
    """
    # Roots of full trees, each less high than the one before it.
    full: list[bytes] = []
    for rank, content in enumerate(leaves):
        node, rest = _leaf(content), rank
        while rest & 1:
            node, rest = _node(full.pop(), node), rest >> 1
        full.append(node)
    if not full:
        return sha256().digest()
    root = full.pop()
    while full:
        root = _node(full.pop(), root)
    return root


def audit_paths(leaves: Iterable[bytes], ranks: Sequence[int]) -> list[tuple[bytes, ...]]:
    """Audit paths (RFC 6962 §2.1.1) of the leaves of those ranks (from 0), from the leaf upwards.

    Raises IndexError for a rank that the tree does not have.
    """
    level = [_leaf(content) for content in leaves]
    if any(not 0 <= rank < len(level) for rank in ranks):
        raise IndexError("no leaf of that rank")
    paths: list[list[bytes]] = [[] for _ in ranks]
    at = list(ranks)
    while len(level) > 1:
        for path, rank in zip(paths, at, strict=True):
            # The last of an odd number goes up alone.
            if rank ^ 1 < len(level):
                path.append(level[rank ^ 1])
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [_node(*pair) for pair in pairs] + (level[-1:] if len(level) & 1 else [])
        at = [rank >> 1 for rank in at]
    return [tuple(path) for path in paths]


def root_from(content: bytes, rank: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root to which a leaf of that rank leads in a tree of ``size`` leaves.

    None when the path is not that of such a leaf (RFC 9162 §2.1.3.2).
    """
    if not 0 <= rank < size:
        return None
    node, last = _leaf(content), size - 1
    for sibling in path:
        if not last:
            return None
        if rank & 1 or rank == last:
            node = _node(sibling, node)
            while not rank & 1 and rank:
                rank, last = rank >> 1, last >> 1
        else:
            node = _node(node, sibling)
        rank, last = rank >> 1, last >> 1
    return None if last else node


def header(at: datetime, number: int, previous: bytes | None, parts: Sequence[Part]) -> bytes:
    """The header of an anchor [A3]; ``previous`` is the header before, ``parts`` in any order."""
    return _canonical(
        {
            "at": _instant(at),
            "number": number,
            "parts": len(parts),
            "previous": sha256(previous).hexdigest() if previous is not None else NO_LINK.hex(),
            "root": tree_root(each.canonical() for each in in_order(parts)).hex(),
            "version": _VERSION,
        }
    )


def in_order(parts: Iterable[Part]) -> list[Part]:
    """Parts in the order of their leaves [A2]."""
    return sorted(parts, key=lambda each: each.siren)


def array_of(parts: Iterable[bytes]) -> bytes:
    """The canonical array of canonical parts [A4]."""
    return b"[" + b",".join(parts) + b"]"


def _canonical(content: dict[str, Any]) -> bytes:
    written = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return written.encode()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _leaf(content: bytes) -> bytes:
    return sha256(_LEAF + content).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()
