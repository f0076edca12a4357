"""The reader that judges the compressor: whole gzip files and nothing else, a little at a time."""

import gzip
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.actes.gunzip import Gunzip
from transmission.actes.gzip_member import GzipMember

members = st.lists(st.tuples(st.binary(max_size=3000), st.integers(0, 9), st.integers(0, 9)))


def _plain(raw: bytes, most: int = 1 << 20) -> bytes:
    source = BytesIO(raw)
    gunzip = Gunzip(lambda size: source.read(min(size, most)))
    pieces = []
    while piece := gunzip.read():
        pieces.append(piece)
    assert gunzip.read() == b""
    assert source.read() == b"", "read to the very end"
    return b"".join(pieces)


@given(written=members.filter(bool), most=st.integers(1, 40))
def test_members_one_after_the_other_with_zeros_between_are_read_like_the_gzip_program(
    written: list[tuple[bytes, int, int]], most: int
) -> None:
    raw = b"".join(gzip.compress(plain, level) + bytes(zeros) for plain, level, zeros in written)
    assert _plain(raw, most) == gzip.decompress(raw) == b"".join(plain for plain, *_ in written)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 262_144, 262_145, 1_000_000])
@pytest.mark.parametrize("compress", [True, False])
def test_what_our_own_writer_makes_is_read_back(
    size: int, compress: bool, noise: Callable[[int], bytes]
) -> None:
    out: list[bytes] = []
    member = GzipMember(out.append)
    member.write(noise(size), compress=compress)
    member.close()
    assert _plain(b"".join(out)) == noise(size)


@pytest.mark.parametrize("cut", [1, 5, 15, -1])
def test_a_member_cut_short_is_never_the_end(cut: int) -> None:
    whole = gzip.compress(bytes(1000))
    with pytest.raises(EOFError):
        _plain(whole[:cut])
    with pytest.raises(EOFError):
        _plain(whole + whole[:cut])


def test_nothing_at_all_is_no_gzip_file() -> None:
    with pytest.raises(EOFError):
        _plain(b"")


@pytest.mark.parametrize(
    "raw", [b"no gzip at all", b"\0\0" + gzip.compress(b"zeros")], ids=["no gzip", "zeros first"]
)
def test_what_does_not_begin_as_gzip_is_refused(raw: bytes) -> None:
    with pytest.raises(zlib.error):
        _plain(raw)


@pytest.mark.parametrize("at", [-1, -5, 14])
def test_one_altered_bit_is_seen(at: int, noise: Callable[[int], bytes]) -> None:
    raw = bytearray(gzip.compress(noise(5000), 0))
    raw[at] ^= 1
    with pytest.raises((zlib.error, EOFError)):
        _plain(bytes(raw))


def test_a_bomb_comes_out_a_little_at_a_time() -> None:
    gunzip = Gunzip(BytesIO(gzip.compress(bytes(20_000_000))).read)
    sizes = []
    while piece := gunzip.read():
        sizes.append(len(piece))
    assert sum(sizes) == 20_000_000
    assert max(sizes) <= 256 * 1024
