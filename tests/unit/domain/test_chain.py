"""Canonical lines, links, Merkle trees and anchors, as docs/evidence.md says them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transmission.domain.chain import (
    NO_LINK,
    Line,
    Part,
    array_of,
    audit_paths,
    canonical_line,
    header,
    in_order,
    line_digest,
    next_link,
    root_from,
    tree_root,
)

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
LINE = Line(7, "123456782", 3, None, AT, "accepted", None, "accepted", "Secrétariat", None, {})
# Those of the reference implementation of Certificate Transparency (merkle_tree_test.cc).
LEAVES = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def _leaves(count: int) -> list[bytes]:
    return [rank.to_bytes(2, "big") * 16 for rank in range(count)]


def _recursive(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if len(leaves) < 2:
        return sha256(b"\0" + leaves[0]).digest() if leaves else sha256().digest()
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    halves = _recursive(leaves[:cut]) + _recursive(leaves[cut:])
    return sha256(b"\x01" + halves).digest()


def test_a_canonical_line_is_written_byte_for_byte_as_the_contract_says() -> None:
    line = replace(LINE, transmission=12, reason="« à\u2028revoir »", details={"z": 1, "é": [None]})
    assert canonical_line(line).decode() == (
        '{"acte":3,"at":"2026-03-02T08:00:00.000000Z","author":"Secrétariat",'
        '"details":{"z":1,"é":[null]},"event":"accepted","id":7,"reason":"« à\u2028revoir »",'
        '"siren":"123456782","source":null,"target":"accepted","transmission":12}'
    )


def test_the_same_instant_elsewhere_is_the_same_line() -> None:
    far = AT.astimezone(timezone(timedelta(hours=-4)))
    assert canonical_line(replace(LINE, at=far)) == canonical_line(LINE)


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_line(replace(LINE, details={"x": float("nan")}))


_details = st.dictionaries(
    st.text(max_size=5),
    st.recursive(st.none() | st.text() | st.integers() | st.booleans(), st.lists),
)


@settings(max_examples=30)
@given(_details, st.text())
def test_a_canonical_line_read_again_and_written_again_is_the_same(
    details: dict[str, Any], author: str
) -> None:
    line = replace(LINE, details=details, author=author)
    read = json.loads(canonical_line(line))
    again = replace(line, details=read["details"], author=read["author"])
    assert canonical_line(again) == canonical_line(line)
    assert read["author"] == author
    shuffled = dict(reversed(details.items()))
    assert canonical_line(replace(line, details=shuffled)) == canonical_line(line)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("id", 8),
        ("siren", "123456790"),
        ("acte", None),
        ("transmission", 1),
        ("at", AT + timedelta(microseconds=1)),
        ("event", "x"),
        ("source", "x"),
        ("target", None),
        ("author", "x"),
        ("reason", ""),
        ("details", {"a": 1}),
    ],
)
def test_no_field_of_a_line_changes_without_its_digest(name: str, other: object) -> None:
    changed = replace(LINE, **{name: other})
    assert line_digest(canonical_line(changed)) != line_digest(canonical_line(LINE))


def test_a_link_holds_the_link_before_the_place_and_the_digest() -> None:
    digest = line_digest(canonical_line(LINE))
    assert digest == sha256(b"\x00" + canonical_line(LINE)).digest()
    first = next_link(NO_LINK, 1, digest)
    assert first == sha256(b"\x02" + bytes(32) + bytes(7) + b"\x01" + digest).digest()
    assert len({first, next_link(NO_LINK, 2, digest), next_link(first, 1, digest)}) == 3


def test_roots_are_those_of_certificate_transparency() -> None:
    assert tree_root([]).hex() == sha256().hexdigest()
    found = [tree_root(LEAVES[:count]).hex() for count in range(1, 9)]
    assert tuple(found) == ROOTS


@pytest.mark.parametrize("count", range(71))
def test_every_leaf_of_a_tree_leads_to_its_root_and_no_other_does(count: int) -> None:
    leaves = _leaves(count)
    root = tree_root(iter(leaves))
    assert root == _recursive(leaves)
    paths = audit_paths(iter(leaves), range(count))
    for rank, (leaf, path) in enumerate(zip(leaves, paths, strict=True)):
        assert root_from(leaf, rank, count, path) == root
        assert root_from(b"another", rank, count, path) != root
        assert root_from(leaf, (rank + 1) % count, count, path) != root or count == 1
        assert root_from(leaf, rank, count, (*path, NO_LINK)) is None
        if path:
            assert root_from(leaf, rank, count, path[:-1]) is None


@pytest.mark.parametrize(("rank", "size"), [(-1, 1), (1, 1), (0, 0)])
def test_there_is_no_way_from_a_leaf_that_a_tree_does_not_have(rank: int, size: int) -> None:
    assert root_from(b"", rank, size, ()) is None
    with pytest.raises(IndexError):
        audit_paths(_leaves(size), [rank])


PARTS = [
    Part("200000008", 1, 2, b"\xaa" * 32, b"\xbb" * 32),
    Part("123456782", 3, 3, b"\xcc" * 32, b"\xdd" * 32),
]


def test_an_anchor_is_written_byte_for_byte_as_the_contract_says() -> None:
    low, high = (each.canonical() for each in in_order(PARTS))
    assert low.decode() == (
        f'{{"first":3,"head":"{"cc" * 32}","last":3,"root":"{"dd" * 32}","siren":"123456782"}}'
    )
    leaf_low, leaf_high = (sha256(b"\0" + each).digest() for each in (low, high))
    root = sha256(b"\x01" + leaf_low + leaf_high).hexdigest()
    first = header(AT, 1, None, PARTS)
    assert first.decode() == (
        f'{{"at":"2026-03-02T08:00:00.000000Z","number":1,"parts":2,"previous":"{"0" * 64}",'
        f'"root":"{root}","version":1}}'
    )
    second = json.loads(header(AT, 2, first, []))
    assert second["previous"] == sha256(first).hexdigest()
    assert second["root"] == sha256().hexdigest()


def test_the_parts_of_an_anchor_are_a_canonical_array() -> None:
    written = array_of(each.canonical() for each in PARTS)
    assert (
        written == json.dumps(json.loads(written), sort_keys=True, separators=(",", ":")).encode()
    )
    assert array_of([]) == b"[]"
