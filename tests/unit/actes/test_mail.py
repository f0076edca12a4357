import io
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import transmission.actes.mail as mail_module
from transmission.actes.forms import UnreadableRetourError
from transmission.actes.mail import DEPTH_MAX, take_apart
from transmission.actes.shelf import Shelf

Found = tuple[dict[str, bytes], list[str]]
Open = Callable[[bytes], Found]

HEAD = b"From: prefecture@etat.test\r\nMIME-Version: 1.0\r\n"
MIXED = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
PDF = b"%PDF-1.7\r\n\x00\xff\r\n\r\n"


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Bytes of the attachments of a mail, by label, and what was noted."""

    def take(raw: bytes) -> Found:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        with closing(Shelf(folder)) as shelf:
            take_apart(io.BytesIO(raw), shelf)
            files = {label: path.read_bytes() for label, path in shelf.files().items()}
        return files, shelf.notes

    return take


@pytest.fixture
def of_the_ministry(message: Callable[[str], bytes]) -> EmailMessage:
    """A mail as they come: an HTML body, a logo, an envelope after its message."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = Address("", "actes", "interieur.test")
    mail["Subject"] = "Accusé de réception"
    mail.set_content("<html><body><img src=cid:logo>AR</body></html>", subtype="html")
    mail.add_related(b"\x89PNG", "image", "png", cid="<logo>", filename="logo.png")
    mail.make_mixed()
    mail.add_attachment(message("1-2"), "application", "xml", filename="ar.xml")
    mail.add_attachment(
        message("EnveloppeMISILLCL"), "application", "octet-stream", filename="enveloppe.xml"
    )
    return mail


def _part(*fields: str, body: bytes = PDF) -> bytes:
    return "".join(f"{field}\r\n" for field in fields).encode() + b"\r\n" + body


def _mixed(*parts: bytes, end: bytes = b"\r\n--b--\r\n") -> bytes:
    return MIXED + b"".join(b"\r\n--b\r\n" + part for part in parts) + end


def _named(name: str, *fields: str, body: bytes = PDF) -> bytes:
    return _part(f"Content-Disposition: attachment; {name}", *fields, body=body)


def test_a_mail_of_the_ministry_gives_its_files_and_not_its_words(
    of_the_ministry: EmailMessage, opened: Open, message: Callable[[str], bytes]
) -> None:
    assert opened(of_the_ministry.as_bytes()) == (
        {
            "logo.png": b"\x89PNG",
            "ar.xml": message("1-2"),
            "enveloppe.xml": message("EnveloppeMISILLCL"),
        },
        [],
    )


def test_a_mail_with_unix_line_ends_is_the_same(
    of_the_ministry: EmailMessage, opened: Open
) -> None:
    raw = of_the_ministry.as_bytes()
    assert opened(raw.replace(b"\r\n", b"\n")) == opened(raw)


def test_an_alternative_may_wrap_another_multipart_and_a_forward_another_mail(
    of_the_ministry: EmailMessage, opened: Open
) -> None:
    expected = opened(of_the_ministry.as_bytes())
    inner = of_the_ministry.as_bytes()
    wrapped = HEAD + b"Content-Type: multipart/alternative; boundary=out\r\n\r\n--out\r\n"
    assert opened(wrapped + inner + b"\r\n--out--\r\n") == expected
    forward = b"Content-Type: message/rfc822; name=fwd.eml\r\n\r\n"
    assert opened(wrapped + forward + inner + b"\r\n--out--\r\n") == expected
    assert opened(wrapped + forward * 3 + inner + b"\r\n--out--\r\n") == expected


def test_a_mail_that_is_one_attachment_is_read(opened: Open) -> None:
    raw = HEAD + b"Content-Type: application/xml; name=ANO_a.xml\r\n\r\n<a/>\r\n"
    assert opened(raw) == ({"ANO_a.xml": b"<a/>\r\n"}, [])


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ('filename="acte.pdf"', "acte.pdf"),
        ("filename=acte.pdf", "acte.pdf"),
        ("filename*=UTF-8''d%C3%A9lib%20n%C2%B0%207.pdf", "délib n° 7.pdf"),
        ("filename*=iso-8859-1'fr'd%E9lib.pdf", "délib.pdf"),
        ("filename*0*=UTF-8''d%C3%A9;\r\n filename*1=lib.pdf", "délib.pdf"),
        ('filename="=?UTF-8?Q?d=C3=A9lib?= =?UTF-8?B?w6l0w6k=?="', "délibété"),
        ('filename="délib.pdf"', "délib.pdf"),
        ('filename="=?nonsense?Q?a?="', "=?nonsense?Q?a?="),
        ('filename="=?UTF-8?B?A?=.pdf"', "=?UTF-8?B?A?=.pdf"),
        ("filename*=nonsense''a%E9", "aé"),
        ('filename="a.pdf"; filename="b.pdf"', "a.pdf"),
        ('filename="../../a.pdf"', "a.pdf"),
        ("filename*=UTF-8''a%0Ab.pdf", "a b.pdf"),
        ('filename="with\r\n a fold.pdf"', "with a fold.pdf"),
    ],
)
def test_names_are_read_however_they_are_encoded(field: str, name: str, opened: Open) -> None:
    assert opened(_mixed(_named(field)))[0] == {name: PDF}


def test_a_name_in_latin_1_without_saying_so_is_read(opened: Open) -> None:
    part = _named("filename=a.pdf").replace(b"a.pdf", "délib.pdf".encode("latin-1"))
    assert opened(_mixed(part))[0] == {"délib.pdf": PDF}


def test_a_name_may_be_that_of_the_content_type(opened: Open) -> None:
    assert opened(_mixed(_part("Content-Type: application/pdf; name=a.pdf")))[0] == {"a.pdf": PDF}


def test_attachments_without_a_name_are_kept_and_words_are_not(opened: Open) -> None:
    raw = _mixed(
        _part("Content-Type: text/plain", body=b"Bonjour"),
        _part("Content-Type: text/html; charset=latin-1", body=b"<p>Bonjour"),
        _part("Content-Type: application/pdf"),
        _part("Content-Type: text/plain", body=b"\r\n<?xml version='1.0'?><a/>"),
        _part("Content-Type: text/xml", body=b"<a/>"),
    )
    assert opened(raw) == (
        {
            "sans nom 3": PDF,
            "sans nom 4": b"\r\n<?xml version='1.0'?><a/>",
            "sans nom 5": b"<a/>",
        },
        [],
    )


def test_an_attached_text_with_a_name_is_a_file(opened: Open) -> None:
    part = _named("filename=note.txt", "Content-Type: text/plain; charset=utf-16", body=b"\xe9")
    assert opened(_mixed(part))[0] == {"note.txt": b"\xe9"}


def test_two_attachments_of_one_name_are_one_or_neither(opened: Open) -> None:
    one, two = _named("filename=a.pdf"), _named("filename=a.pdf", body=b"another")
    assert opened(_mixed(one, one)) == ({"a.pdf": PDF}, [])
    files, notes = opened(_mixed(one, two))
    assert files == {"a.pdf (1)": PDF, "a.pdf (2)": b"another"}
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", b"Y"),
        ("base64", b"YQ==\r\nfooter"),
        ("x-uuencode", b"begin"),
        ("base65", b"YQ=="),
    ],
)
def test_a_damaged_attachment_is_left_out_and_said(
    encoding: str, body: bytes, opened: Open
) -> None:
    damaged = _named("filename=a.pdf", f"Content-Transfer-Encoding: {encoding}", body=body)
    files, notes = opened(_mixed(damaged, _named("filename=b.pdf")))
    assert files == {"b.pdf": PDF}
    assert notes == ["« a.pdf » est arrivé abîmé : il est laissé de côté."]


def test_what_a_cut_mail_leaves_unfinished_is_left_out(opened: Open) -> None:
    raw = _mixed(_named("filename=a.pdf"), _named("filename=b.pdf"), end=b"")
    assert opened(raw) == (
        {"a.pdf": PDF},
        [
            "Ce mail est coupé avant sa fin.",
            "« b.pdf » est arrivé abîmé : il est laissé de côté.",
        ],
    )


def test_no_cut_of_a_mail_gives_half_a_file(of_the_ministry: EmailMessage, opened: Open) -> None:
    raw = of_the_ministry.as_bytes()
    whole = opened(raw)[0]
    for cut in range(len(HEAD), len(raw) - 2, 37):
        files, notes = opened(raw[:cut])
        assert files.items() <= whole.items()
        assert files == whole or notes


@pytest.mark.parametrize(
    "line",
    [b"--bb", b"--b-", b"--b--x", b" --b", b"-- b", b"--B", b"--", b"--b x", b"x--b"],
)
def test_what_only_resembles_a_boundary_is_content(line: bytes, opened: Open) -> None:
    body = b"one\r\n" + line + b"\r\ntwo"
    assert opened(_mixed(_named("filename=a", body=body))) == ({"a": body}, [])


@pytest.mark.parametrize(
    "end", [b"\n--b--", b"\r\n--b--  \t\r\n", b"\r\n--b--\r\nepilogue --b\r\n"]
)
def test_a_boundary_is_recognised_whatever_its_line_end(end: bytes, opened: Open) -> None:
    assert opened(_mixed(_named("filename=a", body=b"x"), end=end)) == ({"a": b"x"}, [])


def test_an_outer_boundary_closes_what_is_inside(opened: Open) -> None:
    inner = b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n" + _named("filename=a")
    files, notes = opened(_mixed(inner, _named("filename=b")))
    assert (files, notes) == ({"a": PDF, "b": PDF}, [])


@pytest.mark.parametrize("size", range(256 * 1024 - 3, 256 * 1024 + 4))
def test_a_long_content_loses_the_last_line_end_alone(size: int, opened: Open) -> None:
    body = b"x" * size
    assert opened(_mixed(_named("filename=a", body=body))) == ({"a": body}, [])


def test_of_two_fields_of_one_name_the_first_counts(opened: Open) -> None:
    part = _named("filename=a", "Content-Disposition: attachment; filename=b")
    assert opened(_mixed(part))[0] == {"a": PDF}


def test_a_boundary_used_twice_is_the_innermost(opened: Open) -> None:
    inner = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + _named("filename=a")
    raw = _mixed(inner + b"\r\n--b--", _named("filename=c"))
    assert opened(raw)[0] == {"a": PDF, "c": PDF}


def test_a_multipart_without_boundary_is_one_attachment(opened: Open) -> None:
    raw = HEAD + b"Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\n"
    assert opened(raw)[0] == {"sans nom 1": b"--b\r\n\r\n"}


def test_a_forward_that_is_encoded_is_an_attachment(opened: Open) -> None:
    part = _part("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", body=b"YWJj")
    assert opened(_mixed(part))[0] == {"sans nom 1": b"abc"}


@pytest.mark.parametrize(
    "raw",
    [b"", b"\r\n", b"%PDF-1.7\n", b"<html>\n\n</html>", b"hello: world\n\n", b"\0" * 5000, PDF],
)
def test_what_is_no_mail_is_refused(raw: bytes, opened: Open) -> None:
    with pytest.raises(UnreadableRetourError, match="ni une archive"):
        opened(raw)


def test_a_header_alone_is_a_mail_without_files(opened: Open) -> None:
    assert opened(b"Subject: rien\n\n") == ({}, [])
    assert opened(b"Subject: rien") == ({}, ["Ce mail est coupé avant sa fin."])


def test_ten_thousand_parts_are_refused(opened: Open) -> None:
    with pytest.raises(UnreadableRetourError, match="plus de 1000 parties"):
        opened(_mixed(*[_named("filename=a")] * 10_000))
    with pytest.raises(UnreadableRetourError, match="plus de 1000 parties"):
        opened(_mixed(*[b"\r\n"] * 10_000))


@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 1_000])
def test_a_nesting_too_deep_is_refused(depth: int, opened: Open) -> None:
    level = "Content-Type: multipart/mixed; boundary=b{0}\r\n\r\n--b{0}\r\n"
    with pytest.raises(UnreadableRetourError, match="30 niveaux"):
        opened(HEAD + "".join(level.format(n) for n in range(depth)).encode())
    with pytest.raises(UnreadableRetourError, match="30 niveaux"):
        opened(HEAD + b"Content-Type: message/rfc822\r\n\r\n" * depth)


def test_a_header_of_a_megabyte_hides_nothing(opened: Open) -> None:
    received = b"Received: " + b"x" * 1_000_000 + b"\r\n"
    part = received + _named("filename=a.pdf", f"X-Junk: {';' * 1_000_000}")
    assert opened(received + _mixed(part))[0] == {"a.pdf": PDF}


def test_a_name_of_a_megabyte_is_cut(opened: Open) -> None:
    files, _ = opened(_mixed(_named(f'filename="{"a" * 1_000_000}.pdf"')))
    assert list(files.values()) == [PDF]
    assert all(len(label) <= 255 for label in files)


def test_a_mail_of_too_many_lines_is_refused(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_module, "LINES_MAX", 1000)
    with pytest.raises(UnreadableRetourError, match="plus de 1000 lignes"):
        opened(HEAD + b"\n" * 1000)


def test_null_bytes_pass(opened: Open) -> None:
    assert opened(_mixed(_named('filename="a\0.pdf"', body=b"\0")))[0] == {"a\ufffd.pdf": b"\0"}


def test_a_line_of_200_megabytes_is_read_in_flat_memory(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    with raw.open("wb") as out:
        out.write(MIXED + b"\r\n--b\r\n" + _named("filename=a", body=b""))
        for _ in range(200):
            out.write(bytes(2**20))
        out.write(b"\r\n--b--\r\n")
    assert _peak_of_reading(raw, tmp_path) < 4 * 2**20
    assert (tmp_path / "0001").stat().st_size == 200 * 2**20


def test_an_attachment_of_40_megabytes_is_read_in_flat_memory(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    with raw.open("wb") as out:
        encoding = "Content-Transfer-Encoding: base64"
        out.write(MIXED + b"\r\n--b\r\n" + _named("filename=a", encoding, body=b""))
        for _ in range(40):
            out.write((b"A" * 76 + b"\r\n") * 18_396)
        out.write(b"\r\n--b--\r\n")
    assert _peak_of_reading(raw, tmp_path) < 4 * 2**20
    assert (tmp_path / "0001").stat().st_size == 40 * 18_396 * 57


def _peak_of_reading(raw: Path, folder: Path) -> int:
    tracemalloc.start()
    try:
        with raw.open("rb") as stream, closing(Shelf(folder)) as shelf:
            take_apart(stream, shelf)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


contents = st.lists(
    st.tuples(
        st.from_regex(r"[a-z]{1,8}\.(pdf|xml)", fullmatch=True),
        st.binary(max_size=400),
        st.sampled_from(["base64", "quoted-printable"]),
    ),
    max_size=6,
    unique_by=lambda item: item[0],
)


@given(parts=contents, crlf=st.booleans(), wrapped=st.booleans())
def test_what_the_standard_library_writes_comes_back(
    parts: list[tuple[str, bytes, str]],
    crlf: bool,
    wrapped: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    mail = EmailMessage(policy=policy.SMTP if crlf else policy.default)
    mail["Subject"] = "essai"
    mail.set_content("bonjour")
    for name, content, encoding in parts:
        mail.add_attachment(content, "application", "pdf", filename=name, cte=encoding)
    if wrapped:
        outer = EmailMessage(policy=mail.policy)
        outer["Subject"] = "Fwd: essai"
        outer.set_content("ci-joint")
        outer.add_attachment(mail)
        mail = outer
    raw = mail.as_bytes()
    expected = {
        part.get_filename(): part.get_payload(decode=True)
        for part in message_from_bytes(raw).walk()
        if part.get_filename()
    }
    with closing(Shelf(tmp_path_factory.mktemp("mail"))) as shelf:
        take_apart(io.BytesIO(raw), shelf)
        assert {name: path.read_bytes() for name, path in shelf.files().items()} == expected
    assert shelf.notes == []
