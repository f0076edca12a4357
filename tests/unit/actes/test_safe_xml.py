import codecs
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from transmission.actes.safe_xml import MESSAGE_MAX, UnreadableXmlError, parse, parse_exactly

Message = Callable[[str], bytes]
LATIN_1 = '<?xml version="1.0" encoding="ISO-8859-1"?>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


def test_a_message_in_the_declared_encoding_is_read_without_a_note(message: Message) -> None:
    parsed = parse(message("1-1"))
    assert parsed.notes == ()
    assert "Dénomination de la voie menant à l'étang" in "".join(parsed.root.itertext())


@pytest.mark.parametrize("declared", ["ISO-8859-1", "iso-8859-1", "latin1", "windows-1252"])
def test_utf_8_under_another_declaration_is_read_right_and_said(declared: str) -> None:
    raw = f'<?xml version="1.0" encoding="{declared}"?><a>œuvre à 3 €</a>'.encode()
    parsed = parse(raw)
    assert parsed.root.text == "œuvre à 3 €"
    assert parsed.notes == (
        f"Le fichier se déclare en {declared} mais est écrit en UTF-8 : il a été lu en UTF-8.",
    )


def test_a_plain_ascii_message_needs_no_note_whatever_it_declares() -> None:
    assert parse(f"{LATIN_1}<a>etang</a>".encode()).notes == ()


def test_windows_1252_is_read_and_said() -> None:
    raw = '<?xml version="1.0" encoding="windows-1252"?><a>l’œuvre à 3 €</a>'.encode("cp1252")
    parsed = parse(raw)
    assert parsed.root.text == "l’œuvre à 3 €"
    assert parsed.notes == ("Le fichier est en windows-1252 au lieu d'ISO-8859-1.",)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_a_byte_order_mark_wins_over_the_declaration(mark: bytes, encoding: str) -> None:
    parsed = parse(mark + f"{LATIN_1}<a>é€</a>".encode(encoding))
    assert parsed.root.text == "é€"
    assert len(parsed.notes) == 1


def test_text_cut_by_a_comment_or_an_instruction_is_read_whole() -> None:
    assert (
        parse(b"<a>un<!-- x -->deux<?p q?>trois<![CDATA[<4>]]></a>").root.text == "undeuxtrois<4>"
    )


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" ", id="a space"),
        pytest.param(b"\xff\xfe\x00", id="half a UTF-16 character"),
        pytest.param(codecs.BOM_UTF16_LE + b"\x00\xd8<\x00", id="a lone surrogate"),
        pytest.param(b"%PDF-1.4", id="another format"),
        pytest.param(b"<a><b></a>", id="not well formed"),
        pytest.param(b"<a>caf\xe9</a>", id="not UTF-8 and nothing declared"),
        pytest.param(b'<?xml version="1.0" encoding="x-none"?><a/>', id="unknown encoding"),
        pytest.param(b"<a>&nbsp;</a>", id="undeclared entity"),
        pytest.param(b"<a>\x00</a>", id="a null"),
        pytest.param(b"<!DOCTYPE a><a/>", id="empty doctype"),
        pytest.param(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>', id="outside DTD"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', id="inside entity"),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', id="outside entity"
        ),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY % e SYSTEM "file:///etc/passwd">%e;]><a/>',
            id="parameter entity",
        ),
        pytest.param(
            f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l11;</a>'.encode(), id="billion laughs"
        ),
        pytest.param(
            f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a b="&l11;"/>'.encode(),
            id="billion laughs in an attribute",
        ),
        pytest.param(b"<a>" * 100_000 + b"</a>" * 100_000, id="depth 100,000"),
        pytest.param(b"<a>" * 300 + b"</a>" * 300, id="depth 300"),
    ],
)
def test_hostile_or_broken_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableXmlError):
        parse(raw)
    if not raw.startswith(codecs.BOM_UTF16_LE):
        with pytest.raises(UnreadableXmlError):
            parse_exactly(raw, max_bytes=MESSAGE_MAX)


def test_a_document_parsed_exactly_keeps_what_a_digest_sees() -> None:
    root = parse_exactly(b"<a>un<!-- x -->deux<?p q?></a>", max_bytes=100)
    assert etree.tostring(root) == b"<a>un<!-- x -->deux<?p q?></a>"
    lying = f"{LATIN_1}<a>é</a>".encode()
    assert parse_exactly(lying, max_bytes=100).text == "Ã©"
    with pytest.raises(UnreadableXmlError, match="octets"):
        parse_exactly(lying, max_bytes=len(lying) - 1)


def test_a_document_above_the_limit_is_refused_before_it_is_opened() -> None:
    enormous = b"<a>" + bytes(200 * 1024 * 1024) + b"</a>"
    with pytest.raises(UnreadableXmlError, match="octets"):
        parse(enormous)


def test_the_limit_itself_is_allowed() -> None:
    raw = b"<a>" + b"x" * (MESSAGE_MAX - 7) + b"</a>"
    assert parse(raw).root.tag == "a"
    with pytest.raises(UnreadableXmlError, match="octets"):
        parse(raw + b"\n")
    with pytest.raises(UnreadableXmlError, match="octets"):
        parse(b"<a/>", max_bytes=3)


def test_a_refusal_says_where_the_fault_is() -> None:
    with pytest.raises(UnreadableXmlError, match="ligne 2"):
        parse(b"<a>\n<b></a>")


@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: f"<a>{text}</a>".encode()))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    try:
        parse(raw)
    except UnreadableXmlError:
        return


@given(data=st.data())
def test_no_spoilt_message_raises_anything_else(data: st.DataObject, message: Message) -> None:
    raw = bytearray(message(data.draw(st.sampled_from(["1-2", "7-2", "AnomalieEnveloppe"]))))
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    before = bytes(raw)
    try:
        parsed = parse(before)
    except UnreadableXmlError:
        return
    assert isinstance(parsed.root, etree._Element)
    assert before == bytes(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"<a>" + b"<b/>" * 200_000 + b"</a>",
        b"<a " + b" ".join(b'a%d=""' % rank for rank in range(200_001)) + b"/>",
        codecs.BOM_UTF16_LE + ("<a>" + "<b/>" * 200_000 + "</a>").encode("utf-16-le"),
    ],
    ids=["elements", "attributes", "in UTF-16"],
)
def test_a_message_of_too_many_elements_or_attributes_is_refused_unread(raw: bytes) -> None:
    with pytest.raises(UnreadableXmlError, match="plus de 200000 balises"):
        parse(raw)
