"""The auditor's own reading of messages: what evidence rests on, whatever the bytes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.audit.messages import (
    MESSAGE_MAX,
    ToldActe,
    UnreadableMessageError,
    identifier_of,
    read_message,
    same_identifier,
)

ACTE = """<a:ActeRecu a:Date="2023-03-02" a:NumeroInterne="D2023_001" a:CodeNatureActe="1">
  <a:CodeMatiere1 a:CodeMatiere="7"/><a:CodeMatiere2 a:CodeMatiere="5"/>
  <a:CodeMatiere5 a:CodeMatiere="10"/>
  <a:Objet> Rénovation de l'école </a:Objet>
  <a:ClassificationDateVersion>2019-04-18</a:ClassificationDateVersion>
  <a:Document><a:NomFichier>99_DE-1_1.pdf</a:NomFichier></a:Document>
  <a:Annexes a:Nombre="1"><a:Annexe><a:NomFichier>70_DE-1_2.pdf</a:NomFichier></a:Annexe>
  </a:Annexes></a:ActeRecu>"""
NAMESPACE = 'xmlns:a="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"'
AR = f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<a:ARActe {NAMESPACE} a:IDActe="042-123456782-20230302-D2023_001-DE" a:DateReception="2023-03-10">
{ACTE}</a:ARActe>"""


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8"])
def test_an_ar_tells_the_act_and_the_day_whatever_its_bytes_claim(encoding):
    message = read_message(AR.encode(encoding))
    assert message.root == "ARActe"
    assert message.id_acte == "042-123456782-20230302-D2023_001-DE"
    assert message.date_reception == date(2023, 3, 10)
    assert message.files == ("99_DE-1_1.pdf", "70_DE-1_2.pdf")
    assert message.acte == ToldActe(
        numero="D2023_001",
        date=date(2023, 3, 2),
        nature=1,
        matieres=(7, 5, 10),
        objet="Rénovation de l'école",
        document="99_DE-1_1.pdf",
        annexes=("70_DE-1_2.pdf",),
    )


def test_the_act_sent_is_told_by_the_root_itself():
    raw = ACTE.replace("<a:ActeRecu", f"<a:Acte {NAMESPACE}").replace("/a:ActeRecu", "/a:Acte")
    message = read_message(raw.encode())
    assert message.root == "Acte"
    assert message.acte is not None
    assert message.acte.numero == "D2023_001"
    assert message.id_acte is None


def test_the_identifier_of_an_answer_is_the_one_of_the_letter():
    raw = f"""<a:ARPieceComplementaire {NAMESPACE} a:DateReception="2023-05-02+02:00">
    <a:InfosCourrierPref a:IDActe="X" a:DateCourrierPref="2023-04-01"/></a:ARPieceComplementaire>"""
    message = read_message(raw.encode())
    assert (message.id_acte, message.date_reception) == ("X", date(2023, 5, 2))
    assert message.date_courrier == date(2023, 4, 1)
    assert message.acte is None


def test_a_defere_is_dated_by_its_filing():
    raw = f"""<a:DefereTA {NAMESPACE} a:IDActe="X"><a:DateDepot>2023-05-02</a:DateDepot>
    </a:DefereTA>"""
    assert read_message(raw.encode()).date_courrier == date(2023, 5, 2)


@pytest.mark.parametrize("day", ["2023-02-30", "", "10/03/2023", "2023-03-10T00:00:00"])
def test_a_day_that_is_none_is_absent(day):
    assert read_message(AR.replace("2023-03-10", day).encode()).date_reception is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<a/>",
        AR.encode()[:-5],
        AR.replace(NAMESPACE, 'xmlns:a="http://autre.example"').encode(),
        AR.replace("<a:ARActe", "<!DOCTYPE x><a:ARActe").encode(),
        b" " * (MESSAGE_MAX + 1),
    ],
)
def test_what_is_no_message_is_refused(raw):
    with pytest.raises(UnreadableMessageError):
        read_message(raw)


@given(st.binary(max_size=60), st.integers(0, len(AR)))
def test_damaged_bytes_are_read_or_refused_and_nothing_else(noise, place):
    raw = AR.encode()
    try:
        read_message(raw[:place] + noise + raw[place + len(noise) :])
    except UnreadableMessageError:
        return


def test_an_envelope_names_the_authority_that_sends():
    raw = f"""<a:EnveloppeCLMISILL {NAMESPACE} xmlns:n="http://xml.insee.fr/schema"><a:Emetteur>
    <a:IDCL n:SIREN="123456782" a:Departement="042" a:Arrondissement="2" a:Nature="31"/>
    </a:Emetteur><a:FormulairesEnvoyes><a:Formulaire><a:NomFichier>m.xml</a:NomFichier>
    </a:Formulaire></a:FormulairesEnvoyes></a:EnveloppeCLMISILL>"""
    message = read_message(raw.encode())
    assert (message.departement, message.siren) == ("042", "123456782")
    assert message.files == ("m.xml",)


def test_an_identifier_is_made_again_from_what_tells_the_act():
    message = read_message(AR.encode())
    assert message.acte is not None
    assert identifier_of("042", "123456782", message.acte) == message.id_acte
    assert identifier_of(None, "123456782", message.acte) is None


def test_identifiers_are_compared_whatever_their_case():
    assert same_identifier("042-A-de", "042-a-DE")
    assert not same_identifier(None, None)
