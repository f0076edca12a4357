"""The manifest of a batch: which acts a folder holds, which file is which, read line by line.

What a line says wrong is told of that line alone, all of it at once; the acts of the other lines do
not wait for it. A file is named, never reached: names stay inside the folder.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from transmission.domain.acceptance import Form
from transmission.domain.batch_files import (
    NamedFile,
    named_annexes,
    named_file,
    same_name,
    typologie_of,
)
from transmission.domain.errors import IdentifierError, Problem, RefusedError
from transmission.domain.identifiers import NumeroInterne
from transmission.domain.rows import Columns, Record, Records, read_records
from transmission.domain.sitting_list import (
    MAX_ACTES,
    MAX_BYTES,
    NumberOf,
    nature_of,
    one_line,
)
from transmission.domain.sitting_rows import NATURE, NUMERO, OBJET
from transmission.domain.texte import printable, without_accents_case_or_space

_COLUMNS = Columns(
    {
        "numero": NUMERO,
        "date": ("date", "datedecision", "datedeladecision", "dateacte", "datedelacte"),
        "nature": NATURE,
        "matiere": ("matiere", "codematiere", "classification"),
        "objet": OBJET,
        "document": ("document", "fichier", "acte", "pdf", "nomfichier"),
        "typologie": ("typologie", "codetypepj", "typepj", "typologiedelacte"),
        "annexes": ("annexes", "annexe", "piecesjointes", "pj"),
        "papier": ("papier", "documentpapier", "documentspapier"),
        "date_seance": ("dateseance", "seance", "datedeseance", "datedelaseance"),
    },
    "numero;date;nature;matiere;objet;document;annexes",
    needed=("numero", "document"),
    free=frozenset({"annexes", "papier"}),
)
_REQUIRED = {
    "numero": "Écrivez le numéro de l'acte.",
    "date": "Écrivez la date de la décision, AAAA-MM-JJ.",
    "nature": "Écrivez DE, AR, AI, CC, BF ou AU.",
    "matiere": "Écrivez la matière de la classification, par exemple 7.5.",
    "objet": "Résumez l'acte en une phrase.",
}
_FRENCH_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_FLAGS = {"": False, "non": False, "n": False, "0": False, "oui": True, "o": True, "1": True}


@dataclass(frozen=True, slots=True)
class Line:
    """An act of the batch. ``document`` is None when the line names none that can be taken;
    ``problems`` is all that the manifest alone shows to be wrong: the act is refused with them."""

    where: str
    form: Form
    document: NamedFile | None = None
    annexes: tuple[NamedFile, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says: ``date_seance`` when it names one, ``problems`` those of no line."""

    lines: tuple[Line, ...]
    date_seance: date | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_manifest(content: bytes, number_of: NumberOf = lambda _: None) -> Manifest:
    """Read a manifest: the CSV or the JSON of a list of acts, with the files of each.

    ``number_of`` reads the numbers that are not written as they are declared. Dates may be written
    AAAA-MM-JJ or JJ/MM/AAAA. Raises RefusedError when nothing of the file can be told.
    """
    if len(content) > MAX_BYTES:
        raise RefusedError([_whole("trop_grand", f"Il dépasse {MAX_BYTES >> 20} Mio.")])
    read = read_records(content, _COLUMNS)
    records, problems = _bounded(read)
    lines = _without_doubles([_line(record, number_of) for record in records])
    if not records:
        problems.append(_whole("aucun_acte", "Il ne nomme aucun acte."))
    day, faults = _sitting(read.date_seance, records)
    return Manifest(tuple(lines), day, read.notes, (*problems, *faults))


def _whole(rule: str, message: str) -> Problem:
    return Problem("manifeste", rule, message, "Donnez un manifeste par lot, un acte par ligne.")


def _bounded(read: Records) -> tuple[list[Record], list[Problem]]:
    records: list[Record] = []
    problems = list(read.problems)
    for record in read.rows:
        if len(records) == MAX_ACTES:
            said = f"Il a plus de {MAX_ACTES} actes ; la suite n'a pas été lue ({record.where})."
            problems.append(_whole("trop", said))
            break
        records.append(record)
    return records, problems


def _line(record: Record, number_of: NumberOf) -> Line:
    if record.fault:
        said = f"{record.fault} Rien n'en a été lu, ni de ce qui suit s'il s'agit de guillemets."
        problem = Problem("ligne", "ligne", said, "Corrigez-la.")
        return Line(record.where, Form("", "", "", "", ""), problems=(problem,))
    texts = {name: one_line(text) for name, text in record.texts.items()}
    problems = list(_absent(texts))
    papier = _papier(record, problems)
    typologie = typologie_of("typologie", texts.get("typologie", ""), problems)
    document = named_file("document", record.texts.get("document", ""), typologie, problems)
    return Line(
        record.where,
        replace(_form(texts, papier, number_of), objet=record.texts.get("objet", "")),
        document,
        tuple(named_annexes(_given(record), problems)),
        tuple(problems),
    )


def _absent(texts: dict[str, str]) -> Iterator[Problem]:
    for name, remedy in _REQUIRED.items():
        if not texts.get(name):
            yield Problem(name, f"{name}_absent", "n'est pas donné.", remedy)


def _form(texts: dict[str, str], papier: bool, number_of: NumberOf) -> Form:  # noqa: FBT001
    nature = nature_of(texts.get("nature", ""))
    return Form(
        numero=_numero(texts.get("numero", ""), number_of),
        date=_iso(texts.get("date", "")),
        nature=nature.abrege if nature else texts.get("nature", ""),
        # A spreadsheet in French writes 7.5 so.
        matiere=texts.get("matiere", "").replace(",", "."),
        objet=texts.get("objet", ""),
        document_papier=papier,
    )


def _numero(written: str, number_of: NumberOf) -> str:
    try:
        return NumeroInterne(written)
    except IdentifierError:
        return number_of(written) or written


def _iso(written: str) -> str:
    day = _FRENCH_DAY.fullmatch(written)
    return f"{day[3]}-{day[2]}-{day[1]}" if day else written


def _papier(record: Record, problems: list[Problem]) -> bool:
    given = record.free.get("papier", record.texts.get("papier", ""))
    if isinstance(given, bool) or given is None:
        return bool(given)
    known = _FLAGS.get(without_accents_case_or_space(str(given)))
    if known is None:
        said = f"« {printable(str(given))[:40]} » n'est ni oui ni non."
        problems.append(Problem("papier", "papier", said, "Écrivez oui ou non."))
    return bool(known)


def _given(record: Record) -> Any:
    return record.free.get("annexes", record.texts.get("annexes", ""))


def _without_doubles(lines: Sequence[Line]) -> Iterator[Line]:
    """Which of two lines of one number, or of one document, is right, nobody can tell: none is."""
    numbers = Counter(line.form.numero for line in lines if line.form.numero)
    documents = Counter(same_name(line.document.nom) for line in lines if line.document)
    for line in lines:
        problems = list(line.problems)
        if numbers[line.form.numero] > 1:
            others = ", ".join(_others(line, lines))
            said = f"Le numéro {printable(line.form.numero)[:60]} est aussi donné {others}."
            problems.append(Problem("numero", "numero_double", said, "Gardez-en un seul."))
        if line.document and documents[same_name(line.document.nom)] > 1:
            problems.append(_document_twice(line.document.nom))
        yield replace(line, problems=tuple(problems))


def _document_twice(nom: str) -> Problem:
    said = f"« {printable(nom)} » est donné pour plusieurs actes."
    return Problem("document", "document_double", said, "Nommez le document de chacun.")


def _others(line: Line, lines: Iterable[Line]) -> Iterator[str]:
    for each in lines:
        if each is not line and each.form.numero == line.form.numero:
            yield each.where


def _sitting(
    borne: date | None, records: Sequence[Record]
) -> tuple[date | None, Iterable[Problem]]:
    """The date of the sitting that the file names, when it names one and no other."""
    written = {text for record in records if (text := record.texts.get("date_seance", "").strip())}
    days = {_day_or_none(text) for text in written} | ({borne} if borne else set())
    if not days:
        return None, ()
    if len(days) > 1 or None in days:
        told = ", ".join(f"« {printable(text)[:20]} »" for text in sorted(written)[:5])
        said = f"La date de la séance n'est pas une, ou n'est pas une date : {told}."
        problem = Problem("date_seance", "date_seance", said, "Écrivez partout la même date.")
        return None, (problem,)
    return days.pop(), ()


def _day_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(_iso(text))
    except ValueError:
        return None
