"""The body of a 7-2, both ways: natures with their typologies, and the tree of subjects.

Source: ACTES protocol §2.5, §5.2 to §5.4, §10 (quirks 33 and 34).
"""

from collections.abc import Iterator
from datetime import date
from typing import TypeVar

from lxml import etree

from transmission.actes.fields import attribute, child, child_text, children, integer
from transmission.actes.forms import Draft, Reading, Word
from transmission.actes.schema import ACTES
from transmission.actes.words import DATE, LIBELLE, NATURAL, TEXT
from transmission.domain.acte import Classification, TypePieceJointe
from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import NatureActe

_T = TypeVar("_T")
_LEVELS_MAX = 5
_Path = tuple[int, ...]


class ClassificationPart:
    """All that a 7-2 holds, as one part of its form. Labels of natures are ours, not the State's:
    the domain keeps none."""

    attribute = "classification"

    def write(self, element: etree._Element, value: Classification, draft: Draft) -> None:
        for problem in _gaps(value):
            draft.refuse("classification", problem, "Complétez la classification.")
        day = etree.SubElement(element, f"{{{ACTES}}}DateClassification")
        day.text = DATE.written(value.date_classification, draft)
        natures = etree.SubElement(element, f"{{{ACTES}}}NaturesActes")
        for nature, types in value.types_pj.items():
            _write_nature(natures, nature, types, draft.inside(nature.abrege))
        tree = etree.SubElement(element, f"{{{ACTES}}}Matieres")
        _write_matieres(tree, (), value.matieres, draft)

    def read(self, element: etree._Element, reading: Reading) -> Classification:
        day = DATE.found(child_text(element, "DateClassification"), "DateClassification", reading)
        if day is None:
            raise reading.refusal(f"il manque DateClassification. {' '.join(reading.notes)}")
        classification = read_classification(element, day, reading.notes)
        # A 7-2 replaces everything held: one without natures or subjects would erase them all.
        if not classification.types_pj:
            raise reading.refusal("il manque NaturesActes.")
        if not any(len(path) > 1 for path in classification.matieres):
            raise reading.refusal("il manque Matieres.")
        return classification


def read_classification(root: etree._Element, day: date, notes: list[str]) -> Classification:
    """The classification dated ``day``; appends a French note for everything left aside."""
    matieres: dict[_Path, str] = {}
    tree = child(root, "Matieres")
    if tree is not None:
        _read_matieres(tree, (), matieres, notes)
    return Classification(day, matieres, _types_pj(root, notes))


def _read_matieres(
    parent: etree._Element,
    path: _Path,
    found: dict[_Path, str],
    notes: list[str],
) -> None:
    for element in children(parent, f"Matiere{len(path) + 1}") if len(path) < _LEVELS_MAX else ():
        code = integer(attribute(element, "CodeMatiere"))
        libelle = attribute(element, "Libelle") or ""
        if code is None or code < 1:
            notes.append(f"La matière « {libelle} » n'a pas de code lisible : elle est ignorée.")
            continue
        here = (*path, code)
        if here in found:
            notes.append(f"La matière {_dotted(here)} est décrite deux fois.")
        found.setdefault(here, libelle)
        _read_matieres(element, here, found, notes)


def _types_pj(
    root: etree._Element, notes: list[str]
) -> dict[NatureActe, tuple[TypePieceJointe, ...]]:
    found: dict[NatureActe, tuple[TypePieceJointe, ...]] = {}
    natures = child(root, "NaturesActes")
    for element in [] if natures is None else children(natures, "NatureActe"):
        nature = _nature(element, notes)
        if nature is not None:
            found[nature] = found.get(nature, ()) + _typologies(element, notes)
    notes.extend(
        f"La nature {nature.abrege} est donnée sans typologie : tous les codes y sont admis."
        for nature, types in found.items()
        if not types
    )
    return found


def _nature(element: etree._Element, notes: list[str]) -> NatureActe | None:
    code, abrege = attribute(element, "CodeNatureActe"), attribute(element, "TypeAbrege")
    try:
        nature = NatureActe.parse(code or abrege or "")
    except IdentifierError:
        notes.append(
            f"La nature d'acte « {code or abrege or ''} » est inconnue : elle est ignorée."
        )
        return None
    if code is None:
        notes.append(f"La nature {nature.abrege} est donnée sans code.")
    return nature


def _typologies(element: etree._Element, notes: list[str]) -> tuple[TypePieceJointe, ...]:
    found = []
    for item in children(element, "TypePJNatureActe"):
        code, libelle = attribute(item, "CodeTypePJ"), attribute(item, "Libelle") or ""
        if code is None:
            notes.append(f"La typologie « {libelle} » n'a pas de code : elle est ignorée.")
        else:
            found.append(TypePieceJointe(code, libelle))
    return tuple(found)


def _gaps(classification: Classification) -> Iterator[str]:
    """What the schema would refuse: empty natures, subjects without parent, lone first levels."""
    matieres = classification.matieres
    if not classification.types_pj or not all(classification.types_pj.values()):
        yield "il faut des natures, et une typologie au moins pour chacune."
    if not matieres:
        yield "il faut des matières."
    parents = {path[:-1] for path in matieres}
    known = {(), *matieres}
    for path in matieres:
        if not 1 <= len(path) <= _LEVELS_MAX or path[:-1] not in known:
            yield f"la matière {_dotted(path)} n'est rattachée à aucune autre."
        if len(path) == 1 and path not in parents:
            yield f"la matière {_dotted(path)} n'est pas subdivisée."


def _write_nature(
    natures: etree._Element, nature: NatureActe, types: tuple[TypePieceJointe, ...], draft: Draft
) -> None:
    holder = etree.SubElement(natures, f"{{{ACTES}}}NatureActe")
    _set(holder, draft, "CodeNatureActe", NATURAL, nature.code)
    _set(holder, draft, "Libelle", TEXT, nature.label)
    _set(holder, draft, "TypeAbrege", TEXT, nature.abrege)
    for item in types:
        found = etree.SubElement(holder, f"{{{ACTES}}}TypePJNatureActe")
        _set(found, draft, "CodeTypePJ", TEXT, item.code_type_pj)
        _set(found, draft, "Libelle", LIBELLE, item.libelle)


def _write_matieres(
    parent: etree._Element, path: _Path, matieres: dict[_Path, str], draft: Draft
) -> None:
    for below, libelle in matieres.items():
        if len(below) == len(path) + 1 and below[:-1] == path:
            element = etree.SubElement(parent, f"{{{ACTES}}}Matiere{len(below)}")
            inside = draft.inside(_dotted(below))
            _set(element, inside, "CodeMatiere", NATURAL, below[-1])
            _set(element, inside, "Libelle", LIBELLE, libelle)
            _write_matieres(element, below, matieres, draft)


def _set(element: etree._Element, draft: Draft, name: str, word: Word[_T], value: _T) -> None:
    element.set(f"{{{ACTES}}}{name}", word.written(value, draft))


def _dotted(path: _Path) -> str:
    return ".".join(str(code) for code in path)
