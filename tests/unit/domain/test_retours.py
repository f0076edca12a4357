from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from transmission.domain.acte import Acte, FichierSigne, Matiere
from transmission.domain.identifiers import IdActe, NatureActe
from transmission.domain.retours import ActeRecu, EchoDifference, echo_differences

SENT = Acte(
    id_acte=IdActe("042", "123456782", date(2024, 2, 15), "2024_07B", NatureActe.DELIBERATION),
    matiere=Matiere((8, 3)),
    objet="Dénomination de l’allée de l'œuvre",
    date_classification=date(2023, 11, 20),
    document=FichierSigne("99_DE-a.pdf"),
    annexes=(FichierSigne("21_RP-b.pdf"), FichierSigne("21_RP-c.pdf")),
)
ECHO = ActeRecu(
    numero_interne="2024_07B",
    date_decision=date(2024, 2, 15),
    code_nature=1,
    matieres=(8, 3),
    objet="Dénomination de l’allée de l'œuvre",
    date_classification=date(2023, 11, 20),
    document=FichierSigne("99_DE-a.pdf"),
    annexes=(FichierSigne("21_RP-b.pdf"), FichierSigne("21_RP-c.pdf")),
    nombre_annexes=2,
    document_papier=False,
)


def test_a_faithful_echo_has_no_difference() -> None:
    assert echo_differences(SENT, ECHO) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"numero_interne": "2024_07b"},
        {"objet": "DENOMINATION de l'allee de l'oeuvre "},
        {"document": FichierSigne("99_de-A.PDF", "signature")},
        {"annexes": (FichierSigne("21_RP-c.pdf"), FichierSigne("21_RP-b.pdf"))},
        {"date_classification": date(2022, 1, 1)},
        {"document_papier": True},
    ],
)
def test_what_the_way_may_change_is_no_difference(changes: dict[str, Any]) -> None:
    assert echo_differences(SENT, replace(ECHO, **changes)) == ()


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"numero_interne": "2024_08"}, EchoDifference("numero_interne", "2024_07B", "2024_08")),
        ({"numero_interne": None}, EchoDifference("numero_interne", "2024_07B", "")),
        (
            {"date_decision": date(2024, 2, 16)},
            EchoDifference("date_decision", "2024-02-15", "2024-02-16"),
        ),
        ({"date_decision": None}, EchoDifference("date_decision", "2024-02-15", "")),
        ({"code_nature": 2}, EchoDifference("nature", "1", "2")),
        ({"code_nature": None}, EchoDifference("nature", "1", "")),
        ({"matieres": (8, 3, None, 1)}, EchoDifference("matiere", "8.3", "8.3..1")),
        ({"matieres": ()}, EchoDifference("matiere", "8.3", "")),
        ({"document": None}, EchoDifference("document", "99_DE-A.PDF", "")),
        (
            {"annexes": (FichierSigne("21_RP-b.pdf"),)},
            EchoDifference("annexes", "21_RP-B.PDF 21_RP-C.PDF", "21_RP-B.PDF"),
        ),
        ({"nombre_annexes": 3}, EchoDifference("nombre_annexes", "2", "3")),
        ({"nombre_annexes": None}, EchoDifference("nombre_annexes", "2", "")),
        ({"objet": "Autre objet"}, EchoDifference("objet", SENT.objet, "Autre objet")),
        ({"objet": None}, EchoDifference("objet", SENT.objet, "")),
    ],
)
def test_a_point_that_differs_is_named_with_both_values(
    changes: dict[str, Any], difference: EchoDifference
) -> None:
    assert echo_differences(SENT, replace(ECHO, **changes)) == (difference,)


def test_differences_come_in_the_order_of_the_form() -> None:
    nothing = ActeRecu(None, None, None, (), None, None, None, (), None, document_papier=False)
    assert [difference.champ for difference in echo_differences(SENT, nothing)] == [
        "numero_interne",
        "date_decision",
        "nature",
        "matiere",
        "document",
        "annexes",
        "nombre_annexes",
        "objet",
    ]
