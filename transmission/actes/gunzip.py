"""The plain bytes of a gzip file that nobody trusts, inflated by the standard library.

Whoever reads an archive again after :class:`GzipMember` wrote it must share nothing with it: not
its stored blocks, not isal, not isal's checksum.
"""

import zlib
from collections.abc import Callable

_PACKED = 64 * 1024
_PLAIN = 256 * 1024
_WITH_HEADER_AND_CHECK = 31


class Gunzip:
    """Members one after the other, as RFC 1952 allows; zeros may stand after one of them."""

    def __init__(self, source: Callable[[int], bytes]) -> None:
        """``source`` gives at most as many bytes as it is asked for, none at its end."""
        self._source = source
        self._packed = b""
        self._inflater = zlib.decompressobj(_WITH_HEADER_AND_CHECK)

    def read(self) -> bytes:
        """The next plain bytes, at most 256 KiB; none once everything was read to the very end.

        Raises zlib.error for what is not gzip, EOFError for a member cut short.
        """
        plain = b""
        while not plain and self._has_more():
            plain = self._inflater.decompress(self._packed, _PLAIN)
            over = self._inflater.eof
            self._packed = self._inflater.unused_data if over else self._inflater.unconsumed_tail
        return plain

    def _has_more(self) -> bool:
        if not self._inflater.eof:
            self._packed = self._packed or self._source(_PACKED)
            if not self._packed:
                raise EOFError("a member is cut short")
            return True
        self._packed = self._packed.lstrip(b"\0")
        while not self._packed and (block := self._source(_PACKED)):
            self._packed = block.lstrip(b"\0")
        if self._packed:
            self._inflater = zlib.decompressobj(_WITH_HEADER_AND_CHECK)
        return bool(self._packed)
