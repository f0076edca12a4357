"""What is refused before it is taken, rule by rule; everything wrong is told at once."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.acceptance import (
    Bounds,
    CheckedForm,
    ExaminedFile,
    Form,
    check_files,
    check_form,
)
from transmission.domain.acte import ARCHIVE_MAX, Classification, Matiere, TypePieceJointe
from transmission.domain.errors import Problem
from transmission.domain.identifiers import NatureActe

TODAY = date(2023, 3, 10)
BOUNDS = Bounds(objet_max=500, annexes_max=3)
CLASSIFICATION = Classification(
    date(2023, 1, 2),
    {
        (7,): "Finances locales",
        (7, 1): "Décisions budgétaires",
        (7, 1, 1): "Budgets et comptes",
        (7, 5): "Subventions",
        (7, 10): "Divers",
        (8,): "Domaines de compétences par thèmes",
    },
    {
        NatureActe.DELIBERATION: (
            TypePieceJointe("99_DE", "Délibération"),
            TypePieceJointe("99_SE", "Fichier de signature électronique"),
        ),
        NatureActe.BUDGET: (TypePieceJointe("99_BU", "Document budgétaire"),),
        NatureActe.AUTRE: (),
    },
)
GOOD = Form("D2023_001", "2023-03-02", "DE", "7.5", "Subvention à l’école")
SUBVENTIONS = Matiere((7, 5))
PDF = ExaminedFile("acte.pdf", 1000, "pdf", "", None, None)
BUDGET = (NatureActe.BUDGET, Matiere((7, 1)))


def _form(**changes: Any) -> CheckedForm | list[Problem]:
    return check_form(replace(GOOD, **changes), CLASSIFICATION, BOUNDS, TODAY)


def _problems(**changes: Any) -> list[Problem]:
    found = _form(**changes)
    assert isinstance(found, list), "the form was taken"
    return found


def _files(
    *files: ExaminedFile,
    nature: NatureActe | None = NatureActe.DELIBERATION,
    matiere: Matiere | None = SUBVENTIONS,
) -> list[tuple[str, str]]:
    found = check_files(files, nature, matiere, CLASSIFICATION, BOUNDS)
    return [(problem.field, problem.rule) for problem in found]


def test_a_right_form_is_read_as_it_was_typed() -> None:
    read = _form()
    assert isinstance(read, CheckedForm)
    assert (read.numero_interne, read.date_decision) == ("D2023_001", date(2023, 3, 2))
    assert (read.nature, str(read.matiere)) == (NatureActe.DELIBERATION, "7.5")
    assert (read.objet, read.document_papier, read.notes) == ("Subvention à l’école", False, ())


def test_a_wrong_number_is_answered_by_the_nearest_right_one() -> None:
    (problem,) = _problems(numero="2023-02-001")
    assert (problem.field, problem.rule) == ("numero", "numero_forme")
    assert "2023_02_001" in problem.remedy


def test_lower_case_is_refused_by_name_and_never_changed_in_silence() -> None:
    (problem,) = _problems(numero="d2023_001")
    assert "doit être écrit en capitales" in problem.message
    assert "D2023_001" in problem.remedy


def test_a_number_that_nothing_resembles_is_answered_by_an_example() -> None:
    (problem,) = _problems(numero="-" * 20)
    assert "2023_001" in problem.remedy


@pytest.mark.parametrize("day", ["2023-02-29", "10/03/2023", "", "2023-3-2", "2023-03-02T10:00"])
def test_a_date_that_is_not_of_the_calendar_is_refused(day: str) -> None:
    (problem,) = _problems(date=day)
    assert (problem.field, problem.rule) == ("date", "date_calendrier")
    assert "AAAA-MM-JJ" in problem.remedy


@pytest.mark.parametrize("day", ["20230302", "2023-W09-4", "2023W094"])
def test_a_date_is_taken_in_the_one_form_that_is_asked_for(day: str) -> None:
    assert [problem.field for problem in _problems(date=day)] == ["date"]


def test_an_act_decided_today_is_taken_and_tomorrow_is_not() -> None:
    assert isinstance(_form(date=TODAY.isoformat()), CheckedForm)
    (problem,) = _problems(date=(TODAY + timedelta(days=1)).isoformat())
    assert "futur" in problem.message
    assert "10/03/2023" in problem.message


def test_a_subject_that_the_classification_lacks_is_answered_by_its_neighbours() -> None:
    (problem,) = _problems(matiere="7.4")
    assert (problem.field, problem.rule) == ("matiere", "matiere_classification")
    assert "02/01/2023" in problem.message
    assert "7.1, 7.5, 7.10" in problem.remedy


def test_a_deeper_subject_than_the_classification_names_the_root_that_exists() -> None:
    (problem,) = _problems(matiere="7.5.1")
    assert "Subventions" in problem.message


def test_a_subject_without_any_neighbour_is_still_given_a_remedy() -> None:
    (problem,) = _problems(matiere="6.1")
    assert problem.remedy


@given(st.integers(1, 700))
def test_the_object_is_bounded_by_the_lesser_of_the_protocol_and_the_tdt(limit: int) -> None:
    bounds = Bounds(limit, 3)
    allowed = min(limit, 500)
    assert isinstance(
        check_form(replace(GOOD, objet="é" * allowed), CLASSIFICATION, bounds, TODAY), CheckedForm
    )
    found = check_form(replace(GOOD, objet="é" * (allowed + 1)), CLASSIFICATION, bounds, TODAY)
    assert isinstance(found, list)
    assert "au moins 1." in found[0].remedy


def test_the_object_is_measured_once_normalised() -> None:
    read = _form(objet="  " + "x" * 498 + "\n\ny \t")
    assert isinstance(read, CheckedForm)
    assert read.objet == "x" * 498 + " y"
    assert read.notes


def test_a_character_that_cannot_travel_is_named_before_its_length_is_judged() -> None:
    (problem,) = _problems(objet="Fête 🎉" + "x" * 600)
    assert problem.rule == "objet_caracteres"
    assert "U+1F389" in problem.message


@given(
    st.builds(
        Form, st.text(), st.text(), st.text(), st.text(), st.text(max_size=600), st.booleans()
    )
)
def test_no_form_ever_raises_and_every_problem_is_mendable(form: Form) -> None:
    found = check_form(form, CLASSIFICATION, BOUNDS, TODAY)
    if isinstance(found, CheckedForm):
        assert found.date_decision <= TODAY
        assert CLASSIFICATION.libelle(found.matiere) is not None
        assert 0 < len(found.objet) <= 500
    else:
        assert found
        assert all(p.field and p.rule and p.message and p.remedy for p in found)
        assert all(hasattr(form, p.field) for p in found)


def test_a_right_act_and_its_annexes_of_every_kind_are_taken() -> None:
    annexes = [replace(PDF, kind=kind) for kind in ("pdf", "jpg", "png")]
    assert _files(PDF, *annexes) == []
    assert _files(PDF, replace(PDF, kind="xml")) == []


@pytest.mark.parametrize("kind", ["jpg", "png", "xml"])
def test_the_act_itself_is_a_pdf(kind: str) -> None:
    assert _files(replace(PDF, kind=kind)) == [("document", "fichier_type_admis")]


@pytest.mark.parametrize("niveaux", [(7, 1), (7, 1, 1)])
def test_a_budget_of_the_budgetary_subject_may_be_xml(niveaux: tuple[int, ...]) -> None:
    xml = replace(PDF, kind="xml")
    assert _files(xml, nature=NatureActe.BUDGET, matiere=Matiere(niveaux)) == []


@pytest.mark.parametrize(
    ("nature", "matiere"),
    [
        (NatureActe.BUDGET, Matiere((7, 5))),
        (NatureActe.BUDGET, Matiere((7, 10))),
        (NatureActe.BUDGET, None),
        (NatureActe.DELIBERATION, Matiere((7, 1))),
    ],
)
def test_xml_is_refused_to_any_other_act(nature: NatureActe, matiere: Matiere | None) -> None:
    xml = replace(PDF, kind="xml")
    assert _files(xml, nature=nature, matiere=matiere) == [("document", "fichier_type_admis")]


@pytest.mark.parametrize("kind", ["jpg", "png", "xml"])
def test_the_annexes_of_a_budget_in_xml_are_pdfs(kind: str) -> None:
    files = (replace(PDF, kind="xml"), PDF, replace(PDF, kind=kind))
    assert _files(*files, nature=BUDGET[0], matiere=BUDGET[1]) == [
        ("annexes[2]", "fichier_type_admis")
    ]


def test_an_unknown_content_is_told_for_what_it_is_and_only_so() -> None:
    word = replace(PDF, nom_original="acte.pdf", kind=None, described="un document Word")
    (problem,) = check_files([word], *BUDGET, CLASSIFICATION, BOUNDS)
    assert (problem.rule, "un document Word" in problem.message) == ("fichier_type", True)


def test_an_empty_file_is_told_as_empty_and_only_so() -> None:
    assert _files(replace(PDF, size=0, kind=None)) == [("document", "fichier_vide")]


def test_an_unreadable_pdf_is_told_with_its_reason() -> None:
    locked = replace(PDF, pdf_problem="il est protégé.")
    (problem,) = check_files([locked], None, None, CLASSIFICATION, BOUNDS)
    assert (problem.rule, "il est protégé." in problem.message) == ("pdf_lisible", True)


def test_a_typology_of_another_nature_is_answered_by_those_allowed() -> None:
    files = [PDF, replace(PDF, code_type_pj="99_BU")]
    (problem,) = check_files(files, NatureActe.DELIBERATION, SUBVENTIONS, CLASSIFICATION, BOUNDS)
    assert (problem.field, problem.rule) == ("annexes[1]", "typologie")
    assert "99_DE, 99_SE" in problem.remedy


def test_a_nature_received_without_typologies_takes_any_code() -> None:
    assert _files(replace(PDF, code_type_pj="99_XX"), nature=NatureActe.AUTRE) == []


def test_the_typology_that_would_be_written_by_default_is_judged_too() -> None:
    lacking = replace(
        CLASSIFICATION,
        types_pj={NatureActe.DELIBERATION: (TypePieceJointe("99_SE", "Signature"),)},
    )
    found = check_files([PDF], NatureActe.DELIBERATION, SUBVENTIONS, lacking, BOUNDS)
    assert [(problem.field, problem.rule) for problem in found] == [("document", "typologie")]


def test_one_annex_more_than_the_tdt_takes_is_refused() -> None:
    assert _files(*[PDF] * 4) == []
    assert _files(*[PDF] * 5) == [("annexes", "nombre_annexes")]


def test_the_files_together_are_bounded_to_the_byte() -> None:
    half = replace(PDF, size=ARCHIVE_MAX // 2)
    assert _files(half, half) == []
    assert _files(half, replace(half, size=ARCHIVE_MAX // 2 + 1)) == [("fichiers", "taille_totale")]


def test_an_unknown_nature_hides_none_of_the_problems_of_the_files() -> None:
    files = (replace(PDF, size=0), replace(PDF, kind=None))
    assert _files(*files, nature=None) == [
        ("document", "fichier_vide"),
        ("annexes[1]", "fichier_type"),
    ]


examined = st.builds(
    ExaminedFile,
    st.text(max_size=20),
    st.integers(0, ARCHIVE_MAX + 1),
    st.sampled_from(["pdf", "xml", "jpg", "png", None]),
    st.text(max_size=5),
    st.none() | st.just("illisible."),
    st.none() | st.sampled_from(["99_DE", "99_BU", "99_SE", "n'importe quoi"]),
)


@given(
    st.lists(examined, min_size=1, max_size=6),
    st.none() | st.sampled_from(NatureActe),
    st.none() | st.sampled_from([Matiere((7, 1)), Matiere((7, 5))]),
)
def test_files_that_pass_hold_every_promise_of_the_protocol(
    files: list[ExaminedFile], nature: NatureActe | None, matiere: Matiere | None
) -> None:
    if check_files(files, nature, matiere, CLASSIFICATION, BOUNDS):
        return
    assert sum(file.size for file in files) <= ARCHIVE_MAX
    assert all(file.size and file.kind and not file.pdf_problem for file in files)
    if nature is not None:
        allowed = {"pdf", "xml"} if (nature, matiere) == BUDGET else {"pdf"}
        assert files[0].kind in allowed
        codes = {file.code_type_pj or nature.typologie_par_defaut for file in files}
        assert all(CLASSIFICATION.allows(nature, code) for code in codes)
