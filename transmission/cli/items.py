"""The acts that a command line names: single documents, or folders with a TOML beside each act."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from transmission.cli.proposal import Fields
from transmission.cli.toml_files import read_toml, toml_refused
from transmission.domain.errors import Problem, RefusedError, TransmissionError

DOCUMENTS = (".pdf", ".xml", ".md", ".markdown", ".txt")
_NAMES = tuple(field.name for field in fields(Fields))
_KEYS = (*_NAMES, "typologie", "document_papier", "annexes")
# What editors and file managers leave in a folder.
_NOT_ACTS = ("thumbs.db", "desktop.ini")


class FolderRefusedError(TransmissionError):
    """A folder whose acts cannot be told from the rest."""


@dataclass(frozen=True, slots=True)
class Annexe:
    """A file that goes with an act, with its typology when it was given."""

    path: Path
    typologie: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An act to hand over: its document, what was said of it, its annexes in order."""

    document: Path
    fields: Fields
    annexes: tuple[Annexe, ...] = ()
    typologie: str | None = None
    document_papier: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder holds: acts in the order of their names, and what is neither act nor annexe."""

    items: tuple[Item, ...]
    strangers: tuple[Path, ...]


def annexe(text: str) -> Annexe:
    """Read ``FICHIER[:CODE]``; a file whose own name has a colon is taken as it is."""
    name, _, code = text.rpartition(":")
    if name and code and not Path(text).exists():
        return Annexe(Path(name), code)
    return Annexe(Path(text))


def read_folder(folder: Path, given: Fields) -> Folder:
    """The acts of a folder, each described by the TOML file of the same name, if there is one.

    ``given`` completes what the descriptions leave out. Raises FolderRefusedError for a description
    that cannot be trusted: until it is mended nobody knows which files are acts, which are annexes.
    """
    try:
        return _read(folder, given)
    except RefusedError as error:
        lines = "".join(f"\n  - {problem}" for problem in error.problems)
        raise FolderRefusedError(f"Dossier {folder} : rien n'a été remis{lines}") from error


def _is_litter(path: Path) -> bool:
    return path.name.startswith((".", "~$")) or path.name.lower() in _NOT_ACTS


def _read(folder: Path, given: Fields) -> Folder:
    visible = sorted(path for path in folder.iterdir() if not _is_litter(path))
    descriptions = [path for path in visible if path.suffix.lower() == ".toml"]
    documents = [p for p in visible if p.suffix.lower() in DOCUMENTS and p.is_file()]
    contents = {path.stem: content for path, content in _contents(descriptions)}
    annexes = {item.resolve() for content in contents.values() for item in _paths(folder, content)}
    actes = [path for path in documents if path.resolve() not in annexes]
    _refuse_ambiguous(descriptions, actes)
    known = {*descriptions, *actes}
    return Folder(
        tuple(_item(path, contents.get(path.stem, {}), given) for path in actes),
        tuple(path for path in visible if path not in known and path.resolve() not in annexes),
    )


def _contents(descriptions: Sequence[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    problems: list[Problem] = []
    for path in descriptions:
        try:
            content = read_toml(path)
            if faults := list(_faults(content)):
                raise toml_refused(path, faults)
        except RefusedError as error:
            problems += error.problems
        else:
            yield path, content
    if problems:
        raise RefusedError(problems)


def _faults(content: dict[str, Any]) -> Iterator[str]:
    unknown = [key for key in content if key not in _KEYS]
    if unknown:
        yield f"{', '.join(unknown)} : nom inconnu (les noms permis : {', '.join(_KEYS)})"
    for name in (*_NAMES, "typologie"):
        value = content.get(name, "")
        if isinstance(value, bool) or not isinstance(value, str | int | date):
            yield f"{name} doit être un texte"
    if not isinstance(content.get("document_papier", False), bool):
        yield "document_papier doit être true ou false"
    entries = content.get("annexes", [])
    if not isinstance(entries, list) or not all(map(_is_annexe, entries)):
        yield 'annexes doit être une liste : ["plan.pdf", {fichier = "b.pdf", typologie = "99_AU"}]'


def _is_annexe(entry: Any) -> bool:
    if isinstance(entry, str):
        return True
    return (
        isinstance(entry, dict)
        and {"fichier"} <= set(entry) <= {"fichier", "typologie"}
        and all(isinstance(value, str) for value in entry.values())
    )


def _paths(folder: Path, content: dict[str, Any]) -> Iterator[Path]:
    for entry in content.get("annexes", []):
        yield _annexe(folder, entry).path


def _annexe(folder: Path, entry: str | dict[str, str]) -> Annexe:
    if isinstance(entry, str):
        return Annexe(folder / entry)
    return Annexe(folder / entry["fichier"], entry.get("typologie"))


def _refuse_ambiguous(descriptions: Sequence[Path], actes: Sequence[Path]) -> None:
    stems = [path.stem for path in actes]
    problems = [
        Problem(
            path.name, "description_seule", "aucun acte n'a ce nom.", "Renommez l'un ou l'autre."
        )
        for path in descriptions
        if path.stem not in stems
    ]
    problems += [
        Problem(path.name, "nom_double", "un autre acte a le même nom.", "Gardez-en un seul.")
        for path in actes
        if stems.count(path.stem) > 1
    ]
    if problems:
        raise RefusedError(problems)


def _item(path: Path, content: dict[str, Any], given: Fields) -> Item:
    own = {name: str(content[name]) for name in _NAMES if name in content}
    typologie = content.get("typologie")
    return Item(
        path,
        replace(given, **own),
        tuple(_annexe(path.parent, entry) for entry in content.get("annexes", [])),
        None if typologie is None else str(typologie),
        bool(content.get("document_papier")),
    )
