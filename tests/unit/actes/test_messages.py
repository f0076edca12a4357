from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from transmission.actes.messages import build_acte, build_demande_classification, read_acte
from transmission.actes.safe_xml import UnreadableXmlError, parse
from transmission.actes.schema import InvalidMessageError, validate
from transmission.domain.acte import OBJET_MAX, Acte, FichierSigne, Matiere
from transmission.domain.errors import IdentifierError
from transmission.domain.identifiers import Departement, IdActe, NatureActe

GOLDEN = """<?xml version="1.0" encoding="ISO-8859-1"?>
<actes:Acte xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216" \
xmlns:insee="http://xml.insee.fr/schema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://www.interieur.gouv.fr/ACTES#v1.1-20040216 actesv1_1.xsd" \
actes:Date="2024-02-15" actes:NumeroInterne="2024_07B" actes:CodeNatureActe="1">
  <actes:CodeMatiere1 actes:CodeMatiere="8"/>
  <actes:CodeMatiere2 actes:CodeMatiere="3"/>
  <actes:CodeMatiere3 actes:CodeMatiere="2"/>
  <actes:Objet>Dénomination de la voie menant à l'étang</actes:Objet>
  <actes:ClassificationDateVersion>2023-11-20</actes:ClassificationDateVersion>
  <actes:Document>
    <actes:NomFichier>99_DE-042-123456782-20240215-2024_07B-DE-1-1_1.pdf</actes:NomFichier>
  </actes:Document>
  <actes:Annexes actes:Nombre="1">
    <actes:Annexe>
      <actes:NomFichier>21_RP-042-123456782-20240215-2024_07B-DE-1-1_2.pdf</actes:NomFichier>
    </actes:Annexe>
  </actes:Annexes>
  <actes:DocumentPapier>N</actes:DocumentPapier>
</actes:Acte>
""".encode("iso-8859-1")

KEYBOARD = "".join(map(chr, range(0x20, 0x7F))) + "".join(map(chr, range(0xA0, 0x100))) + "œŒ€’–…Ÿ"
identifiers = st.builds(
    IdActe,
    st.sampled_from(["042", "02A", "974"]).map(Departement),
    st.just("123456782"),
    st.dates(),
    st.from_regex(r"[A-Z0-9](?:[A-Z0-9_]{0,13}[A-Z0-9])?", fullmatch=True),
    st.sampled_from(NatureActe),
)
files = st.builds(
    FichierSigne,
    st.text("ABC0123_-.", min_size=1, max_size=60),
    st.none() | st.text(KEYBOARD + "\n", min_size=1, max_size=80),
)
acts = st.builds(
    Acte,
    id_acte=identifiers,
    matiere=st.lists(st.integers(1, 99), min_size=2, max_size=5).map(
        lambda levels: Matiere(tuple(levels))
    ),
    objet=st.text(KEYBOARD, min_size=1, max_size=OBJET_MAX).filter(str.strip),
    date_classification=st.dates(),
    document=files,
    annexes=st.lists(files, max_size=3).map(tuple),
    document_papier=st.booleans(),
    precedent=st.none() | identifiers,
)


def test_a_1_1_has_these_bytes(acte: Acte) -> None:
    assert build_acte(acte) == GOLDEN


@pytest.mark.parametrize(
    ("objet", "written"),
    [
        ("é à ç ÿ É §", b"\xe9 \xe0 \xe7 \xff \xc9 \xa7"),
        ("œuvre Œ Ÿ", b"&#339;uvre &#338; &#376;"),
        ("100 €", b"100 &#8364;"),
        ("l’acte – suite…", b"l&#8217;acte &#8211; suite&#8230;"),
        ("A & B < C > D", b"A &amp; B &lt; C &gt; D"),
        ("« dit » \"dit\" 'dit'", b"\xab dit \xbb \"dit\" 'dit'"),
        ("fin ]]> suite", b"fin ]]&gt; suite"),
    ],
)
def test_characters_of_an_object_have_these_bytes(objet: str, written: bytes, acte: Acte) -> None:
    raw = build_acte(replace(acte, objet=objet))
    assert b"<actes:Objet>" + written + b"</actes:Objet>" in raw
    assert parse(raw).root.findtext("{*}Objet") == objet


def test_text_that_could_be_taken_for_utf_8_is_written_in_ascii(acte: Acte) -> None:
    act = replace(acte, objet="Ã©")
    raw = build_acte(act)
    assert b"<actes:Objet>&#195;&#169;</actes:Objet>" in raw
    assert read_acte(raw, departement="042", siren="123456782") == act


def test_the_optional_parts_are_written_where_the_schema_wants_them(acte: Acte) -> None:
    full = replace(
        acte,
        matiere=Matiere((7, 10)),
        document=FichierSigne("a.pdf", "-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n"),
        annexes=(),
        document_papier=True,
        precedent=IdActe("02B", "123456782", date(2023, 12, 31), "A1", NatureActe.BUDGET),
    )
    root = parse(build_acte(full)).root
    assert [etree.QName(element).localname for element in root] == [
        "CodeMatiere1",
        "CodeMatiere2",
        "Objet",
        "PrecedentIdentifiantActe",
        "ClassificationDateVersion",
        "Document",
        "Annexes",
        "DocumentPapier",
    ]
    assert root.findtext("{*}DocumentPapier") == "O"
    assert read_acte(build_acte(full), departement="042", siren="123456782") == full


@given(acts)
def test_an_act_read_back_from_its_message_is_the_same(act: Acte) -> None:
    raw = build_acte(act)
    again = read_acte(raw, departement=act.id_acte.departement, siren=act.id_acte.siren)
    assert again == act
    assert build_acte(again) == raw


def test_an_object_of_500_characters_passes_and_501_do_not(acte: Acte) -> None:
    build_acte(replace(acte, objet="œ" * 500))
    with pytest.raises(InvalidMessageError, match="trop longue"):
        build_acte(replace(acte, objet="œ" * 501))


@pytest.mark.parametrize(
    ("objet", "said"),
    [
        ("", "est vide"),
        (" \u00a0", "est vide"),
        ("Fête 🎉", "U\\+1F389 PARTY POPPER"),
        ("a\x00b", "U\\+0000"),
        ("a\x0bb\ufffe", "U\\+FFFE"),
        ("\udc80", "U\\+DC80"),
        ("a\x92b", "U\\+0092"),
    ],
)
def test_an_object_that_cannot_travel_is_refused_by_name(objet: str, said: str, acte: Acte) -> None:
    with pytest.raises(InvalidMessageError, match=f"objet : ce texte .*{said}"):
        build_acte(replace(acte, objet=objet))


@pytest.mark.parametrize("numero", ["", "a1", "2023-02", "A_", "1234567890123456"])
def test_a_number_that_we_do_not_emit_is_refused(numero: str, acte: Acte) -> None:
    with pytest.raises(IdentifierError):
        build_acte(replace(acte, id_acte=replace(acte.id_acte, numero_interne=numero)))


@pytest.mark.parametrize("nom_fichier", ["a\x00.pdf", "\udc80"])
def test_a_file_name_that_xml_cannot_hold_is_refused(nom_fichier: str, acte: Acte) -> None:
    with pytest.raises(InvalidMessageError, match="NomFichier"):
        build_acte(replace(acte, document=FichierSigne(nom_fichier)))


def test_a_first_request_for_the_classification_says_no_date() -> None:
    root = parse(build_demande_classification(None)).root
    assert (etree.QName(root).localname, len(root)) == ("DemandeClassification", 0)
    assert validate(root) == []


def test_a_request_for_the_classification_says_the_date_held() -> None:
    raw = build_demande_classification(date(2023, 11, 20))
    assert raw.endswith(
        b">\n  <actes:DateClassification>2023-11-20</actes:DateClassification>\n"
        b"</actes:DemandeClassification>\n"
    )


def test_reading_an_act_refuses_what_is_not_one(message: Callable[[str], bytes]) -> None:
    def read(raw: bytes) -> Acte:
        return read_acte(raw, departement="042", siren="123456782")

    with pytest.raises(InvalidMessageError, match="1-1"):
        read(message("6-1"))
    with pytest.raises(InvalidMessageError):
        read(b"<a/>")
    with pytest.raises(UnreadableXmlError):
        read(b"")
    with pytest.raises(IdentifierError):
        read(message("1-1").replace(b'CodeNatureActe="1"', b'CodeNatureActe="9"'))
