"""Every rule that would make the TdT or the ministry refuse an act, checked before it is taken.

All problems are found at once, each naming the field, the rule and the remedy, in French.
Sources: ACTES protocol §2.3, §3.6, §3.7, §4.2, §5; S²LOW API §4.8.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from transmission.domain.acte import ARCHIVE_MAX, OBJET_MAX, Classification, Matiere
from transmission.domain.errors import IdentifierError, Problem
from transmission.domain.identifiers import NatureActe, NumeroInterne, proposed_numero
from transmission.domain.texte import normalise

_T = TypeVar("_T")

ANNEXE_KINDS = ("pdf", "jpg", "png", "xml")
BUDGET_MATIERE = (7, 1)


@dataclass(frozen=True, slots=True)
class Form:
    """What the caller typed, untouched."""

    numero: str
    date: str
    nature: str
    matiere: str
    objet: str
    document_papier: bool = False


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """The same, read. ``notes`` (French, without a full stop) say what was normalised in the
    object, and what else the sender had better know."""

    numero_interne: NumeroInterne
    date_decision: date
    nature: NatureActe
    matiere: Matiere
    objet: str
    document_papier: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExaminedFile:
    """What is known of a file by its content. ``kind`` is an extension, None when not accepted."""

    nom_original: str
    size: int
    kind: str | None
    described: str
    pdf_problem: str | None
    code_type_pj: str | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the TdT of the authority bounds on top of the protocol."""

    objet_max: int
    annexes_max: int


def check_form(
    form: Form, classification: Classification, bounds: Bounds, today: date
) -> CheckedForm | list[Problem]:
    """Read a form; every problem at once. ``today`` is the authority's civil day."""
    problems: list[Problem] = []
    numero = _read(problems, "numero", "numero_forme", _numero, form.numero)
    day = _read(problems, "date", "date_calendrier", lambda text: _day(text, today), form.date)
    nature = _read(problems, "nature", "nature_connue", NatureActe.parse, form.nature)
    matiere = _read(problems, "matiere", "matiere_forme", Matiere.parse, form.matiere)
    if matiere is not None and classification.libelle(matiere) is None:
        problems.append(unknown_matiere(matiere, classification))
    objet = normalise(form.objet)
    problems += _objet_problems(objet.text, objet.refused, bounds)
    if problems or numero is None or day is None or nature is None or matiere is None:
        return problems
    notes = tuple(f"Objet : {note}" for note in objet.notes)
    return CheckedForm(numero, day, nature, matiere, objet.text, form.document_papier, notes)


def check_files(
    files: Sequence[ExaminedFile],
    nature: NatureActe | None,
    matiere: Matiere | None,
    classification: Classification,
    bounds: Bounds,
) -> list[Problem]:
    """Problems of the act's files, the first being the act itself (ACTES protocol §3.7)."""
    problems: list[Problem] = []
    for rank, file in enumerate(files):
        field = "document" if rank == 0 else f"annexes[{rank}]"
        problems += content_problems(field, file)
        if nature is not None:
            problems += typologie_problems(field, file, nature, classification)
            if file.kind is not None and file.kind not in _accepted(rank, nature, matiere, files):
                problems.append(_wrong_kind(field, file, rank))
    return problems + _bulk_problems(files, bounds)


def _accepted(
    rank: int, nature: NatureActe, matiere: Matiere | None, files: Sequence[ExaminedFile]
) -> tuple[str, ...]:
    if rank > 0:
        return ("pdf",) if files[0].kind == "xml" else ANNEXE_KINDS
    is_budget = nature is NatureActe.BUDGET and matiere is not None
    if is_budget and matiere is not None and matiere.niveaux[:2] == BUDGET_MATIERE:
        return ("pdf", "xml")
    return ("pdf",)


def _read(
    problems: list[Problem], field: str, rule: str, reader: Callable[[str], _T], text: str
) -> _T | None:
    try:
        return reader(text)
    except IdentifierError as error:
        problems.append(Problem(field, rule, str(error), _remedy(field, text)))
        return None


def _remedy(field: str, text: str) -> str:
    if field == "numero" and (proposal := proposed_numero(text)):
        return f"Utilisez par exemple {proposal}."
    return {
        "numero": "Donnez un numéro tel que 2023_001.",
        "date": "Donnez la date de la décision sous la forme AAAA-MM-JJ.",
        "nature": "Donnez la nature de l'acte, par exemple DE.",
        "matiere": "Choisissez une matière de la classification, par exemple 7.5.",
    }[field]


def _numero(text: str) -> NumeroInterne:
    if text != text.upper() and proposed_numero(text) == text.upper():
        raise IdentifierError(f"Le numéro « {text} » doit être écrit en capitales.")
    return NumeroInterne(text)


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise IdentifierError(f"« {text} » n'est pas une date du calendrier.") from error
    if day.isoformat() != text:
        # Python also reads « 20230302 » and weeks such as « 2023-W09-4 »; people rarely do.
        raise IdentifierError(f"« {text} » n'est pas écrit comme une date.")
    if day > today:
        raise IdentifierError(
            f"La décision est datée du {day:%d/%m/%Y}, qui est dans le futur (nous sommes le "
            f"{today:%d/%m/%Y})."
        )
    return day


def _objet_problems(objet: str, refused: Sequence[str], bounds: Bounds) -> list[Problem]:
    limit = min(OBJET_MAX, bounds.objet_max)
    if refused:
        return [
            Problem(
                "objet",
                "objet_caracteres",
                f"Ces caractères ne peuvent pas être transmis : {', '.join(refused)}.",
                "Retirez-les ou remplacez-les par des mots.",
            )
        ]
    if not objet:
        return [
            Problem("objet", "objet_vide", "L'objet est vide.", "Résumez l'acte en une phrase.")
        ]
    if len(objet) > limit:
        return [
            Problem(
                "objet",
                "objet_longueur",
                f"L'objet compte {len(objet)} caractères ; {limit} au plus sont admis.",
                f"Retirez-en au moins {len(objet) - limit}.",
            )
        ]
    return []


def unknown_matiere(matiere: Matiere, classification: Classification) -> Problem:
    """A subject that the classification in force does not have, and those near it."""
    parent = classification.matieres.get(matiere.niveaux[:2])
    near = sorted(
        levels
        for levels in classification.matieres
        if levels[0] == matiere.niveaux[0] and len(levels) == 2
    )
    shown = ", ".join(".".join(map(str, levels)) for levels in near)
    hint = f"Sous {matiere.niveaux[0]} existent : {shown}." if near else ""
    known = f" (sa racine « {parent} » existe)" if parent else ""
    return Problem(
        "matiere",
        "matiere_classification",
        f"La matière {matiere} n'est pas dans la classification du "
        f"{classification.date_classification:%d/%m/%Y}{known}.",
        hint or "Choisissez une matière de la classification en vigueur.",
    )


def content_problems(field: str, file: ExaminedFile) -> list[Problem]:
    """What makes a file unreadable for the State, whatever it is for."""
    if file.size == 0:
        return [
            Problem(field, "fichier_vide", f"« {file.nom_original} » est vide.", "Redéposez-le.")
        ]
    if file.kind is None:
        return [
            Problem(
                field,
                "fichier_type",
                f"« {file.nom_original} » est en réalité : {file.described}.",
                "Convertissez-le en PDF.",
            )
        ]
    if file.pdf_problem:
        return [
            Problem(
                field,
                "pdf_lisible",
                f"« {file.nom_original} » : {file.pdf_problem}",
                "Produisez à nouveau le PDF, sans mot de passe.",
            )
        ]
    return []


def _wrong_kind(field: str, file: ExaminedFile, rank: int) -> Problem:
    wanted = (
        "un PDF (ou XML pour un document budgétaire de matière 7.1)"
        if rank == 0
        else "un PDF, ou s'il accompagne un acte en PDF : JPEG, PNG ou XML"
    )
    return Problem(
        field,
        "fichier_type_admis",
        f"« {file.nom_original} » est un fichier {file.kind}, qui n'est pas admis ici.",
        f"Fournissez {wanted}.",
    )


def typologie_problems(
    field: str, file: ExaminedFile, nature: NatureActe, classification: Classification
) -> list[Problem]:
    """A typology that the classification does not allow on an act of that nature."""
    code = file.code_type_pj or nature.typologie_par_defaut
    if classification.allows(nature, code):
        return []
    allowed = ", ".join(item.code_type_pj for item in classification.types_pj[nature])
    return [
        Problem(
            field,
            "typologie",
            f"La typologie {code} n'est pas admise pour la nature {nature.label} "
            f"(« {file.nom_original} »).",
            f"Choisissez parmi : {allowed}.",
        )
    ]


def _bulk_problems(files: Sequence[ExaminedFile], bounds: Bounds) -> list[Problem]:
    problems = size_problems(files)
    annexes = len(files) - 1
    if annexes > bounds.annexes_max:
        problems.append(
            Problem(
                "annexes",
                "nombre_annexes",
                f"L'acte a {annexes} annexes ; {bounds.annexes_max} au plus sont admises.",
                "Regroupez des annexes dans un même PDF.",
            )
        )
    return problems


def size_problems(files: Sequence[ExaminedFile]) -> list[Problem]:
    """Files which no archive could hold together (ACTES protocol §3.6)."""
    problems = []
    total = sum(file.size for file in files)
    if total > ARCHIVE_MAX:
        problems.append(
            Problem(
                "fichiers",
                "taille_totale",
                f"Les fichiers pèsent {total} octets ; {ARCHIVE_MAX} au plus sont admis.",
                "Allégez les annexes ou transmettez-les à part.",
            )
        )
    return problems
