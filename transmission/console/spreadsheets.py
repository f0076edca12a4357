"""Tables that a French spreadsheet opens by a double click, and that do nothing there."""

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from io import StringIO

Cell = str | int | float | None

_BOM = "\ufeff"
_FORMULA = frozenset("=+-@|\t\r\n")


def french_csv(rows: Iterable[Sequence[Cell]]) -> str:
    """Rows as CSV: semicolons, decimal commas, CRLF, to be encoded in UTF-8 (it begins with a BOM,
    without which Excel reads accents as another encoding).

    Text that a spreadsheet could take for a formula gets an apostrophe before it.
    """
    target = StringIO()
    target.write(_BOM)
    writer = csv.writer(target, delimiter=";")
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return target.getvalue()


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if _is_formula(cell) else cell
    return str(cell).replace(".", ",")


def _is_formula(text: str) -> bool:
    # A full-width sign is read as the plain one; blanks before a sign are not always kept.
    begins = unicodedata.normalize("NFKC", text[:1] + text.lstrip()[:1])
    return not _FORMULA.isdisjoint(begins)
