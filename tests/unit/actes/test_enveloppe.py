from dataclasses import replace
from typing import Any

import pytest

from transmission.actes.enveloppe import build_enveloppe_clmisill
from transmission.actes.safe_xml import parse
from transmission.actes.schema import InvalidMessageError, validate
from transmission.domain.collectivite import Collectivite, Referent

FORMULAIRE = "042-123456782-20240215-2024_07B-DE-1-1_0.xml"
GOLDEN = """<?xml version="1.0" encoding="ISO-8859-1"?>
<actes:EnveloppeCLMISILL xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216" \
xmlns:insee="http://xml.insee.fr/schema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.interieur.gouv.fr/ACTES#v1.1-20040216 actesv1_1.xsd">
  <actes:Emetteur>
    <actes:IDCL insee:SIREN="123456782" actes:Departement="042" actes:Arrondissement="2" \
actes:Nature="31"/>
    <actes:Referent>
      <actes:Nom>Secrétariat général</actes:Nom>
      <actes:Telephone>0477000000</actes:Telephone>
      <actes:Email>secretariat@saint-exemple.test</actes:Email>
    </actes:Referent>
  </actes:Emetteur>
  <actes:AdressesRetour>
    <actes:Email>retours@tdt.test</actes:Email>
  </actes:AdressesRetour>
  <actes:FormulairesEnvoyes>
    <actes:Formulaire>
      <actes:NomFichier>042-123456782-20240215-2024_07B-DE-1-1_0.xml</actes:NomFichier>
    </actes:Formulaire>
  </actes:FormulairesEnvoyes>
</actes:EnveloppeCLMISILL>
""".encode("iso-8859-1")


def test_an_envelope_has_these_bytes(collectivite: Collectivite) -> None:
    assert build_enveloppe_clmisill(collectivite, [FORMULAIRE], ["retours@tdt.test"]) == GOLDEN


def test_an_envelope_lists_its_messages_in_order_and_each_address_once(
    collectivite: Collectivite,
) -> None:
    names = [FORMULAIRE, "042-123456782----7-1_0.xml"]
    raw = build_enveloppe_clmisill(collectivite, names, ["b@c.fr", "a@c.fr", "b@c.fr"])
    root = parse(raw).root
    assert [e.text for e in root.iterfind(".//{*}Formulaire/{*}NomFichier")] == names
    assert [e.text for e in root.iterfind("{*}AdressesRetour/{*}Email")] == ["b@c.fr", "a@c.fr"]


@pytest.mark.parametrize("referent", [Referent(), Referent("", "", "")])
def test_a_referent_who_says_nothing_is_left_out(
    referent: Referent, collectivite: Collectivite
) -> None:
    silent = replace(collectivite, referent=referent)
    root = parse(build_enveloppe_clmisill(silent, [FORMULAIRE], ["a@c.fr"])).root
    assert root.find(".//{*}Referent") is None
    assert validate(root) == []


@pytest.mark.parametrize(
    ("changes", "formulaires", "addresses", "field"),
    [
        ({"arrondissement": 12}, [FORMULAIRE], ["a@c.fr"], "arrondissement"),
        ({"arrondissement": -1}, [FORMULAIRE], ["a@c.fr"], "arrondissement"),
        ({"nature": "3"}, [FORMULAIRE], ["a@c.fr"], "nature"),
        ({"nature": "٣١"}, [FORMULAIRE], ["a@c.fr"], "nature"),
        ({"referent": Referent(email="a+b@c.fr")}, [FORMULAIRE], ["a@c.fr"], "referent.email"),
        ({"referent": Referent(nom="🎉")}, [FORMULAIRE], ["a@c.fr"], "referent.nom"),
        ({"referent": Referent(telephone="\x01")}, [FORMULAIRE], ["a@c.fr"], "referent.telephone"),
        ({}, [FORMULAIRE], [], "adresses_retour"),
        ({}, [FORMULAIRE], [""], "adresses_retour[1]"),
        ({}, [FORMULAIRE], ["a@c.fr", "a+b@c.fr"], "adresses_retour[2]"),
        ({}, [FORMULAIRE], ["a@c.technology"], "adresses_retour[1]"),
        ({}, [], ["a@c.fr"], "formulaires"),
        ({}, [FORMULAIRE, FORMULAIRE], ["a@c.fr"], "formulaires"),
        ({}, [FORMULAIRE.replace(".xml", ".pdf")], ["a@c.fr"], "formulaires"),
        ({}, [f"99_DE-{FORMULAIRE}"], ["a@c.fr"], "formulaires"),
        ({}, [FORMULAIRE.replace("123456782", "987654324")], ["a@c.fr"], "formulaires"),
        ({}, [FORMULAIRE.replace("042", "043")], ["a@c.fr"], "formulaires"),
    ],
)
def test_an_envelope_that_the_state_would_refuse_is_not_made(
    changes: dict[str, Any],
    formulaires: list[str],
    addresses: list[str],
    field: str,
    collectivite: Collectivite,
) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        build_enveloppe_clmisill(replace(collectivite, **changes), formulaires, addresses)
    assert {problem.field for problem in caught.value.problems} == {field}


def test_all_the_reasons_are_given_at_once(collectivite: Collectivite) -> None:
    wrong = replace(collectivite, arrondissement=12, nature="3")
    with pytest.raises(InvalidMessageError) as caught:
        build_enveloppe_clmisill(wrong, [], ["a+b@c.fr"])
    fields = [problem.field for problem in caught.value.problems]
    assert fields == ["arrondissement", "nature", "adresses_retour[1]", "formulaires"]


def test_a_name_that_is_no_plain_name_is_refused_twice_over(collectivite: Collectivite) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        build_enveloppe_clmisill(collectivite, ["../x.xml"], ["a@c.fr"])
    fields = [problem.field for problem in caught.value.problems]
    assert fields == ["formulaires[1].nom_fichier", "formulaires"]
