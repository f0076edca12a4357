from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from hypothesis import given
from hypothesis import strategies as st

from transmission.signature import der

instants = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(  # noqa: DTZ001
    lambda naive: naive.replace(microsecond=0, tzinfo=UTC)
)
arcs = st.tuples(
    st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 2**40), min_size=1, max_size=6)
)


@given(st.integers(0, 2**80))
def test_an_integer_is_written_as_an_independent_encoder_writes_it(value: int):
    assert der.integer(value) == asn1.encode_der(value)


@given(st.binary(max_size=70_000))
def test_octets_of_any_length_are_written_as_an_independent_encoder_writes_them(content: bytes):
    assert der.octets(content) == asn1.encode_der(content)


@given(arcs)
def test_an_object_identifier_is_written_as_an_independent_encoder_writes_it(
    arcs: tuple[int, int, list[int]],
):
    first, second, rest = arcs
    dotted = ".".join(map(str, (first, second, *rest)))
    assert der.oid(dotted) == asn1.encode_der(x509.ObjectIdentifier(dotted))


@pytest.mark.parametrize(
    ("size", "written"),
    [(0, "00"), (127, "7f"), (128, "8180"), (255, "81ff"), (256, "820100"), (65536, "83010000")],
)
def test_a_length_takes_the_shortest_form(size: int, written: str):
    assert der.length(size).hex() == written


def test_a_set_is_ordered_by_encoded_bytes_whatever_the_order_given():
    elements = [der.octets(b"b"), der.integer(7), der.octets(b"a"), der.octets(b"aa")]
    ordered = der.set_of(reversed(elements))
    assert ordered == der.set_of(elements)
    assert ordered == der.tlv(
        der.SET, der.integer(7), der.octets(b"a"), der.octets(b"b"), der.octets(b"aa")
    )


@pytest.mark.parametrize(
    ("at", "tag", "text"),
    [
        (datetime(1949, 12, 31, 23, 59, 59, tzinfo=UTC), 0x18, b"19491231235959Z"),
        (datetime(1950, 1, 1, tzinfo=UTC), 0x17, b"500101000000Z"),
        (datetime(2000, 2, 29, 1, 2, 3, tzinfo=UTC), 0x17, b"000229010203Z"),
        (datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC), 0x17, b"491231235959Z"),
        (datetime(2050, 1, 1, tzinfo=UTC), 0x18, b"20500101000000Z"),
        (datetime(2026, 3, 10, 9, 30, 15, 999_999, tzinfo=UTC), 0x17, b"260310093015Z"),
    ],
)
def test_a_time_changes_form_in_1950_and_in_2050(at: datetime, tag: int, text: bytes):
    assert der.time(at) == der.tlv(tag, text)


def test_a_time_is_written_in_utc_wherever_it_was_read():
    paris = timezone(timedelta(hours=1))
    assert der.time(datetime(2050, 1, 1, 0, 30, tzinfo=paris)) == der.tlv(0x17, b"491231233000Z")


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="aware"):
        der.time(datetime(2026, 3, 10))  # noqa: DTZ001


@given(instants)
def test_a_time_written_is_read_back(at: datetime):
    encoded = der.time(at)
    assert der.read_time(der.read_one(encoded, encoded[0])) == at


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (der.UTC_TIME, b"2603100930Z"),
        (der.UTC_TIME, b"260310093015+0100"),
        (der.UTC_TIME, b"260230093015Z"),
        (der.UTC_TIME, b"260310093060Z"),
        (der.UTC_TIME, b" 60310093015Z"),
        (der.UTC_TIME, b"260310093015z"),
        (der.UTC_TIME, b""),
        (der.UTC_TIME, "٢60310093015Z".encode()),
        (der.GENERALIZED_TIME, b"20260310093015.5Z"),
        (der.GENERALIZED_TIME, b"00000310093015Z"),
        (der.OCTET_STRING, b"260310093015Z"),
    ],
)
def test_a_time_in_another_form_is_refused(tag: int, text: bytes):
    with pytest.raises(der.DerError):
        der.read_time(der.read_one(der.tlv(tag, text), tag))


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\x30",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x01\x00",
        b"\x30\x82\x00\x80" + bytes(128),
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\xff" + b"\xff" * 127,
        b"\x30\xff" + b"\xff" * 10,
        b"\x30\x83\x01",
        b"\x30\x02\x00",
        b"\x30\x00\x00",
        b"\x31\x00",
        b"\x3f\x81\x00\x00",
    ],
    ids=lambda encoded: encoded[:6].hex() or "empty",
)
def test_what_is_not_one_der_sequence_is_refused(encoded: bytes):
    with pytest.raises(der.DerError):
        der.read_one(encoded, der.SEQUENCE)


@given(st.binary(max_size=200))
def test_a_reader_returns_what_it_read_or_refuses(source: bytes):
    try:
        elements = der.Reader(source).take_all()
    except der.DerError:
        return
    assert b"".join(element.encoded for element in elements) == source
    assert [der.tlv(e.tag, e.content) for e in elements] == [e.encoded for e in elements]


def test_a_tag_of_several_octets_is_refused():
    with pytest.raises(der.DerError, match="étiquette"):
        der.Reader(b"\x3f\x01\x00").take()


def test_an_optional_element_that_is_absent_consumes_nothing():
    reader = der.Reader(der.integer(1))
    assert reader.take_if(der.SEQUENCE) is None
    assert reader.take(der.INTEGER).content == b"\x01"
    assert reader.take_if(der.SEQUENCE) is None
    reader.end()


def test_a_remainder_is_refused():
    reader = der.Reader(der.integer(1) + der.integer(2))
    reader.take(der.INTEGER)
    with pytest.raises(der.DerError, match="suivent"):
        reader.end()
