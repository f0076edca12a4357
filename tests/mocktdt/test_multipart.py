"""Reading multipart bodies: bytes in, the same bytes out, and never a crash."""

import hashlib
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.mocktdt.body import Body, BodyCutError, BodyTooLargeError
from transmission.mocktdt.incoming import opened
from transmission.mocktdt.multipart import UploadedFile, boundary_of

BOUNDARY = "-" * 28 + "0123456789ab"


def _body(*parts: tuple[str, bytes]) -> bytes:
    pieces = [
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode("latin-1")
        + content
        for head, content in parts
    ]
    return b"\r\n".join([*pieces, f"--{BOUNDARY}--\r\n".encode()])


def _read(content: bytes, spool: Path, content_type: str | None = None):
    request = opened("POST", "/x", "", None, spool)
    body = Body(io.BufferedReader(io.BytesIO(content)), len(content), 10_000_000)
    announced = content_type or f"multipart/form-data; boundary={BOUNDARY}"
    request.read_body(body, announced)
    return request


def test_unquoted_names_keep_their_brackets(tmp_path):
    request = _read(_body(("name=type_pj[]", b"99_DE"), ("name=type_pj[]", b"21_RP")), tmp_path)
    assert request.arrays == {"type_pj": [b"99_DE", b"21_RP"]}


def test_quoted_names_read_the_same(tmp_path):
    request = _read(_body(('name="type_pj[]"', b"99_DE"), ('name="x[3]"', b"y")), tmp_path)
    assert request.arrays == {"type_pj": [b"99_DE"], "x": [b"y"]}


def test_the_last_scalar_wins(tmp_path):
    assert _read(_body(("name=a", b"1"), ("name=a", b"2")), tmp_path).form == {"a": b"2"}


def test_latin_1_bytes_are_not_touched(tmp_path):
    assert _read(_body(("name=subject", b"\xe9\xff\x80")), tmp_path).form["subject"] == (
        b"\xe9\xff\x80"
    )


def test_a_file_with_unquoted_name_and_quoted_filename_is_a_file(tmp_path):
    head = (
        'name=acte_attachments[]; filename="C:\\dossier\\plan \xe9.pdf"\r\n'
        "Content-Type: application/octet-stream"
    )
    request = _read(_body((head, b"%PDF\r\n--x")), tmp_path)
    (file,) = request.file_arrays["acte_attachments"]
    assert file.filename == b"plan \xe9.pdf"
    assert file.path.read_bytes() == b"%PDF\r\n--x"
    assert file.sha256 == hashlib.sha256(b"%PDF\r\n--x").hexdigest()


def test_a_name_inside_a_filename_is_not_the_name(tmp_path):
    request = _read(_body(('filename="a; name=b"; name="enveloppe"', b"x")), tmp_path)
    assert list(request.files) == ["enveloppe"]


def test_empty_parts_and_a_preamble_are_read(tmp_path):
    request = _read(b"preamble\r\n" + _body(("name=a", b""), ("name=b", b"1")), tmp_path)
    assert request.form == {"a": b"", "b": b"1"}


def test_a_truncated_body_keeps_what_was_whole(tmp_path):
    content = _body(("name=a", b"1"), ("name=b", b"2" * 50))
    assert _read(content[:-60], tmp_path).form == {"a": b"1"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"--",
        f"--{BOUNDARY}".encode(),
        f"--{BOUNDARY}--".encode(),
        f"--{BOUNDARY}garbage\r\n\r\n".encode(),
        f"--{BOUNDARY}\r\nno-colon\r\n\r\nx\r\n--{BOUNDARY}--".encode(),
        _body(('name="unclosed', b"x")),
        _body(("name=a\r\n" + "X-Long: " + "y" * 40_000, b"x")),
    ],
)
def test_what_is_not_multipart_gives_nothing_and_no_error(tmp_path, content):
    assert _read(content, tmp_path).files == {}


def test_too_many_parts_are_not_all_read(tmp_path):
    request = _read(_body(*((f"name=f{n}", b"") for n in range(500))), tmp_path)
    assert len(request.form) == 200


def test_a_huge_text_field_does_not_fill_the_memory(tmp_path):
    assert _read(_body(("name=a", b"x" * 200_000)), tmp_path).form == {}


def test_the_boundary_may_be_quoted():
    assert boundary_of('multipart/form-data; boundary="a b"') == b"a b"
    assert boundary_of("multipart/form-data; charset=x; boundary=ab") == b"ab"
    assert boundary_of("text/plain") is None


def test_urlencoded_bytes_are_kept(tmp_path):
    request = _read(
        b"api=1&subject=%E9t%E9&x%5B%5D=2", tmp_path, "application/x-www-form-urlencoded"
    )
    assert request.form == {"api": b"1", "subject": b"\xe9t\xe9"}
    assert request.arrays == {"x": [b"2"]}


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=300)), max_size=6))
def test_any_bytes_come_out_as_they_went_in(parts):
    whole = [
        (f'name="p{rank}"' + ('; filename="f"' if is_file else ""), content)
        for rank, (is_file, content) in enumerate(parts)
    ]
    with tempfile.TemporaryDirectory() as folder:
        request = _read(_body(*whole), Path(folder))
        for rank, (is_file, content) in enumerate(parts):
            if is_file:
                assert request.files[f"p{rank}"].path.read_bytes() == content
            else:
                assert request.form[f"p{rank}"] == content


@given(st.binary(max_size=600))
def test_no_body_crashes_the_reader(content):
    with tempfile.TemporaryDirectory() as folder:
        request = _read(f"--{BOUNDARY}\r\n".encode() + content, Path(folder))
        assert all(isinstance(file, UploadedFile) for file in request.every_file())


def _chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x;ext=1\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\nT: 1\r\n\r\n"


def test_a_chunked_body_is_read_to_its_end():
    stream = io.BufferedReader(io.BytesIO(_chunked(b"abc", b"d" * 10) + b"NEXT"))
    body = Body(stream, None, 1_000)
    body.drain()
    assert body.size == 13
    assert stream.read() == b"NEXT"


@pytest.mark.parametrize(
    "content", [b"", b"zz\r\n", b"5\r\nab", b"-1\r\n", b"2\r\nabXX\r\n0\r\n\r\n"]
)
def test_a_broken_chunked_body_is_a_cut(content):
    with pytest.raises(BodyCutError):
        Body(io.BufferedReader(io.BytesIO(content)), None, 1_000).drain()


def test_bodies_above_the_limit_are_refused_declared_or_not():
    with pytest.raises(BodyTooLargeError):
        Body(io.BufferedReader(io.BytesIO(b"")), 11, 10)
    with pytest.raises(BodyTooLargeError):
        Body(io.BufferedReader(io.BytesIO(_chunked(b"x" * 6, b"x" * 6))), None, 10).drain()
