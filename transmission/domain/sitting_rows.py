"""The rows of the list of a sitting: what is read of each act."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from transmission.domain.errors import Problem
from transmission.domain.rows import Columns, read_records

NUMERO = ("numero", "no", "n", "num", "numeroacte", "numerodelacte", "numerointerne")
NATURE = ("nature", "natureacte", "naturedelacte")
OBJET = ("objet", "objetacte", "objetdelacte")
_COLUMNS = Columns({"numero": NUMERO, "nature": NATURE, "objet": OBJET}, "numero;nature;objet")


@dataclass(frozen=True, slots=True)
class Row:
    """One act as written, and where: ``ligne 3``, ``acte n° 3``.

    ``fault`` (French) is why it cannot be read at all.
    """

    where: str
    numero: str = ""
    nature: str = ""
    objet: str = ""
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class SittingRows:
    """The rows, read as they are asked for, and what the file says besides."""

    rows: Iterable[Row]
    date_seance: date | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_rows(content: bytes) -> SittingRows:
    """The rows of a CSV or of a JSON. Raises RefusedError for a file that is neither."""
    read = read_records(content, _COLUMNS)
    rows = (Row(each.where, **each.texts, fault=each.fault) for each in read.rows)
    return SittingRows(rows, read.date_seance, read.notes, read.problems)
