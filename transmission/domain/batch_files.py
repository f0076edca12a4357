"""The files of a batch as its manifest names them: by a name alone, which stays in the folder."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from transmission.domain.errors import Problem
from transmission.domain.texte import printable

MANIFESTS = ("actes.csv", "actes.json")
"""Names of the manifest: one of them, not both."""

READY = ".pret"
"""Name of an empty file that says that the folder is complete."""

REPORT = "rapport-de-remise"
"""Name of the report, before ``.json`` and ``.txt``."""

ANNEXES_MAX = 100
"""Annexes that a line may name: more than any TdT takes."""

NAME_MAX = 255
"""Bytes of a name, as file systems count."""

_CODE = re.compile(r"[A-Z0-9_]{5}")


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file of the folder by its name alone, and its typology when it was given."""

    nom: str
    code_type_pj: str | None = None


def name_fault(nom: str) -> str | None:
    """Why a name (French) cannot be that of a file of the folder, None when it can."""
    kinds = {unicodedata.category(character) for character in nom}
    if any(kind[0] == "C" or kind in ("Zl", "Zp") for kind in kinds):
        return "a un caractère de contrôle"
    if "/" in nom or "\\" in nom:
        return "est un chemin, pas le nom d'un fichier du dossier"
    if nom.startswith("."):
        return "commence par un point"
    if len(nom.encode()) > NAME_MAX:
        return "est trop long"
    if nom in MANIFESTS or nom.startswith(f"{REPORT}."):
        return "n'est pas un document, il décrit le lot"
    return None


def same_name(nom: str) -> str:
    """A form under which two spellings of one name (accents composed or not) are equal."""
    return unicodedata.normalize("NFC", nom)


def typologie_of(field: str, written: str, problems: list[Problem]) -> str | None:
    """A typology as it is written, None for none; what is wrong with it is added."""
    if not written:
        return None
    if not _CODE.fullmatch(written):
        said = f"« {written[:40]} » n'est pas un code de typologie."
        problems.append(Problem(field, "typologie", said, "Écrivez-le comme 99_DE."))
    return written


def named_annexes(given: Any, problems: list[Problem]) -> Iterator[NamedFile]:
    """The annexes that a line names, in its own words or in JSON; what is wrong is added."""
    entries = list(_entries(given))
    if len(entries) > ANNEXES_MAX:
        said = f"Il y a {len(entries)} annexes."
        problems.append(Problem("annexes", "nombre_annexes", said, "Regroupez-en."))
        return
    for rank, entry in enumerate(entries, start=1):
        field = f"annexes[{rank}]"
        if entry is None:
            said = "Ce n'est pas une annexe."
            remedy = 'Écrivez "plan.pdf" ou {"fichier": "plan.pdf", "typologie": "99_AU"}.'
            problems.append(Problem(field, "annexe_forme", said, remedy))
        elif named := named_file(
            field, entry[0], typologie_of(field, entry[1], problems), problems
        ):
            yield named


def _entries(given: Any) -> Iterator[tuple[str, str] | None]:
    """Name and code of each annexe; None for what is none."""
    if given is None:
        return
    if isinstance(given, str):
        yield from (_cut(text.strip()) for text in given.split("|") if text.strip())
        return
    for entry in given if isinstance(given, list) else [given]:
        if isinstance(entry, str):
            yield _cut(entry)
        elif isinstance(entry, dict) and {"fichier"} <= set(entry) <= {"fichier", "typologie"}:
            name, code = entry["fichier"], entry.get("typologie") or ""
            texts = isinstance(name, str) and isinstance(code, str)
            yield (name, code) if texts else None
        else:
            yield None


def _cut(text: str) -> tuple[str, str]:
    name, colon, code = text.rpartition(":")
    if colon and _CODE.fullmatch(code.strip()):
        return name.strip(), code.strip()
    return text, ""


def named_file(field: str, nom: str, code: str | None, problems: list[Problem]) -> NamedFile | None:
    """The file that a name says, None when it says none that can be; what is wrong is added."""
    if not nom:
        problems.append(
            Problem(field, "fichier_absent", "aucun fichier n'est nommé.", "Écrivez son nom.")
        )
        return None
    if fault := name_fault(nom):
        said = f"« {printable(nom)[:80]} » {fault}."
        remedy = "Mettez le fichier dans le dossier du lot, et n'écrivez que son nom."
        problems.append(Problem(field, "nom_de_fichier", said, remedy))
        return None
    return NamedFile(nom, code)
