from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.acte import (
    ARCHIVE_MAX,
    Acte,
    Classification,
    FichierSigne,
    Matiere,
    TypePieceJointe,
)
from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import IdActe, NatureActe

CLASSIFICATION = Classification(
    date(2023, 11, 20),
    {(7,): "Finances locales", (7, 10): "Divers", (7, 5): "Subventions"},
    {
        NatureActe.DELIBERATION: (TypePieceJointe("99_DE", "Délibération"),),
        NatureActe.AUTRE: (),
    },
)


@given(st.lists(st.integers(1, 9999), min_size=2, max_size=5))
def test_a_subject_read_back_is_the_same(levels: list[int]) -> None:
    matiere = Matiere(tuple(levels))
    assert Matiere.parse(str(matiere)) == matiere
    assert Matiere.parse("-".join(map(str, levels)) + "-0-0") == matiere


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("7.10", (7, 10)),
        ("7-5-1-0-0", (7, 5, 1)),
        (" 1.1.1.1.1 ", (1, 1, 1, 1, 1)),
        ("07.05", (7, 5)),
    ],
)
def test_a_subject_is_read_in_its_two_forms(text: str, levels: tuple[int, ...]) -> None:
    assert Matiere.parse(text).niveaux == levels


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "7.",
        ".7",
        "7.0",
        "0.0",
        "7.0.1",
        "7.5.1.1.1.1",
        "7.a",
        "7.-1",
        "7,5",
        "٧.٥",
        "7.55555",
    ],
)
def test_what_is_no_subject_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError, match="n'est pas une matière"):
        Matiere.parse(text)


def test_an_act_gives_a_number_that_can_be_emitted_or_refuses() -> None:
    id_acte = IdActe("042", "123456782", date(2024, 2, 15), "2024_07B", NatureActe.DELIBERATION)
    acte = Acte(id_acte, Matiere((7, 5)), "Objet", date(2023, 11, 20), FichierSigne("a.pdf"))
    assert acte.numero_interne == "2024_07B"
    with pytest.raises(IdentifierError, match="numéro d'acte"):
        _ = replace(acte, id_acte=replace(id_acte, numero_interne="2024-07")).numero_interne


def test_a_classification_knows_its_labels() -> None:
    assert CLASSIFICATION.libelle(Matiere((7, 10))) == "Divers"
    assert CLASSIFICATION.libelle(Matiere((7, 1))) is None


@pytest.mark.parametrize(
    ("nature", "code", "allowed"),
    [
        (NatureActe.DELIBERATION, "99_DE", True),
        (NatureActe.DELIBERATION, "99_AU", False),
        (NatureActe.AUTRE, "12_XY", True),
        (NatureActe.BUDGET, "99_BU", True),
    ],
)
def test_a_typology_is_allowed_by_the_nature_alone(
    nature: NatureActe, code: str, allowed: bool
) -> None:
    assert CLASSIFICATION.allows(nature, code) is allowed


def test_an_archive_may_have_150_mebibytes() -> None:
    assert ARCHIVE_MAX == 150 * 1024 * 1024
