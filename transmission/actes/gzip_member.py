"""One gzip member, without name or time, whose deflate blocks are stored or compressed at will.

Stored blocks are the same on every machine; compressed ones come from isal, and may change with
its version. Source: RFC 1951 (blocks), RFC 1952 (member).
"""

import struct
from collections.abc import Callable

from isal import isal_zlib

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_FINAL_EMPTY_BLOCK = b"\x01\x00\x00\xff\xff"

STORED_MAX = 65535
"""Bytes that a stored block holds at most: who writes multiples of it wastes none."""


class GzipMember:
    """Turns plain bytes into a gzip member, given piece by piece to ``sink``."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        self._sink = sink
        self._crc = 0
        self._length = 0
        self._deflater: isal_zlib.Compress | None = None
        sink(_HEADER)

    def write(self, plain: bytes, *, compress: bool) -> None:
        """Add plain bytes, in compressed or in stored blocks."""
        self._crc = isal_zlib.crc32(plain, self._crc)
        self._length += len(plain)
        if compress:
            self._deflate(plain)
        else:
            self._store(plain)

    def close(self) -> None:
        """End the member; nothing may be added afterwards."""
        self._end_deflated_blocks()
        trailer = struct.pack("<II", self._crc, self._length & 0xFFFFFFFF)
        self._sink(_FINAL_EMPTY_BLOCK + trailer)

    def _deflate(self, plain: bytes) -> None:
        if self._deflater is None:
            self._deflater = isal_zlib.compressobj(1, wbits=-15)
        self._sink(self._deflater.compress(plain))

    def _store(self, plain: bytes) -> None:
        self._end_deflated_blocks()
        view = memoryview(plain)
        for start in range(0, len(plain), STORED_MAX):
            piece = view[start : start + STORED_MAX]
            self._sink(struct.pack("<BHH", 0, len(piece), len(piece) ^ 0xFFFF) + piece)

    def _end_deflated_blocks(self) -> None:
        # A full flush ends on a whole byte, so that a stored block may follow.
        if self._deflater is not None:
            self._sink(self._deflater.flush(isal_zlib.Z_FULL_FLUSH))
            self._deflater = None
