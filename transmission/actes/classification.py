"""The body of a 7-2: natures with their typologies, and the tree of subjects.

Source: ACTES protocol §2.5, §5.2 to §5.4, §10 (quirks 33 and 34).
"""

from datetime import date

from lxml import etree

from transmission.actes.fields import attribute, child, children, integer
from transmission.domain.acte import Classification, TypePieceJointe
from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import NatureActe

_LEVELS_MAX = 5


def read_classification(root: etree._Element, day: date, notes: list[str]) -> Classification:
    """The classification dated ``day``; appends a French note for everything left aside."""
    matieres: dict[tuple[int, ...], str] = {}
    tree = child(root, "Matieres")
    if tree is not None:
        _read_matieres(tree, (), matieres, notes)
    return Classification(day, matieres, _types_pj(root, notes))


def _read_matieres(
    parent: etree._Element,
    path: tuple[int, ...],
    found: dict[tuple[int, ...], str],
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


def _dotted(path: tuple[int, ...]) -> str:
    return ".".join(str(code) for code in path)
