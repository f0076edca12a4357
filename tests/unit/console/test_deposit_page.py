"""What a form of deposit says, and where each problem is told."""

import pytest

from transmission.console.deposit_page import DepositPage, Typed, differences_of, told
from transmission.domain.errors import AlreadyTakenError, ConflictError, Problem


def problem(field: str, message: str = "Fait.") -> Problem:
    return Problem(field, "règle", message, "Remède.")


@pytest.mark.parametrize(
    ("field", "anchor"),
    [
        ("numero", "numero"),
        ("document", "document"),
        ("fichiers", "document"),
        ("annexes", "annexe-1"),
        ("annexes[1]", "annexe-2"),
        ("annexes[2]", "annexe-5"),
        ("annexes[9]", "annexe-1"),
        ("annexes[x]", "annexes[x]"),
        ("collectivite", ""),
    ],
)
def test_a_problem_leads_to_its_field_whatever_rows_were_left_empty(
    field: str, anchor: str
) -> None:
    assert told([problem(field)], [2, 5])[0].anchor == anchor


def test_a_field_left_empty_is_said_empty() -> None:
    assert told([problem("date", "«  » n'est pas une date.")], [])[0].text == (
        "Ce champ est vide. Remède."
    )


@pytest.mark.parametrize(("typed", "given"), [("7.5 Subventions", "7.5"), ("7.5", "7.5"), ("", "")])
def test_the_code_of_a_matiere_is_taken_out_of_what_was_picked(typed: str, given: str) -> None:
    assert Typed({"matiere": typed}).form.matiere == given


def test_the_differences_of_a_conflict_are_those_of_the_form() -> None:
    known = AlreadyTakenError("Déjà.", 4, ["date_decision", "objet", "fichiers"])
    assert differences_of(known) == ("date", "objet", "document")
    assert differences_of(ConflictError("Autre.")) == ()
    page = DepositPage(owners=(), differences=("date", "document"))
    assert page.different == "date de la décision, fichiers"
    assert page.is_different("date")
