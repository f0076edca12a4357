import asyncio
import re
from io import BytesIO
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.console.downloads import disposition, streamed_pdf
from transmission.console.words import safe_name

HOSTILE = st.text(max_size=300)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Délibération n°97 – eau.pdf", "Délibération n°97 – eau.pdf"),
        ("../../etc/passwd", "_.._etc_passwd.pdf"),
        ("C:\\Users\\act.pdf", "C__Users_act.pdf"),
        ("facture\u202efdp.exe", "facturefdp.exe.pdf"),
        ("acte.PDF", "acte.pdf"),
        ("acte.pdf\r\nSet-Cookie: a=b", "acte.pdfSet-Cookie_ a=b.pdf"),
        ("", "document.pdf"),
        ("....", "document.pdf"),
        (".pdf", "document.pdf"),
        ('a"b;c.pdf', "a_b;c.pdf"),
    ],
)
def test_a_name_becomes_a_plain_file_name(name: str, kept: str) -> None:
    assert safe_name(name, "pdf") == kept


@given(HOSTILE)
def test_no_name_is_a_path_or_a_header(name: str) -> None:
    kept = safe_name(name, "pdf")
    assert kept.endswith(".pdf")
    assert len(kept) <= 124
    assert not kept.startswith((".", " "))
    assert not re.search(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]', kept)


@given(HOSTILE)
def test_the_header_gives_the_true_name_back_and_a_plain_one_beside(name: str) -> None:
    header = disposition("attachment", name, "pdf")
    assert header.isascii()
    assert header.isprintable()
    match = re.fullmatch(r"attachment; filename=\"([^\"\\]+)\"; filename\*=UTF-8''(\S+)", header)
    assert match
    assert unquote(match[2]) == safe_name(name, "pdf")
    assert match[1].endswith(".pdf")


def test_a_full_width_quote_cannot_close_the_quoted_name() -> None:
    assert disposition("inline", "a\uff02; x=\uff02b", "pdf").count('"') == 2


def test_a_name_without_any_plain_letter_keeps_a_plain_name() -> None:
    assert 'filename="document.pdf"' in disposition("attachment", "документ", "pdf")


def test_a_streamed_pdf_is_given_whole_and_its_stream_closed() -> None:
    stream = BytesIO(b"%PDF" + b"x" * 200_000)
    response = streamed_pdf(stream, "99_DE-042", inline=True)

    async def read() -> bytes:
        return b"".join([bytes(block) async for block in response.body_iterator])  # type: ignore[attr-defined]

    assert asyncio.run(read()) == b"%PDF" + b"x" * 200_000
    assert stream.closed
    assert response.headers["content-disposition"].startswith("inline;")
    assert "sandbox" not in response.headers["content-security-policy"]
