"""DER, as much of it as a detached CMS signature needs (ITU-T X.690 §8, §10 and §11).

The reader never recurses and never trusts a length: nesting is walked one named level at a time by
the caller, so hostile input costs no more than its own size.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

INTEGER = 0x02
OCTET_STRING = 0x04
NULL = 0x05
OID = 0x06
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
SET = 0x31
CONTEXT_0 = 0xA0
CONTEXT_1 = 0xA1
CONTEXT_4 = 0xA4


class DerError(ValueError):
    """The bytes are not the DER that was expected; the message is a French clause."""


def length(size: int) -> bytes:
    """Octets of a definite length, in the shortest form (X.690 §10.1)."""
    if size < 0x80:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element whose content is the parts put end to end."""
    content = b"".join(parts)
    return bytes((tag,)) + length(len(content)) + content


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, *parts)


def set_of(elements: Iterable[bytes], *, tag: int = SET) -> bytes:
    """SET OF in the order DER wants: by encoded bytes (X.690 §11.6)."""
    return tlv(tag, *sorted(elements))


def octets(content: bytes) -> bytes:
    return tlv(OCTET_STRING, content)


def integer(value: int) -> bytes:
    """A non-negative INTEGER; the first bit stays free because it is the sign."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER from its dotted form, "1.2.840.113549.1.7.1" for instance."""
    first, second, *arcs = (int(arc) for arc in dotted.split("."))
    return tlv(OID, *(_base_128(arc) for arc in (40 * first + second, *arcs)))


def _base_128(arc: int) -> bytes:
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(0x80 | arc & 0x7F)
    return bytes(reversed(groups))


def time(at: datetime) -> bytes:
    """UTCTime from 1950 to 2049, GeneralizedTime outside (RFC 5652 §11.3).

    :param at: aware instant; fractions of a second are dropped. Raises ValueError when naive.
    """
    if at.tzinfo is None:
        raise ValueError("a DER time needs an aware instant")
    at = at.astimezone(UTC)
    rest = f"{at:%m%d%H%M%S}Z"
    if 1950 <= at.year < 2050:
        return tlv(UTC_TIME, f"{at.year % 100:02d}{rest}".encode())
    return tlv(GENERALIZED_TIME, f"{at.year:04d}{rest}".encode())


@dataclass(frozen=True, slots=True)
class Element:
    """One element read: its identifier octet, its content, and the whole as it stood."""

    tag: int
    content: bytes
    encoded: bytes


class Reader:
    """Takes elements one after the other from the content of a constructed element.

    Every method raises DerError: truncated, indefinite or padded length, long or unexpected tag,
    remainder.
    """

    __slots__ = ("_position", "_source")

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._position = 0

    @property
    def exhausted(self) -> bool:
        return self._position == len(self._source)

    def take(self, tag: int | None = None) -> Element:
        """The next element, which must bear this tag if one is given."""
        element = self._next()
        if tag is not None and element.tag != tag:
            raise DerError(f"l'élément {tag:#04x} était attendu, {element.tag:#04x} a été trouvé")
        return element

    def take_if(self, tag: int) -> Element | None:
        """The next element if it bears this tag (OPTIONAL), else None and nothing is consumed."""
        if self._source[self._position : self._position + 1] != bytes((tag,)):
            return None
        return self._next()

    def take_all(self, tag: int | None = None) -> list[Element]:
        """Every element left, each of which must bear this tag if one is given."""
        elements = []
        while not self.exhausted:
            elements.append(self.take(tag))
        return elements

    def end(self) -> None:
        """Refuse a remainder: an octet nobody reads is an octet anybody may write."""
        if not self.exhausted:
            raise DerError("des octets suivent la fin de la structure")

    def _next(self) -> Element:
        start = self._position
        header = self._source[start : start + 2]
        if len(header) < 2:
            raise DerError("la structure s'arrête avant la fin")
        tag, size = header
        if tag & 0x1F == 0x1F:
            raise DerError("une étiquette de plus d'un octet n'a pas sa place ici")
        begin = start + 2
        if size >= 0x80:
            begin += size - 0x80
            size = int.from_bytes(self._source[start + 2 : begin], "big")
        # One comparison refuses indefinite, padded and truncated lengths alike.
        if self._source[start + 1 : begin] != length(size):
            raise DerError("une longueur n'est pas écrite comme DER le veut")
        end = begin + size
        if end > len(self._source):
            raise DerError("une longueur dépasse la fin de la structure")
        self._position = end
        return Element(tag, self._source[begin:end], self._source[start:end])


def read_one(encoded: bytes, tag: int) -> Element:
    """The only element of `encoded`; raises DerError when something follows it."""
    reader = Reader(encoded)
    element = reader.take(tag)
    reader.end()
    return element


def read_time(element: Element) -> datetime:
    """Aware UTC instant of a UTCTime or GeneralizedTime as DER allows them (seconds and Z)."""
    digits, zone = element.content[:-1], element.content[-1:]
    year_digits = {UTC_TIME: 2, GENERALIZED_TIME: 4}.get(element.tag)
    if (
        year_digits is None
        or len(digits) != year_digits + 10
        or not digits.isdigit()
        or zone != b"Z"
    ):
        raise DerError("une date n'est pas écrite comme DER le veut")
    year, rest = int(digits[:year_digits]), digits[year_digits:]
    if year_digits == 2:
        year += 2000 if year < 50 else 1900
    month, day, hour, minute, second = (int(rest[i : i + 2]) for i in range(0, 10, 2))
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise DerError("une date n'existe pas au calendrier") from error
