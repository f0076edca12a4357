"""Rows under columns that the reader names."""

import pytest

from transmission.domain.errors import RefusedError
from transmission.domain.rows import Columns, Record, read_records

COLUMNS = Columns(
    {"numero": ("numero", "no"), "document": ("document",), "annexes": ("annexes",)},
    "numero;document;annexes",
    needed=("numero", "document"),
    free=frozenset({"annexes"}),
)


def test_a_csv_gives_texts_by_field() -> None:
    read = read_records("N°;Document;Vote\n1;a.pdf;oui\n".encode(), COLUMNS)
    assert list(read.rows) == [Record("ligne 2", {"numero": "1", "document": "a.pdf"})]
    assert read.notes == ("laissé de côté : « Vote »",)


@pytest.mark.parametrize(("header", "named"), [("document", "numero"), ("numero", "document")])
def test_a_needed_column_that_is_missing_is_named(header: str, named: str) -> None:
    with pytest.raises(RefusedError, match=f"« {named} »"):
        read_records(f"{header}\nx\n".encode(), COLUMNS)


def test_a_json_gives_free_fields_as_they_are_and_texts_as_texts() -> None:
    content = b'[{"numero": 1, "document": "a.pdf", "annexes": ["b", 2]}, {"document": true}]'
    first, second = read_records(content, COLUMNS).rows
    assert (first.texts, first.free) == (
        {"numero": "1", "document": "a.pdf"},
        {"annexes": ["b", 2]},
    )
    assert second.fault == "document doit être un texte."


def test_a_name_given_twice_in_an_object_is_a_fault() -> None:
    (row,) = read_records(b'[{"numero": "1", "Num\\u00e9ro": "2"}]', COLUMNS).rows
    assert row.fault == "Le même nom y est deux fois."
