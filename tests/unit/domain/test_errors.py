"""Errors that people read."""

from transmission.domain.errors import Problem, RefusedError, TransmissionError

NUMERO = Problem("numero", "numero_forme", "Le numéro est vide.", "Donnez-en un.")
OBJET = Problem("objet", "objet_vide", "L'objet est vide.", "Résumez l'acte.")


def test_a_refusal_tells_every_problem_its_field_and_its_remedy() -> None:
    refusal = RefusedError([NUMERO, OBJET])
    assert refusal.problems == (NUMERO, OBJET)
    assert str(refusal) == (
        "numero : Le numéro est vide. Donnez-en un.\nobjet : L'objet est vide. Résumez l'acte."
    )


def test_a_refusal_keeps_its_problems_whatever_becomes_of_the_list() -> None:
    problems = [NUMERO]
    refusal = RefusedError(problems)
    problems.append(OBJET)
    assert refusal.problems == (NUMERO,)
    assert isinstance(refusal, TransmissionError)
