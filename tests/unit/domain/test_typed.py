"""Values given by name: typed or as text, every fault kept, none raised."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain import typed
from transmission.domain.collectivite import PublicityMode
from transmission.domain.typed import Typed


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (typed.day, "2026-05-06", date(2026, 5, 6)),
        (typed.day, date(2026, 5, 6), date(2026, 5, 6)),
        (typed.mark, "oui", True),
        (typed.mark, False, False),
        (typed.count, "12", 12),
        (typed.count, 0, 0),
        (typed.amount, "90 000,5", Decimal("90000.5")),
        (typed.amount, 250000, Decimal(250000)),
        (typed.amount, Decimal("12.30"), Decimal("12.30")),
        (typed.text, "x", "x"),
    ],
)
def test_a_value_is_taken_with_its_type_or_as_text(read: Any, value: Any, expected: Any) -> None:
    given_values = Typed({"x": value})
    assert given_values.take("x", read, "…") == expected
    assert given_values.faults == []


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (typed.day, "20260506"),
        (typed.day, "2026-02-30"),
        (typed.day, "6 mai 2026"),
        (typed.day, datetime(2026, 5, 6)),  # noqa: DTZ001 - as a TOML file gives it
        (typed.day, 20260506),
        (typed.mark, "yes"),
        (typed.mark, 1),
        (typed.count, "-1"),
        (typed.count, -1),
        (typed.count, True),
        (typed.count, 1.5),
        (typed.count, "²"),
        (typed.count, "9" * 12),
        (typed.amount, "1,234"),
        (typed.amount, "-3"),
        (typed.amount, True),
        (typed.amount, "1e5"),
        (typed.text, ""),
        (typed.text, 3),
        (typed.mapping, "x"),
        (typed.mappings, {"a": 1}),
        (typed.mappings, ["a"]),
        (typed.many, "abc"),
    ],
)
def test_a_wrong_value_is_a_fault_and_no_error(read: Any, value: Any) -> None:
    given_values = Typed({"x": value})
    assert given_values.take("x", read, "doit être autre chose") is None
    assert [str(fault) for fault in given_values.faults] == ["x doit être autre chose"]


def test_a_name_that_nobody_asked_for_is_a_fault() -> None:
    given_values = Typed({"connu": "a", "autre": 1})
    given_values.take("connu", typed.text, typed.TEXT)
    given_values.refuse_others()
    assert [str(fault) for fault in given_values.faults] == ["autre : ce nom est inconnu"]


def test_a_choice_is_made_by_code_and_a_wrong_one_names_all() -> None:
    given_values = Typed({"mode": "affichage", "autre": "x"})
    assert given_values.choose("mode", PublicityMode) is PublicityMode.AFFICHAGE
    assert given_values.choose("autre", PublicityMode) is None
    assert given_values.choose("absent", PublicityMode) is None
    (fault,) = given_values.faults
    assert str(fault) == "autre : choisissez parmi electronique, affichage, papier, gpu"


def test_faults_of_a_section_bear_its_name_and_rank() -> None:
    given_values = Typed({"suite": [{"x": 1}, {"y": "2"}]}, "droit.")
    for section in given_values.sections("suite"):
        section.require("x")
        section.take("x", typed.text, typed.TEXT)
        given_values.absorb(section)
    assert [str(fault) for fault in given_values.faults] == [
        "droit.suite[1].x doit être un texte",
        "droit.suite[2].x manque",
        "droit.suite[2].y : ce nom est inconnu",
    ]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(anything)
def test_whatever_is_given_no_reader_fails_otherwise_than_by_a_fault(value: Any) -> None:
    for read in (typed.day, typed.mark, typed.count, typed.amount, typed.text, typed.mappings):
        given_values = Typed({"x": value})
        taken = given_values.take("x", read, "…")  # type: ignore[arg-type]
        assert taken is None or given_values.faults == []
