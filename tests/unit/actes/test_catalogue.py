"""What each form demands, beyond what going both ways shows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from transmission.actes.catalogue import FORMS
from transmission.actes.forms import UnreadableRetourError
from transmission.actes.messages import build_message, read_message
from transmission.actes.schema import InvalidMessageError
from transmission.domain.acte import FichierSigne
from transmission.domain.courriers import (
    ARPieceComplementaire,
    DefereTA,
    LettreObservations,
    PieceComplementaire,
)
from transmission.domain.enveloppes import EnveloppeCLMISILL, EnveloppeMISILLCL
from transmission.domain.identifiers import IdActe, IDPref, NatureActe
from transmission.domain.messages import MESSAGES, Message
from transmission.domain.retours import AnomalieActe, AnomalieEnveloppe

Changed = Callable[..., bytes]

ID_ACTE = IdActe("042", "123456782", date(2023, 12, 31), "A1", NatureActe.DELIBERATION)
DAY = date(2024, 1, 2)
FILE = FichierSigne("a.pdf")
FORMULAIRE = FichierSigne("042-123456782-20231231-A1-DE-1-1_0.xml")
ENVELOPE = EnveloppeCLMISILL("123456782", "042", 2, "31", ("a@b.fr",), (FORMULAIRE,))
OF_THE_STATE = EnveloppeMISILLCL(IDPref("042"), "123456782", (FORMULAIRE,))


def test_every_message_of_the_table_has_its_form() -> None:
    assert set(FORMS) == {kind.type for kind in MESSAGES}


@pytest.mark.parametrize(
    ("message", "changes", "fields"),
    [
        (PieceComplementaire(ID_ACTE, DAY, (FILE,)), {"documents": ()}, ["documents"]),
        (DefereTA(ID_ACTE, DAY, "x", ()), {"nature_illegalite": ""}, ["nature_illegalite"]),
        (LettreObservations(ID_ACTE, DAY, "x", FILE), {"motif": " "}, ["motif"]),
        (
            ARPieceComplementaire(ID_ACTE, DAY, DAY),
            {"id_acte": replace(ID_ACTE, departement="020")},
            ["id_acte"],
        ),
        (ENVELOPE, {"adresses_retour": ()}, ["adresses_retour"]),
        (ENVELOPE, {"formulaires": ()}, ["formulaires"]),
        (ENVELOPE, {"formulaires": (FORMULAIRE, FORMULAIRE)}, ["formulaires"]),
        (ENVELOPE, {"siren": "123456789"}, ["siren", "formulaires"]),
        (OF_THE_STATE, {"formulaires": ()}, ["formulaires"]),
        (OF_THE_STATE, {"destinataire": ""}, ["destinataire"]),
        (OF_THE_STATE, {"emetteur": None}, ["emetteur"]),
        (OF_THE_STATE, {"emetteur": IDPref("42")}, ["emetteur"]),
    ],
)
def test_what_the_protocol_demands_is_demanded_when_building(
    message: Any, changes: dict[str, Any], fields: list[str]
) -> None:
    build_message(message)
    with pytest.raises(InvalidMessageError) as caught:
        build_message(replace(message, **changes))
    assert [problem.field for problem in caught.value.problems] == fields


def test_a_referral_may_be_built_without_documents() -> None:
    assert b"<actes:PiecesJointes/>" in build_message(DefereTA(ID_ACTE, DAY, "x", ()))


def _read(raw: bytes) -> Message:
    return read_message(raw, emetteur=("042", "123456782")).message


@pytest.mark.parametrize(
    ("code", "old", "new", "said"),
    [
        ("2-2", "NomFichier", "Nom", "il manque Document"),
        ("3-3", "Document>", "Autre>", "il manque Document"),
        ("3-4", "Document>", "Autre>", "il manque Document"),
        ("4-3", ' actes:DateCourrierPref="2024-03-11"', "", "il manque DateCourrierPref"),
        ("4-4", "NomFichier", "Nom", "il manque Document"),
        ("3-2", "IDActe", "Id", "il manque IDActe"),
        ("4-2", "2024-03-11", "2024-03-32", "« 2024-03-32 » n'est pas une date"),
        ("6-1", "2024_07B", "2024/07B", "n'est pas un identifiant d'acte"),
        ("EnveloppeCLMISILL", ' insee:SIREN="123456782"', "", "il manque SIREN"),
        ("EnveloppeCLMISILL", ' actes:Departement="042"', "", "il manque Departement"),
        ("EnveloppeCLMISILL", 'Arrondissement="2"', 'Arrondissement="x"', "« x » n'est pas un nom"),
        ("EnveloppeCLMISILL", "Formulaire>", "Autre>", "il manque Formulaire"),
    ],
)
def test_a_message_of_ours_is_not_read_without_its_essential(
    code: str, old: str, new: str, said: str, changed: Changed
) -> None:
    with pytest.raises(UnreadableRetourError, match=said):
        _read(changed(code, old, new))


def test_a_request_for_the_classification_may_say_no_date(changed: Changed) -> None:
    dated = "  <actes:DateClassification>2022-06-01</actes:DateClassification>\n"
    assert build_message(_read(changed("7-1", dated, ""))).count(b"DateClassification") == 0


@pytest.mark.parametrize("code", ["1-3", "AnomalieEnveloppe"])
def test_an_anomaly_may_say_neither_its_date_nor_its_nature(code: str, changed: Changed) -> None:
    anomalie = _read(changed(code, "actes:Date>", "actes:Jour>", "actes:Nature>", "actes:Sorte>"))
    assert isinstance(anomalie, AnomalieActe | AnomalieEnveloppe)
    assert (anomalie.date_anomalie, anomalie.nature) == (None, "")
    with pytest.raises(InvalidMessageError, match="date_anomalie"):
        build_message(anomalie)
