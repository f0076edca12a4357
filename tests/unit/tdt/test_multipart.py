"""The body of a form: exact, of known length, read as it leaves."""

from email.message import Message
from email.parser import BytesParser
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.tdt.multipart import BLOCK, FilePart, Multipart, TruncatedFileError, safe_name

BOUNDARY = "limite" * 5
names = st.from_regex(r"[a-z_]{1,12}(\[\])?", fullmatch=True)


def file_part(name: str, content: bytes, filename: str = "a.pdf") -> FilePart:
    return FilePart(name, filename, "application/pdf", len(content), lambda: BytesIO(content))


def body_of(form: Multipart) -> bytes:
    with form.opened() as sending:
        return b"".join(sending)


def parts_of(body: bytes) -> list[Message]:
    header = f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    message = BytesParser().parsebytes(header.encode() + body)
    return list(message.walk())[1:]


@given(
    st.lists(st.tuples(names, st.binary(max_size=40))),
    st.lists(st.tuples(names, st.binary(max_size=3_000))),
)
def test_what_is_sent_is_what_another_parser_reads(
    fields: list[tuple[str, bytes]], files: list[tuple[str, bytes]]
) -> None:
    form = Multipart(BOUNDARY, fields, [file_part(name, content) for name, content in files])
    body = body_of(form)
    assert len(body) == len(form)
    found = parts_of(body)
    assert [p.get_param("name", header="content-disposition") for p in found] == [
        name for name, _ in fields + files
    ]
    pieces = body.split(f"--{BOUNDARY}".encode())[1:-1]
    contents = [piece.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for piece in pieces]
    assert contents == [content for _, content in fields + files]


def test_the_same_form_is_the_same_bytes_at_every_attempt() -> None:
    form = Multipart(BOUNDARY, [("api", b"1")], [file_part("enveloppe", b"contenu")])
    assert body_of(form) == body_of(form)


def test_a_large_file_leaves_in_blocks() -> None:
    form = Multipart(BOUNDARY, [], [file_part("f", b"x" * (2 * BLOCK + 1))])
    with form.opened() as sending:
        sizes = [len(block) for block in sending]
    assert sizes[1:-1] == [BLOCK, BLOCK, 1]


def test_a_sending_tells_whether_it_began() -> None:
    with Multipart(BOUNDARY, [("api", b"1")]).opened() as sending:
        blocks = iter(sending)
        assert not sending.started
        next(blocks)
        assert sending.started


def test_a_file_longer_than_announced_is_cut_at_its_size() -> None:
    part = FilePart("f", "a.pdf", "application/pdf", 3, lambda: BytesIO(b"abcdef"))
    body = body_of(Multipart(BOUNDARY, [], [part]))
    assert b"abc\r\n--" in body
    assert b"abcd" not in body


def test_a_file_shorter_than_announced_is_an_error() -> None:
    part = FilePart("f", "a.pdf", "application/pdf", 9, lambda: BytesIO(b"abcdef"))
    with pytest.raises(TruncatedFileError, match=r"a\.pdf : 3 octets"):
        body_of(Multipart(BOUNDARY, [], [part]))


def test_streams_are_closed_whatever_happens() -> None:
    streams: list[BytesIO] = []

    def opened() -> BytesIO:
        streams.append(BytesIO(b"a"))
        return streams[-1]

    form = Multipart(BOUNDARY, [], [FilePart("f", "a", "text/plain", 1, opened)])
    with pytest.raises(RuntimeError), form.opened():
        raise RuntimeError
    assert streams[0].closed


@given(st.text())
def test_a_file_name_can_neither_leave_its_quotes_nor_its_line(filename: str) -> None:
    assert all(c.isascii() and (c.isalnum() or c in "._ -") for c in safe_name(filename))
    assert len(safe_name(filename)) == len(filename)


def test_a_name_of_the_protocol_is_sent_as_it_is() -> None:
    name = "99_DE-042-123456782-20260312-D2026_07-DE-1-1_1.pdf"
    assert safe_name(name) == name
