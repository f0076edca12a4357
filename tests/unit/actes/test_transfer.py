import base64
import binascii
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.actes.transfer import decoder

pieces = st.lists(st.binary(max_size=90), max_size=8)


def _decoded(encoding: str, *given_pieces: bytes) -> bytes | None:
    made = decoder(encoding)
    plain = b"".join(made.feed(piece) for piece in given_pieces)
    last = made.end()
    return None if last is None else plain + last


def _cut(raw: bytes, sizes: list[int]) -> list[bytes]:
    cut = []
    for size in sizes:
        cut.append(raw[:size])
        raw = raw[size:]
    return [*cut, raw]


sizes = st.lists(st.integers(0, 40), max_size=20)


@given(plain=st.binary(max_size=500), sizes=sizes)
def test_base64_comes_back_however_it_is_cut(plain: bytes, sizes: list[int]) -> None:
    assert _decoded("base64", *_cut(base64.encodebytes(plain), sizes)) == plain


@given(plain=st.binary(max_size=500), sizes=sizes)
def test_quoted_printable_comes_back_however_it_is_cut(plain: bytes, sizes: list[int]) -> None:
    written = binascii.b2a_qp(plain, istext=False)
    assert _decoded("quoted-printable", *_cut(written, sizes)) == plain


# As text, the encoder gives every line the ending of the first.
@given(plain=st.binary(max_size=500).map(lambda raw: raw.replace(b"\r", b"")), sizes=sizes)
def test_quoted_printable_text_comes_back_however_it_is_cut(plain: bytes, sizes: list[int]) -> None:
    assert _decoded("quoted-printable", *_cut(quopri.encodestring(plain), sizes)) == plain


@pytest.mark.parametrize("encoding", ["", "7bit", "8BIT", " binary "])
def test_what_is_not_encoded_passes_as_it_is(encoding: str) -> None:
    assert _decoded(encoding, b"a=\r\n", b"\xff") == b"a=\r\n\xff"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (b"YWJj", b"abc"),
        (b"Y W\tJ\0j\r\n\xe9", b"abc"),
        (b"YWI=", b"ab"),
        (b"YWI", b"ab"),
        (b"YQ", b"a"),
        (b"YQ==\r\n\r\n", b"a"),
        (b"YQ=", b"a"),
        (b"", b""),
    ],
)
def test_base64_is_read_with_tolerance(text: bytes, plain: bytes) -> None:
    assert _decoded("base64", text) == plain


@pytest.mark.parametrize("text", [b"Y", b"YWJjZ", b"YQ==YWJj", b"YQ==\r\nYWJj", b"=YWJj"])
def test_base64_that_is_not_whole_is_a_fault(text: bytes) -> None:
    assert _decoded("base64", text) is None
    assert _decoded("base64", *(text[n : n + 1] for n in range(len(text)))) is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (b"100 %=\r\n de", b"100 % de"),
        (b"=E9t=C3=A9", b"\xe9t\xc3\xa9"),
        (b"=zz", b"=zz"),
        (b"=e9", b"\xe9"),
    ],
)
def test_quoted_printable_is_read_as_mail_readers_do(text: bytes, plain: bytes) -> None:
    assert _decoded("Quoted-Printable", text) == plain


def test_a_line_without_end_is_not_kept_waiting() -> None:
    made = decoder("quoted-printable")
    assert len(made.feed(b"x" * 100_000)) > 99_000


@pytest.mark.parametrize("encoding", ["x-uuencode", "base65", "8 bit"])
def test_an_unknown_encoding_tells_nothing(encoding: str) -> None:
    assert _decoded(encoding, b"begin 644 a") is None


@given(encoding=st.sampled_from(["base64", "quoted-printable", "binary", "?"]), given_pieces=pieces)
def test_no_bytes_raise(encoding: str, given_pieces: list[bytes]) -> None:
    _decoded(encoding, *given_pieces)
