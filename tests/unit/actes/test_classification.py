from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from transmission.actes.classification import read_classification
from transmission.actes.messages import build_message
from transmission.actes.retours import read_retour
from transmission.actes.safe_xml import parse
from transmission.actes.schema import InvalidMessageError
from transmission.domain.acte import Classification, TypePieceJointe
from transmission.domain.identifiers import NatureActe
from transmission.domain.retours import ReadRetour, RetourClassification

Changed = Callable[..., bytes]

DAY = date(2023, 11, 20)
WHOLE = Classification(
    DAY,
    {
        (8,): "Domaines de compétences par thèmes",
        (8, 3): "Voirie",
        (8, 3, 2): "noms de rues",
        (8, 3, 2, 1): "voies nouvelles",
        (8, 3, 2, 1, 10): "chemins",
        (8, 10): "Divers",
    },
    {
        NatureActe.DELIBERATION: (
            TypePieceJointe("99_DE", "Délibération"),
            TypePieceJointe("21_RP", "Rapport de présentation"),
        ),
        NatureActe.AUTRE: (TypePieceJointe("99_AU", "Autre document"),),
    },
)
AUTRES = '<actes:TypePJNatureActe actes:CodeTypePJ="99_AU" actes:Libelle="Autre document"/>'


def _read(raw: bytes) -> tuple[Classification, list[str]]:
    notes: list[str] = []
    return read_classification(parse(raw).root, DAY, notes), notes


def test_a_classification_keeps_order_levels_and_trimmed_labels(changed: Changed) -> None:
    classification, notes = _read(changed("7-2"))
    assert classification == WHOLE
    assert list(classification.matieres) == list(WHOLE.matieres)
    assert notes == []


def test_a_nature_without_typology_allows_all_codes_and_is_noted(changed: Changed) -> None:
    classification, notes = _read(changed("7-2", AUTRES, ""))
    assert classification.types_pj[NatureActe.AUTRE] == ()
    assert classification.allows(NatureActe.AUTRE, "12_XY")
    assert notes == ["La nature AU est donnée sans typologie : tous les codes y sont admis."]


def test_a_nature_without_code_is_known_by_its_abbreviation(changed: Changed) -> None:
    classification, notes = _read(changed("7-2", ' actes:CodeNatureActe="6"', ""))
    assert classification == WHOLE
    assert notes == ["La nature AU est donnée sans code."]


def test_a_nature_given_twice_keeps_all_its_typologies(changed: Changed) -> None:
    classification, _ = _read(changed("7-2", 'CodeNatureActe="6"', 'CodeNatureActe="1"'))
    codes = [item.code_type_pj for item in classification.types_pj[NatureActe.DELIBERATION]]
    assert codes == ["99_DE", "21_RP", "99_AU"]


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ('CodeNatureActe="6"', 'CodeNatureActe="7"', "La nature d'acte « 7 » est inconnue"),
        ('CodeTypePJ="99_AU"', 'CodeTypePJ=" "', "La typologie « Autre document » n'a pas de code"),
        ('CodeMatiere="10" actes:Libelle="Divers"', 'CodeMatiere="x"', "« » n'a pas de code"),
        ('CodeMatiere="10" actes:Libelle="Divers"', 'CodeMatiere="-3"', "n'a pas de code lisible"),
        ('CodeMatiere="10" actes:Libelle="Divers"', 'CodeMatiere="3"', "8.3 est décrite deux fois"),
    ],
)
def test_what_cannot_be_used_is_left_aside_and_noted(
    old: str, new: str, note: str, changed: Changed
) -> None:
    classification, notes = _read(changed("7-2", old, new))
    assert any(note.replace("« »", "«  »") in text for text in notes)
    assert classification.matieres[8, 3] == "Voirie"


def test_levels_beyond_the_fifth_are_not_read(changed: Changed) -> None:
    leaf = '<actes:Matiere5 actes:CodeMatiere="10" actes:Libelle="chemins"/>'
    deeper = leaf.replace("/>", ">") + leaf.replace("Matiere5", "Matiere6") + "</actes:Matiere5>"
    assert _read(changed("7-2", leaf, deeper))[0] == WHOLE


def test_an_empty_message_gives_an_empty_classification() -> None:
    assert _read(b"<a/>") == (Classification(DAY, {}, {}), [])


def _built(classification: Classification) -> list[str]:
    try:
        build_message(RetourClassification(classification))
    except InvalidMessageError as error:
        return [problem.message for problem in error.problems]
    return []


def test_a_classification_is_built_and_read_back() -> None:
    assert _built(WHOLE) == []
    raw = build_message(RetourClassification(WHOLE))
    assert read_retour(raw) == ReadRetour(RetourClassification(WHOLE), ())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"types_pj": {}}, "il faut des natures"),
        ({"types_pj": {NatureActe.AUTRE: ()}}, "une typologie au moins"),
        ({"matieres": {}}, "il faut des matières"),
        ({"matieres": {(8,): "x"}}, "8 n'est pas subdivisée"),
        ({"matieres": {(8,): "x", (8, 1): "y", (7, 1): "z"}}, "7.1 n'est rattachée à aucune"),
        ({"matieres": {(8,): "x", (8, 1): "y", (8, 1, 2, 3): "z"}}, "8.1.2.3 n'est rattachée"),
        ({"matieres": {(8,): "x", (8, 1): "y", (): "z"}}, "n'est rattachée"),
        ({"matieres": {(8,): "x", (8, 1): "🎉"}}, "PARTY POPPER"),
        ({"matieres": {(8,): "x", (8, -1): "y"}}, "entier positif"),
    ],
)
def test_a_classification_that_the_schema_would_refuse_is_not_built(
    changes: dict[str, Any], said: str
) -> None:
    assert any(said in message for message in _built(replace(WHOLE, **changes)))
