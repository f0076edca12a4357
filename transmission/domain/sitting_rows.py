"""The rows of a list of acts, whatever the file is: CSV or JSON, in either encoding, any header."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import chain
from typing import Any

from transmission.domain.errors import Problem, RefusedError
from transmission.domain.texte import printable, without_accents_case_or_space

_BOMS_16 = (b"\xff\xfe", b"\xfe\xff")
_NAMES = {
    "numero": ("numero", "no", "n", "num", "numeroacte", "numerodelacte", "numerointerne"),
    "nature": ("nature", "natureacte", "naturedelacte"),
    "objet": ("objet", "objetacte", "objetdelacte"),
}
_FIELDS = {name: field for field, names in _NAMES.items() for name in names}
_SAVE = "Enregistrez la liste en CSV (UTF-8), puis importez-la de nouveau."


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
    text = _decoded(content)
    return _of_json(text) if text.lstrip().startswith(("[", "{")) else _of_csv(text)


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


def _of_csv(text: str) -> SittingRows:
    delimiter = max(";,", key=lambda each: len(_header(text, each)))
    lines = _lines(text, delimiter)
    first = next(lines, None)
    columns = [_folded(cell) for cell in first.cells] if first else []
    known = {field: rank for rank, name in enumerate(columns) if (field := _FIELDS.get(name))}
    if first is None or "numero" not in known:
        raise _refused(
            "colonnes",
            "La première ligne ne nomme pas la colonne « numero ».",
            "Commencez la liste par la ligne : numero;nature;objet",
        )
    twice = len([name for name in columns if name in _FIELDS]) > len(known)
    if twice:
        raise _refused("colonnes", "La première ligne nomme deux fois la même colonne.")
    others = [printable(cell).strip() for cell in first.cells if _folded(cell) not in _FIELDS]
    return SittingRows(
        (_csv_row(line, known, len(columns)) for line in lines if any(line.cells) or line.fault),
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


def _csv_row(line: _Line, columns: Mapping[str, int], width: int) -> Row:
    where = f"ligne {line.number}"
    if line.fault:
        return Row(where, fault=line.fault)
    if any(line.cells[width:]):
        said = f"Il y a {len(line.cells)} colonnes pour {width} titres : mettez les textes entre "
        return Row(where, fault=said + "guillemets.")
    cells = chain(line.cells, [""] * (width - len(line.cells)))
    values = dict(enumerate(cells))
    return Row(where, **{field: values[rank] for field, rank in columns.items()})


def _of_json(text: str) -> SittingRows:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        said = f"Ce n'est pas du JSON : ligne {error.lineno}, colonne {error.colno}."
        raise _refused("json", said, "Corrigez le fichier.") from error
    except (ValueError, RecursionError) as error:
        said = "Ce JSON ne peut pas être lu : un nombre est trop grand, ou il est trop imbriqué."
        raise _refused("json", said, "Corrigez le fichier.") from error
    if isinstance(content, list):
        return SittingRows(_json_rows(content))
    named = {_folded(name): value for name, value in content.items()}
    actes, told = named.pop("actes", None), named.pop("dateseance", None)
    if not isinstance(actes, list):
        raise _refused("json", "Il manque la liste « actes ».", "Corrigez le fichier.")
    day, problems = _day(told)
    return SittingRows(_json_rows(actes), day, _left_aside(list(named)), problems)


def _day(told: Any) -> tuple[date | None, tuple[Problem, ...]]:
    if told is None:
        return None, ()
    try:
        return date.fromisoformat(told), ()
    except (TypeError, ValueError):
        said = "date_seance n'est pas une date."
        problem = Problem("fichier", "date_seance", said, "Écrivez AAAA-MM-JJ.")
        return None, (problem,)


def _json_rows(actes: list[Any]) -> Iterator[Row]:
    for rank, acte in enumerate(actes, 1):
        where = f"acte n° {rank}"
        if not isinstance(acte, dict):
            yield Row(where, fault='Ce n\'est pas un objet : {"numero": …}.')
            continue
        named = {_FIELDS.get(_folded(name)): value for name, value in acte.items()}
        named.pop(None, None)
        wrong = [name for name, value in named.items() if not _is_text(value)]
        if wrong:
            yield Row(where, fault=f"{', '.join(map(str, wrong))} doit être un texte.")
        else:
            texts = {str(name): str(value) for name, value in named.items() if value is not None}
            yield Row(where, **texts)


def _is_text(value: Any) -> bool:
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool))
