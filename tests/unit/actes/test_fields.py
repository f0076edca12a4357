from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from transmission.actes.fields import (
    attribute,
    child,
    child_text,
    children,
    civil_date,
    has_time_zone,
    integer,
    yes,
)
from transmission.actes.schema import ACTES

ELEMENT = etree.fromstring(
    f'<x:a xmlns:x="{ACTES}" x:Date=" 2024-01-02 " Nombre="1">'
    '<b xmlns="urn:other">wrong</b><x:b> un <x:c>deux</x:c> </x:b><x:b/></x:a>'
)


def test_fields_are_found_by_namespace_and_trimmed() -> None:
    assert child_text(ELEMENT, "b") == "un deux"
    assert len(children(ELEMENT, "b")) == 2
    assert attribute(ELEMENT, "Date") == "2024-01-02"


def test_what_is_absent_or_blank_is_none() -> None:
    assert attribute(ELEMENT, "Nombre") is None
    assert child(ELEMENT, "z") is None
    assert child_text(ELEMENT, "z") is None
    assert child_text(None, "z") is None
    assert child_text(etree.fromstring(f'<a xmlns="{ACTES}"><b> </b></a>'), "b") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), ("+7", 7), ("-3", -3), ("0", 0), ("999999999", 999999999)],
)
def test_an_integer_is_read_as_the_schema_writes_it(text: str, number: int) -> None:
    assert integer(text) == number


@pytest.mark.parametrize("text", [None, "", " 7", "7.0", "1_0", "٧", "ERREUR2", "9" * 5000])
def test_what_is_no_integer_is_none(text: str | None) -> None:
    assert integer(text) is None


@given(st.dates(), st.sampled_from(["", "Z", "+01:00", "-04:00", "+14:00"]))
def test_a_date_keeps_its_day_whatever_its_time_zone(day: date, zone: str) -> None:
    assert civil_date(f"{day.isoformat()}{zone}") == day
    assert has_time_zone(f"{day.isoformat()}{zone}") == bool(zone)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "2023-02-29",
        "0000-01-01",
        "2023-2-1",
        "20230201",
        "2023-02-01T10:00:00",
        "٢٠٢٣-02-01",
    ],
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert civil_date(text) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("O", True),
        ("1", True),
        ("true", True),
        ("N", False),
        ("0", False),
        (None, False),
        ("?", False),
    ],
)
def test_a_paper_document_is_announced_by_o_1_or_true(text: str | None, answer: bool) -> None:
    assert yes(text) is answer
