"""What a reader of a PDF should know although it can be sent (ACTES protocol §3.7).

Nothing is executed, and only what leads to actions and files is followed: from the catalogue, so
many objects and no more, whatever the file says.
"""

from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from transmission.domain.texte import printable

_OBJECTS_MAX = 10_000
_NAMES_SHOWN = 3
_NAME_MAX = 60

# The whole document first, its pages last: what is left aside is what few readers reach.
_LEADS = (
    *("/OpenAction", "/AA", "/A", "/Next", "/Names", "/JavaScript", "/EmbeddedFiles", "/AF"),
    *("/FS", "/AcroForm", "/Fields", "/Outlines", "/First", "/Annots", "/Kids", "/Pages"),
)
_TRIGGERS = (
    *("/O", "/C", "/PO", "/PC", "/PV", "/PI", "/WC", "/WS", "/DS", "/WP", "/DP"),
    *("/E", "/X", "/D", "/U", "/Fo", "/Bl", "/K", "/F", "/V"),
)

_LOCKED = (
    "ce PDF est verrouillé (chiffré, son usage est restreint) et le ministère peut le refuser ; "
    "produisez-le à nouveau sans restriction ni mot de passe"
)
_ACTIVE = (
    "ce PDF contient du code actif ({}), qui n'a pas été exécuté ; si l'acte se lit sans lui, "
    "produisez le PDF à nouveau sans ce code"
)
_EMBEDDED = (
    "ce PDF renferme {}, que la préfecture n'ouvrira peut-être pas ; ce qui fait partie de l'acte "
    "se dépose en annexe"
)
_PARTIAL = (
    "ce PDF a trop d'éléments pour que le code actif et les fichiers joints y soient cherchés "
    "partout"
)


@dataclass(frozen=True, slots=True)
class _Reached:
    dictionaries: list[Object]
    whole: bool


def notes_on(pdf: pikepdf.Pdf) -> tuple[str, ...]:
    """French notes, each without a capital or a final stop, on a PDF that is taken all the same.

    It is locked (an owner password restricts it), holds JavaScript or launches programs, holds
    files, or has more than ten thousand objects that may lead there. Nothing is said of a PDF
    where what leads there cannot be read.
    """
    try:
        with pikepdf.explicit_conversion():
            reached = _reached(pdf)
            notes = (
                _LOCKED if pdf.is_encrypted else "",
                _active(reached.dictionaries),
                _embedded(reached.dictionaries),
                "" if reached.whole else _PARTIAL,
            )
    # A name that is no text is a ValueError.
    except (pikepdf.PikepdfError, ValueError):
        return ()
    return tuple(note for note in notes if note)


def _reached(pdf: pikepdf.Pdf) -> _Reached:
    dictionaries: list[Object] = []
    pending, seen, left = [pdf.Root], pikepdf.ObjectSet(), _OBJECTS_MAX
    while pending:
        holder = pending.pop()
        if not isinstance(holder, Array | Dictionary) or not seen.add(holder):
            continue
        if isinstance(holder, Dictionary):
            dictionaries.append(holder)
        leads = _elements(holder, left) if isinstance(holder, Array) else _leads(holder)
        left -= len(leads)
        if left <= 0:
            return _Reached(dictionaries, whole=False)
        pending.extend(reversed(leads))
    return _Reached(dictionaries, whole=True)


def _elements(array: Array, most: int) -> list[Object]:
    return [array[rank] for rank in range(min(len(array), most))]


def _leads(holder: Dictionary) -> list[Object]:
    triggers = holder.get("/AA")
    found = [holder.get(key) for key in _LEADS]
    if isinstance(triggers, Dictionary):
        found += [triggers.get(key) for key in _TRIGGERS]
    return [value for value in found if value is not None]


def _active(dictionaries: list[Object]) -> str:
    found = set()
    for holder in dictionaries:
        action = holder.get("/S")
        if action == Name.JavaScript or "/JS" in holder:
            found.add("JavaScript")
        elif action == Name.Launch:
            found.add("lancement de programme")
    return _ACTIVE.format(", ".join(sorted(found))) if found else ""


def _embedded(dictionaries: list[Object]) -> str:
    files = [holder for holder in dictionaries if isinstance(holder.get("/EF"), Dictionary)]
    if not files:
        return ""
    names = ", ".join(f"« {_name(file)} »" for file in files[:_NAMES_SHOWN])
    others = len(files) - _NAMES_SHOWN
    more = f" et {others} autre{'s' if others > 1 else ''}" if others > 0 else ""
    noun = "un fichier joint" if len(files) == 1 else f"{len(files)} fichiers joints"
    return _EMBEDDED.format(f"{noun} ({names}{more})")


def _name(file: Object) -> str:
    named = [file.get(key) for key in ("/UF", "/F")]
    texts = [str(name) for name in named if isinstance(name, String)]
    name = next(filter(None, texts), "sans nom")
    return printable(name[:_NAME_MAX]) + ("…" if len(name) > _NAME_MAX else "")
