"""The transfer encodings of mail, undone piece by piece; a fault is told at the end.

Source: RFC 2045 §6.7 (quoted-printable), §6.8 (base64).
"""

import binascii
from typing import Protocol

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          b"0123456789+/="))  # fmt: skip
_QUANTUM = 4
_ESCAPE = 3


class Decoder(Protocol):
    """Undoes one encoding."""

    def feed(self, piece: bytes) -> bytes:
        """The bytes that can be told so far."""
        ...

    def end(self) -> bytes | None:
        """The last bytes; None when the content was not whole, or not in this encoding."""
        ...


class Base64:
    """Foreign characters are passed over; what follows the padding is a fault."""

    def __init__(self) -> None:
        self._left = b""
        self._padded = False
        self._broken = False

    def feed(self, piece: bytes) -> bytes:
        clean = piece.translate(None, _NOT_BASE64)
        body, padding, after = clean.partition(b"=")
        self._broken |= bool(after.strip(b"=")) or (self._padded and bool(body))
        self._padded |= bool(padding)
        text = self._left + body
        whole = len(text) - len(text) % _QUANTUM
        self._left = text[whole:]
        return binascii.a2b_base64(text[:whole])

    def end(self) -> bytes | None:
        if self._broken or len(self._left) == 1:
            return None
        return binascii.a2b_base64(self._left + b"=" * (-len(self._left) % _QUANTUM))


class QuotedPrintable:
    """An escape that is none is text, as readers of mail show it."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, piece: bytes) -> bytes:
        text = self._left + piece
        line_end = text.rfind(b"\n") + 1
        # A line without end is decoded too, but for an escape that the next piece may complete.
        cut = line_end or max(0, len(text) - _ESCAPE)
        if not line_end and (escape := text.rfind(b"=", max(0, cut - _ESCAPE + 1), cut)) >= 0:
            cut = escape
        self._left = text[cut:]
        return binascii.a2b_qp(text[:cut])

    def end(self) -> bytes | None:
        return binascii.a2b_qp(self._left)


class Plain:
    """7bit, 8bit, binary."""

    def feed(self, piece: bytes) -> bytes:
        return piece

    def end(self) -> bytes | None:
        return b""


class Unknown:
    """An encoding that nobody knows: nothing can be told."""

    def feed(self, piece: bytes) -> bytes:  # noqa: ARG002
        return b""

    def end(self) -> bytes | None:
        return None


def decoder(encoding: str) -> Decoder:
    """The decoder of a Content-Transfer-Encoding, as written in the mail."""
    match encoding.strip().lower():
        case "base64":
            return Base64()
        case "quoted-printable":
            return QuotedPrintable()
        case "" | "7bit" | "8bit" | "binary":
            return Plain()
        case _:
            return Unknown()
