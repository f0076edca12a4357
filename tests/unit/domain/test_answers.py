"""What an answer to a letter must be; everything wrong is told at once."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from transmission.domain.acceptance import ExaminedFile
from transmission.domain.acte import ARCHIVE_MAX, Classification, TypePieceJointe
from transmission.domain.answers import check_answer
from transmission.domain.errors import Problem
from transmission.domain.identifiers import NatureActe
from transmission.domain.messages import ANSWERS, LETTERS

PDF = ExaminedFile("réponse.pdf", 1000, "pdf", "", None, None)
CLASSIFICATION = Classification(
    date(2023, 1, 2),
    {(7,): "Finances", (7, 5): "Subventions"},
    {
        NatureActe.DELIBERATION: (
            TypePieceJointe("99_DE", "Délibération"),
            TypePieceJointe("21_RP", "Rapport"),
        )
    },
)
WAYS = [(letter, answer) for letter, answers in ANSWERS.items() for answer in answers]


def _problems(letter: str, answer: str, *files: ExaminedFile, files_max: int = 3) -> list[Problem]:
    nature = NatureActe.DELIBERATION
    return check_answer(letter, answer, files, nature, CLASSIFICATION, files_max)


def _rules(*given: Any, **changes: Any) -> list[tuple[str, str]]:
    return [(problem.field, problem.rule) for problem in _problems(*given, **changes)]


@pytest.mark.parametrize(("letter", "answer"), WAYS)
def test_an_answer_that_the_letter_calls_for_may_go_with_one_document(
    letter: str, answer: str
) -> None:
    assert _problems(letter, answer, PDF) == []


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("answer", ["1-1", "2-2", "3-2", "3-3", "3-4", "4-2", "4-3", "4-4", "?"])
def test_any_other_answer_is_refused_with_those_that_may_be_given(letter: str, answer: str) -> None:
    if answer in ANSWERS[letter]:
        return
    (problem,) = _problems(letter, answer, PDF)
    assert (problem.field, problem.rule) == ("message", "reponse_prevue")
    assert all(code in problem.remedy for code in ANSWERS[letter])


def test_a_defere_calls_for_no_answer_here() -> None:
    (problem,) = _problems("5-1", "4-4", PDF)
    assert problem.remedy == "Ce courrier n'appelle pas de réponse ici."


@pytest.mark.parametrize(("letter", "answer"), WAYS)
def test_documents_are_one_unless_they_are_those_asked_for(letter: str, answer: str) -> None:
    most = 3 if answer == "3-4" else 1
    wrong = [("documents", "nombre_documents")]
    assert _rules(letter, answer) == wrong
    assert _rules(letter, answer, *[PDF] * most) == []
    assert _rules(letter, answer, *[PDF] * (most + 1)) == wrong


@pytest.mark.parametrize("kind", ["pdf", "xml", "jpg", "png"])
def test_documents_may_be_of_every_kind_that_an_annexe_may(kind: str) -> None:
    assert _problems("3-1", "3-4", replace(PDF, kind=kind)) == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"size": 0}, "fichier_vide"),
        ({"kind": None, "described": "un programme"}, "fichier_type"),
        ({"kind": "tif"}, "fichier_type_admis"),
        ({"pdf_problem": "il est protégé par un mot de passe."}, "pdf_lisible"),
        ({"code_type_pj": "00_XX"}, "typologie"),
    ],
)
def test_a_document_that_the_state_could_not_read_is_refused_by_its_rank(
    change: dict[str, Any], rule: str
) -> None:
    (problem,) = _problems("3-1", "3-4", PDF, replace(PDF, **change))
    assert (problem.field, problem.rule) == ("documents[2]", rule)
    assert "réponse.pdf" in problem.message
    assert problem.remedy


def test_documents_too_heavy_together_are_refused() -> None:
    half = replace(PDF, size=ARCHIVE_MAX // 2 + 1)
    assert _rules("3-1", "3-4", half) == []
    assert _rules("3-1", "3-4", half, half) == [("fichiers", "taille_totale")]


def test_everything_wrong_is_told_at_once() -> None:
    bad = replace(PDF, size=0, code_type_pj="00_XX")
    assert _rules("2-1", "4-4", bad, bad) == [
        ("message", "reponse_prevue"),
        ("documents", "nombre_documents"),
        ("documents[1]", "fichier_vide"),
        ("documents[1]", "typologie"),
        ("documents[2]", "fichier_vide"),
        ("documents[2]", "typologie"),
    ]
