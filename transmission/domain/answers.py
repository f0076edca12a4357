"""What an answer to a letter of the préfecture must be, checked before it is taken.

All problems are found at once, each naming the field, the rule and the remedy, in French.
Sources: ACTES protocol §2.2, §3.7, §7.1; S²LOW API §4.17.
"""

from collections.abc import Sequence

from transmission.domain.acceptance import (
    ANNEXE_KINDS,
    ExaminedFile,
    content_problems,
    size_problems,
    typologie_problems,
)
from transmission.domain.acte import Classification
from transmission.domain.errors import Problem
from transmission.domain.identifiers import NatureActe
from transmission.domain.messages import ANSWERS, label_of

PIECES = "3-4"
"""The one answer that carries several documents, and that may be completed by another."""


def check_answer(
    letter: str,
    answer: str,
    files: Sequence[ExaminedFile],
    nature: NatureActe,
    classification: Classification,
    files_max: int,
) -> list[Problem]:
    """Problems of an answer, by the codes of the letter and of the answer; none, if it may go."""
    problems = _kind_problems(letter, answer) + _count_problems(answer, len(files), files_max)
    for rank, file in enumerate(files, start=1):
        field = f"documents[{rank}]"
        problems += content_problems(field, file)
        problems += typologie_problems(field, file, nature, classification)
        if file.kind is not None and file.kind not in ANNEXE_KINDS:
            problems.append(
                Problem(
                    field,
                    "fichier_type_admis",
                    f"« {file.nom_original} » est un fichier {file.kind}, qui n'est pas admis.",
                    "Fournissez un PDF, un JPEG, un PNG ou un XML.",
                )
            )
    return problems + size_problems(files)


def _kind_problems(letter: str, answer: str) -> list[Problem]:
    allowed = ANSWERS[letter]
    if answer in allowed:
        return []
    ways = " ; ".join(f"{code} ({label_of(code)})" for code in allowed)
    return [
        Problem(
            "message",
            "reponse_prevue",
            f"Un message {answer} ne répond pas à : {label_of(letter)}.",
            f"Choisissez : {ways}." if ways else "Ce courrier n'appelle pas de réponse ici.",
        )
    ]


def _count_problems(answer: str, count: int, files_max: int) -> list[Problem]:
    most = files_max if answer == PIECES else 1
    if 1 <= count <= most:
        return []
    return [
        Problem(
            "documents",
            "nombre_documents",
            f"Cette réponse porte {count} document(s) ; il en faut de 1 à {most}."
            if most > 1
            else f"Cette réponse porte {count} document(s) ; il en faut un, et un seul.",
            "Regroupez-les dans un seul PDF." if count else "Joignez le document.",
        )
    ]
