import csv
from io import StringIO
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.console.spreadsheets import french_csv

SIGNS = "=+-@|＝＋－＠"
CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def read(text: str) -> list[list[str]]:
    """The cells as a spreadsheet reads them."""
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text[1:], newline=""), delimiter=";"))


def test_rows_are_written_for_a_french_spreadsheet() -> None:
    written = french_csv([("Été", 3, 4.5, None), ('a;b"c', 0, 0.0, "")])
    assert written == '\ufeffÉté;3;4,5;\r\n"a;b""c";0;0,0;\r\n'


@pytest.mark.parametrize("begins", [*SIGNS, *"\t\r\n", " =", "\t=", "\u00a0-"])
def test_what_would_be_a_formula_is_text(begins: str) -> None:
    ((cell,),) = read(french_csv([[f"{begins}HYPERLINK(1)"]]))
    assert cell == f"'{begins}HYPERLINK(1)"


@pytest.mark.parametrize("plain", ["7.5 Subventions", "Le Val-d'Or", "2026-03", "a=b", "", "'x"])
def test_other_text_is_left_alone(plain: str) -> None:
    assert read(french_csv([[plain, "x"]])) == [[plain, "x"]]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_no_cell_makes_another_nor_begins_a_formula(rows: list[list[str]]) -> None:
    found = read(french_csv(rows))
    assert [len(row) for row in found] == [len(row) for row in rows]
    for cell, written in zip(chain(*found), chain(*rows), strict=True):
        assert cell in (written, f"'{written}")
        assert not cell.lstrip().startswith(tuple(SIGNS))
