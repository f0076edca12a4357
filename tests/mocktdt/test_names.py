"""The grammar of names, on the examples of the protocol and on anything."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.mocktdt import names, xmlio

NUMBERS = st.from_regex(r"([A-Z0-9][A-Z0-9_]{0,13})?[A-Z0-9]", fullmatch=True)
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))


def test_an_outgoing_archive_names_its_envelope():
    parts = names.archive_name("SIC-EACT--210600730--20180115-1.tar.gz")
    assert parts == names.ArchiveName(
        "SIC", "EACT", "210600730", "", "EACT--210600730--20180115-1.xml"
    )


@pytest.mark.parametrize(
    "name",
    [
        "SIC-EACT--210600730--20180115-1.tar.gz\n",
        "SIC-EACT--210600730--20180230-1.tar.gz",
        "SI-EACT--210600730--20180115-1.tar.gz",
        "SIC-EACT--210600730--20180115-.tar.gz",
        "../SIC-EACT--210600730--20180115-1.tar.gz",
    ],
)
def test_what_is_not_an_archive_name_is_none(name):
    assert names.archive_name(name) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "CO_DE-006-210600730-20180115-007-AR-1-1_1.jpg",
            names.FileName("CO_DE", "210600730", "007", "1-1", "jpg"),
        ),
        (
            "99_AR-013-211300074-20220106-AR-2022-02-AR-1-1_1.PDF",
            names.FileName("99_AR", "211300074", "AR-2022-02", "1-1", "pdf"),
        ),
        ("042-123456782----7-1_0.xml", names.FileName("", "123456782", "", "7-1", "xml")),
        ("034-000000000-20170701-20170725A-4365-DE_0.xml", None),
    ],
)
def test_file_names_are_read_from_both_ends(name, expected):
    assert names.file_name(name) == expected


@given(NUMBERS, DAYS, st.sampled_from(sorted(names.NATURES)))
def test_a_name_built_from_an_identifier_reads_back(number, day, nature):
    identifier = names.id_acte("02A", "123456782", day, number, nature)
    read = names.file_name(f"99_DE-{identifier}-1-1_12.pdf")
    assert read == names.FileName("99_DE", "123456782", number, "1-1", "pdf")


@given(st.text(max_size=80))
def test_no_text_crashes_the_readers(text):
    names.archive_name(text)
    names.file_name(text)
    names.parsed_day(text)
    names.nature_of(text)


@given(st.text(alphabet=st.characters(codec="iso-8859-1", exclude_categories=["Cc"]), max_size=60))
def test_any_latin_1_text_survives_an_attribute_and_an_element(text):
    document = f"<a{xmlio.attribute('b', text)}>{xmlio.text(text)}</a>".encode("iso-8859-1")
    root = xmlio.parse(b'<?xml version="1.0" encoding="ISO-8859-1"?>' + document)
    assert root.get("b") == text
    assert (root.text or "") == text
