"""The rows of a list that people made, whatever the file is: CSV or JSON, in either encoding, any
header; which columns mean something is said by who reads it."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from itertools import chain
from typing import Any

from transmission.domain.errors import Problem, RefusedError
from transmission.domain.texte import printable, without_accents_case_or_space

_BOMS_16 = (b"\xff\xfe", b"\xfe\xff")
_SAVE = "Enregistrez la liste en CSV (UTF-8), puis donnez-la de nouveau."


@dataclass(frozen=True, slots=True)
class Columns:
    """What a reader knows: ``names`` of each field without accent, case or space; ``header``, a
    first line to imitate. The fields of ``needed`` must have a column; those of ``free`` may be
    anything in a JSON, the others are texts."""

    names: Mapping[str, Sequence[str]]
    header: str
    needed: tuple[str, ...] = ("numero",)
    free: frozenset[str] = frozenset()

    def fields(self) -> dict[str, str]:
        """The field of each name."""
        return {name: field for field, names in self.names.items() for name in names}


@dataclass(frozen=True, slots=True)
class Record:
    """One row as written, and where: ``ligne 3``, ``acte n° 3``.

    ``free`` holds what a JSON gave for a free field. ``fault`` (French) is why it cannot be read.
    """

    where: str
    texts: Mapping[str, str] = field(default_factory=dict)
    free: Mapping[str, Any] = field(default_factory=dict)
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """The rows, read as they are asked for, and what the file says besides."""

    rows: Iterable[Record]
    date_seance: date | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_records(content: bytes, columns: Columns) -> Records:
    """The rows of a CSV or of a JSON. Raises RefusedError for a file that is neither."""
    text = _decoded(content)
    read = _of_json if text.lstrip().startswith(("[", "{")) else _of_csv
    return read(text, columns)


def _decoded(content: bytes) -> str:
    encodings = () if content.startswith(_BOMS_16) else ("utf-8-sig", "cp1252")
    read = (_in(content, encoding) for encoding in encodings)
    text = next((each for each in read if each is not None), None)
    if text is None:
        raise _refused("encodage", "Le fichier n'est ni en UTF-8, ni en Windows-1252.")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _refused("octets_nuls", f"Le fichier a un octet nul, ligne {line} : pas un texte.")
    if not text.strip():
        raise _refused("vide", "Le fichier est vide.")
    return text


def _in(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _refused(rule: str, message: str, remedy: str = _SAVE) -> RefusedError:
    return RefusedError([Problem("fichier", rule, message, remedy)])


def _of_csv(text: str, columns: Columns) -> Records:
    fields = columns.fields()
    delimiter = max(";,", key=lambda each: len(_header(text, each)))
    lines = _lines(text, delimiter)
    first = next(lines, None)
    titles = [_folded(cell) for cell in first.cells] if first else []
    known = {name: rank for rank, title in enumerate(titles) if (name := fields.get(title))}
    lacking = [name for name in columns.needed if name not in known]
    if first is None or lacking:
        raise _refused(
            "colonnes",
            f"La première ligne ne nomme pas la colonne « {(lacking or columns.needed)[0]} ».",
            f"Commencez la liste par la ligne : {columns.header}",
        )
    twice = len([title for title in titles if title in fields]) > len(known)
    if twice:
        raise _refused("colonnes", "La première ligne nomme deux fois la même colonne.")
    others = [printable(cell).strip() for cell in first.cells if _folded(cell) not in fields]
    return Records(
        (_csv_row(line, known, len(titles)) for line in lines if any(line.cells) or line.fault),
        notes=_left_aside(others),
    )


def _left_aside(names: Sequence[str]) -> tuple[str, ...]:
    told = ", ".join(f"« {name[:40]} »" for name in names[:10] if name)
    return (f"laissé de côté : {told}",) if told else ()


def _folded(name: str) -> str:
    return without_accents_case_or_space(name.replace("°", "o"))


def _header(text: str, delimiter: str) -> Sequence[str]:
    first = next(_lines(text, delimiter), None)
    return first.cells if first else ()


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: tuple[str, ...]
    fault: str | None = None


def _lines(text: str, delimiter: str) -> Iterator[_Line]:
    """Records and the line on which each begins; after one whose quotes are wrong, nothing can be
    told from the rest."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            fault = "Les guillemets y sont mal placés ou mal fermés, ou un texte est trop long."
            yield _Line(number, (), fault)
            return
        yield _Line(number, tuple(cell.strip() for cell in cells))


def _csv_row(line: _Line, columns: Mapping[str, int], width: int) -> Record:
    where = f"ligne {line.number}"
    if line.fault:
        return Record(where, fault=line.fault)
    if any(line.cells[width:]):
        said = f"Il y a {len(line.cells)} colonnes pour {width} titres : mettez les textes entre "
        return Record(where, fault=said + "guillemets.")
    cells = chain(line.cells, [""] * (width - len(line.cells)))
    values = dict(enumerate(cells))
    return Record(where, {name: values[rank] for name, rank in columns.items()})


def _of_json(text: str, columns: Columns) -> Records:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        said = f"Ce n'est pas du JSON : ligne {error.lineno}, colonne {error.colno}."
        raise _refused("json", said, "Corrigez le fichier.") from error
    except (ValueError, RecursionError) as error:
        said = "Ce JSON ne peut pas être lu : un nombre est trop grand, ou il est trop imbriqué."
        raise _refused("json", said, "Corrigez le fichier.") from error
    if isinstance(content, list):
        return Records(_json_rows(content, columns))
    named = {_folded(name): value for name, value in content.items()}
    actes, told = named.pop("actes", None), named.pop("dateseance", None)
    if not isinstance(actes, list):
        raise _refused("json", "Il manque la liste « actes ».", "Corrigez le fichier.")
    day, problems = _day(told)
    return Records(_json_rows(actes, columns), day, _left_aside(list(named)), problems)


def _day(told: Any) -> tuple[date | None, tuple[Problem, ...]]:
    if told is None:
        return None, ()
    try:
        return date.fromisoformat(told), ()
    except (TypeError, ValueError):
        said = "date_seance n'est pas une date."
        problem = Problem("fichier", "date_seance", said, "Écrivez AAAA-MM-JJ.")
        return None, (problem,)


def _json_rows(actes: list[Any], columns: Columns) -> Iterator[Record]:
    fields = columns.fields()
    for rank, acte in enumerate(actes, 1):
        where = f"acte n° {rank}"
        if not isinstance(acte, dict):
            yield Record(where, fault='Ce n\'est pas un objet : {"numero": …}.')
            continue
        pairs = [(fields.get(_folded(name)), value) for name, value in acte.items()]
        known = {name: value for name, value in pairs if name is not None}
        if len(known) < len([name for name, _ in pairs if name is not None]):
            yield Record(where, fault="Le même nom y est deux fois.")
            continue
        free = {name: value for name, value in known.items() if name in columns.free}
        texts = {name: value for name, value in known.items() if name not in columns.free}
        wrong = [name for name, value in texts.items() if not _is_text(value)]
        if wrong:
            yield Record(where, fault=f"{', '.join(wrong)} doit être un texte.")
        else:
            kept = {name: str(value) for name, value in texts.items() if value is not None}
            yield Record(where, kept, free)


def _is_text(value: Any) -> bool:
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))
