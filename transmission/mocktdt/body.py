"""Reading the body of a request piece by piece."""

from io import BufferedIOBase

_CHUNK_LINE = 1024
_DISCARD = 65_536


class BodyTooLargeError(Exception):
    """The body passes the server's limit."""


class BodyCutError(Exception):
    """The client went away before the end of the body."""


class Body:
    """The bytes of one body, of declared length or in chunks.

    `length`: declared size in bytes, None when the transfer is chunked. `limit`: largest size.
    """

    def __init__(self, stream: BufferedIOBase, length: int | None, limit: int) -> None:
        self._stream = stream
        self._chunked = length is None
        self._left = length or 0
        self._limit = limit
        self._ended = length == 0
        self.size = 0
        if self._left > limit:
            raise BodyTooLargeError

    def read(self, wanted: int) -> bytes:
        """At most `wanted` bytes; empty at the end. Raises BodyCutError, BodyTooLargeError."""
        if self._chunked and not self._left and not self._ended:
            self._open_chunk()
        if self._ended or not self._left:
            return b""
        piece = self._stream.read(min(wanted, self._left))
        if not piece:
            raise BodyCutError
        self._left -= len(piece)
        self.size += len(piece)
        if self._chunked and not self._left and self._stream.readline(_CHUNK_LINE).strip():
            raise BodyCutError
        return piece

    def drain(self) -> None:
        """Read what is left, for the next request of the connection."""
        while self.read(_DISCARD):
            pass

    def _open_chunk(self) -> None:
        line = self._stream.readline(_CHUNK_LINE)
        try:
            self._left = int(line.split(b";")[0].strip(), 16)
        except ValueError:
            raise BodyCutError from None
        if self._left < 0:
            raise BodyCutError
        if self.size + self._left > self._limit:
            raise BodyTooLargeError
        if not self._left:
            self._ended = True
            self._skip_trailers()

    def _skip_trailers(self) -> None:
        while self._stream.readline(_CHUNK_LINE).strip():
            pass
