"""Accidents that befall bytes and names, drawn from a given chance: the same at each run."""

import random
import re

NASTY = [
    *(b"", b" ", b"0", b"-1", b"9" * 40, b"+", b"2024-02-30", b"0000-01-01", b"-2024-01-01"),
    *(b"2024-02-15+14:00", b"042-123456782-20240230-A-DE", b"042-123456782-00000101-A-DE"),
    *(b"|4|-123456782-20240215-A-DE", b"02A-123456782-20240215-a-b-ZZ", b"\xc3\xa9", b"\xff"),
    *(b"&#0;", b"&#xFFFE;", b"&amp;", b"&lt;x/&gt;", b"<x/>", b"<!-- -->", b"<?p?>", b"]]>"),
    *(b"<![CDATA[x]]>", b"&e;", b"\x00", b"\r\n", b"\xc2\x85", b"../../etc/passwd", b"A" * 5000),
]
_ATTRIBUTE = re.compile(rb' (?!xmlns|version|encoding)[a-zA-Z:]+="[^"]*"')
_ELEMENT = re.compile(rb"<([a-zA-Z:]+)[^<>]*/>|<([a-zA-Z:]+)[^<>]*>[^<>]*</\2>")
_VALUE = re.compile(rb'(?<==")(?!http|1\.0|ISO)[^"<>]*(?=")|(?<=>)[^<>]+(?=<)')


def spoilt(raw: bytes, chance: random.Random) -> bytes:
    """A message after some accidents: mostly such that what is left is still XML."""
    if chance.random() < 0.2:
        return torn(raw, chance)
    for _ in range(chance.randint(1, 4)):
        pattern = chance.choice((_ATTRIBUTE, _ELEMENT, _VALUE, _VALUE))
        places = list(pattern.finditer(raw))
        if places:
            found = chance.choice(places)
            instead = chance.choice((b"", chance.choice(places)[0], found[0] * 2))
            if pattern is _ATTRIBUTE:
                instead = chance.choice((b"", b' actes:Inconnu="1"', found[0].replace(b":", b"")))
            elif pattern is _VALUE:
                instead = chance.choice((chance.choice(NASTY), instead))
            raw = raw[: found.start()] + instead + raw[found.end() :]
    return raw


def torn(raw: bytes, chance: random.Random) -> bytes:
    """Any bytes, a few of them cut out or overwritten; never empty."""
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(raw))
        end = start + chance.randrange(20)
        raw = raw[:start] + chance.choice((b"", b"<", chance.randbytes(2))) + raw[end:] or b"<"
    return raw


def shuffled(raw: bytes, words: list[bytes], chance: random.Random) -> bytes:
    """Any bytes, after pieces of them were moved, doubled, cut, or replaced by telling words."""
    for _ in range(chance.randint(1, 6)):
        start, end = sorted(chance.randrange(len(raw) + 1) for _ in range(2))
        if chance.random() < 0.7:
            end = min(end, start + chance.randrange(40))
        moved = raw[end : end + 50]
        choices = (b"", chance.choice(words), raw[start:end] * 2, chance.randbytes(3), moved)
        instead = chance.choice(choices)
        raw = raw[:start] + instead + raw[end:]
    return raw[: chance.randrange(len(raw) + 1)] if chance.random() < 0.1 else raw
