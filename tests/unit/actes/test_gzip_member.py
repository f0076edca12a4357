import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.actes.gzip_member import GzipMember

pieces = st.lists(st.tuples(st.binary(max_size=2000), st.booleans()), max_size=12)


def _member(written: list[tuple[bytes, bool]]) -> bytes:
    out: list[bytes] = []
    member = GzipMember(out.append)
    for plain, compress in written:
        member.write(plain, compress=compress)
    member.close()
    return b"".join(out)


@given(pieces)
def test_stored_and_compressed_pieces_may_follow_each_other(
    written: list[tuple[bytes, bool]],
) -> None:
    raw = _member(written)
    assert gzip.decompress(raw) == b"".join(plain for plain, _ in written)
    assert raw == _member(written)


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65535 * 2, 200_000])
@pytest.mark.parametrize("compress", [True, False])
def test_pieces_of_every_size_come_back(size: int, compress: bool) -> None:
    plain = bytes(range(256)) * (size // 256 + 1)
    assert gzip.decompress(_member([(plain[:size], compress)])) == plain[:size]


def test_stored_blocks_have_these_bytes() -> None:
    raw = _member([(b"abc", False)])
    head, block = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", b"\x00\x03\x00\xfc\xffabc"
    check = zlib.crc32(b"abc").to_bytes(4, "little") + (3).to_bytes(4, "little")
    assert raw == head + block + b"\x01\x00\x00\xff\xff" + check


def test_text_is_compressed_and_noise_is_not_inflated(noise: Callable[[int], bytes]) -> None:
    assert len(_member([(b"conseil municipal " * 5000, True)])) < 2000
    assert len(_member([(noise(100_000), False)])) < 100_000 + 5 * 2 + 30
