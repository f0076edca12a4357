"""The chain and the trees, read from the contract alone: against RFC 6962 written naively here."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.audit import chain
from transmission.audit.chain import ContractError

LINE = (
    (
        '{"acte":3,"at":"2026-03-02T08:00:00.000000Z","author":"service","details":{"b":"é","a":1},'
        '"event":"accept","id":7,"reason":null,"siren":"123456782","source":null,"target":"accepted",'
        '"transmission":null}'
    )
    .replace('{"b":"é","a":1}', '{"a":1,"b":"é"}')
    .encode()
)
HEADER = {
    "at": "2026-03-02T08:00:00.000000Z",
    "number": 2,
    "parts": 1,
    "previous": "ab" * 32,
    "root": "cd" * 32,
    "version": 1,
}


def test_a_canonical_line_is_read():
    line = chain.read_line(LINE)
    assert (line.id, line.siren, line.acte, line.transmission) == (7, "123456782", 3, None)
    assert line.at.isoformat() == "2026-03-02T08:00:00+00:00"
    assert line.details == {"a": 1, "b": "é"}
    assert line.digest == sha256(b"\0" + LINE).digest()


@pytest.mark.parametrize(
    "raw",
    [
        LINE.replace(b'"acte":3', b'"acte": 3'),
        LINE.replace(b'"acte":3,', b"").replace(b'"id":7', b'"acte":3,"id":7'),
        LINE.replace("é".encode(), rb"\u00e9"),
        LINE.replace(b'{"a":1', b'{"a":1,"a":1'),
        LINE.replace(b'"a":1', b'"a":NaN'),
        LINE.replace(b'"a":1', rb'"a":"\ud800"'),
        LINE.replace(b'"a":1', b'"a":' + b"[" * 100_000),
        LINE.replace(b'"a":1', b'"a":' + b"9" * 5_000),
        LINE.replace(b"2026-03-02", b"2026-02-30"),
        LINE.replace(b".000000Z", b"Z"),
        LINE.replace(b'"id":7', b'"id":true'),
        LINE.replace(b'"id":7', b'"id":0'),
        LINE.replace(b'"event":"accept"', b'"event":null'),
        LINE.replace(b'"siren":"123456782"', b'"siren":"12345678"'),
        LINE.replace(b'{"a":1,"b":"\xc3\xa9"}', b"[]"),
        LINE.replace(b'"acte":3,', b'"acte":3,"actes":3,'),
        b"\xef\xbb\xbf" + LINE,
        LINE + b"\n",
        b"",
        b"[]",
        b"\xff",
    ],
)
def test_a_line_that_is_not_canonical_is_refused(raw):
    with pytest.raises(ContractError):
        chain.read_line(raw)


@given(st.binary(max_size=80))
def test_garbage_is_refused_and_nothing_else(raw):
    for read in (chain.read_line, chain.read_part, chain.read_parts, chain.read_header):
        try:
            read(raw)
        except ContractError:
            continue
        assert raw == b"[]"
        assert read is chain.read_parts


def test_a_link_is_made_of_the_one_before_its_place_and_its_line():
    expected = sha256(b"\x02" + bytes(32) + b"\0\0\0\0\0\0\0\x01" + b"d" * 32).digest()
    assert chain.link_of(chain.ZEROS, 1, b"d" * 32) == expected


def naive_root(leaves):
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return sha256(b"\x01" + naive_root(leaves[:cut]) + naive_root(leaves[cut:])).digest()


def naive_path(rank, leaves):
    if len(leaves) == 1:
        return []
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    if rank < cut:
        return [*naive_path(rank, leaves[:cut]), naive_root(leaves[cut:])]
    return [*naive_path(rank - cut, leaves[cut:]), naive_root(leaves[:cut])]


@pytest.mark.parametrize("size", range(18))
def test_roots_and_paths_are_those_of_the_rfc(size):
    leaves = [bytes([rank]) * 32 for rank in range(size)]
    root = naive_root(leaves)
    assert chain.tree_root(iter(leaves)) == root
    for rank, leaf in enumerate(leaves):
        path = naive_path(rank, leaves)
        assert chain.root_by_path(leaf, rank, size, path) == root
        with pytest.raises(ContractError):
            chain.root_by_path(leaf, rank, size, [*path, b"x" * 32])
        if path:
            with pytest.raises(ContractError):
                chain.root_by_path(leaf, rank, size, path[:-1])
            altered = [*path[:-1], b"x" * 32]
            assert chain.root_by_path(leaf, rank, size, altered) != root
    with pytest.raises(ContractError):
        chain.root_by_path(b"", size, size, [])


def test_a_header_is_read_and_names_the_one_before():
    raw = chain.canonical(HEADER)
    header = chain.read_header(raw)
    assert (header.number, header.parts, header.previous.hex()) == (2, 1, "ab" * 32)
    assert header.digest == sha256(raw).digest()


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"version": True},
        {"number": 0},
        {"number": 1},
        {"parts": -1},
        {"root": "CD" * 32},
        {"at": "2026-03-02"},
        {"more": 1},
    ],
)
def test_a_header_out_of_the_contract_is_refused(changes):
    with pytest.raises(ContractError):
        chain.read_header(chain.canonical(HEADER | changes))


def part(siren, first=1, last=4):
    return {"first": first, "head": "ab" * 32, "last": last, "root": "cd" * 32, "siren": siren}


def test_parts_are_read_in_the_order_of_authorities():
    raw = chain.canonical([part("123456782", 3, 4), part("210000012")])
    parts = chain.read_parts(raw)
    assert [each.siren for each in parts] == ["123456782", "210000012"]
    assert parts[0].size == 2
    assert json.loads(parts[0].raw) == part("123456782", 3, 4)


@pytest.mark.parametrize(
    "parts",
    [
        [part("210000012"), part("123456782")],
        [part("123456782"), part("123456782")],
        [part("123456782", 4, 3)],
        [1],
        {"parts": []},
    ],
)
def test_parts_out_of_order_or_out_of_the_contract_are_refused(parts):
    with pytest.raises(ContractError):
        chain.read_parts(chain.canonical(parts))
