"""What is written of texts that PostgreSQL would refuse."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.store.texts import _dumped, storable


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("", ""),
        ("accusé nº 4711 𝄞", "accusé nº 4711 𝄞"),
        ("\ufeffO\0K\0", "\ufeffO␀K␀"),
        ("octet \udce9 seul", "octet ? seul"),
    ],
)
def test_what_is_refused_is_shown_and_the_rest_is_left(text: str, stored: str) -> None:
    assert storable(text) == stored


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_that_can_be_stored_is_left_as_it_is(text: str) -> None:
    assert storable(text) == text


_TEXT = st.text(st.characters())
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner),
)


@given(_JSON)
def test_json_holds_nothing_that_is_refused(value: object) -> None:
    for text in _texts(json.loads(_dumped(value))):
        assert storable(text) == text


@given(_JSON)
def test_json_that_can_be_stored_is_left_as_it_is(value: object) -> None:
    once = json.loads(_dumped(value))
    assert json.loads(_dumped(once)) == once


def test_what_only_looks_like_an_escape_is_left_as_it_is() -> None:
    assert json.loads(_dumped({"chemin": "C:\\u0000 \\ud800"})) == {"chemin": "C:\\u0000 \\ud800"}


def _texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for each in value for text in _texts(each)]
        case dict():
            return [text for pair in value.items() for each in pair for text in _texts(each)]
    return []
