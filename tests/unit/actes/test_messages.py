import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from transmission.actes import messages
from transmission.actes.forms import Form, UnreadableRetourError
from transmission.actes.messages import (
    build_acte,
    build_demande_classification,
    build_message,
    read_acte,
    read_message,
)
from transmission.actes.safe_xml import parse
from transmission.actes.schema import ACTES, InvalidMessageError, validate
from transmission.domain.acte import Acte, FichierSigne, Matiere
from transmission.domain.courriers import Annulation
from transmission.domain.identifiers import IdActe, NatureActe
from transmission.domain.messages import MESSAGES, MessageKind

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


def test_an_object_of_500_characters_passes_and_501_do_not(acte: Acte) -> None:
    build_acte(replace(acte, objet="œ" * 500))
    with pytest.raises(InvalidMessageError, match="trop long : 501 caractères, 500 au plus"):
        build_acte(replace(acte, objet="œ" * 501))


@pytest.mark.parametrize(
    ("objet", "said"),
    [
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


@pytest.mark.parametrize(("objet", "said"), [("", "rien n'est donné"), (" \u00a0", "est vide")])
def test_an_empty_object_is_refused(objet: str, said: str, acte: Acte) -> None:
    with pytest.raises(InvalidMessageError, match=f"objet : .*{said}"):
        build_acte(replace(acte, objet=objet))


@pytest.mark.parametrize("numero", ["", "a1", "2023-02", "A_", "1234567890123456"])
def test_a_number_that_we_do_not_emit_is_refused(numero: str, acte: Acte) -> None:
    with pytest.raises(InvalidMessageError, match="numero_interne : "):
        build_acte(replace(acte, id_acte=replace(acte.id_acte, numero_interne=numero)))


@pytest.mark.parametrize("nom_fichier", ["", "a\x00.pdf", "\udc80", "../a.pdf", "a b.pdf", "é.pdf"])
def test_a_file_name_that_no_archive_takes_is_refused(nom_fichier: str, acte: Acte) -> None:
    with pytest.raises(InvalidMessageError, match=r"document\.nom_fichier : "):
        build_acte(replace(acte, document=FichierSigne(nom_fichier)))
    annexes = (FichierSigne("a.pdf"), FichierSigne(nom_fichier))
    with pytest.raises(InvalidMessageError, match=r"annexes\[2\]\.nom_fichier : "):
        build_acte(replace(acte, annexes=annexes))


def test_all_the_faults_of_an_act_are_said_at_once(acte: Acte) -> None:
    wrong = replace(
        acte,
        id_acte=replace(acte.id_acte, numero_interne="a-1"),
        objet="🎉",
        document=FichierSigne("a/b", "\x00"),
        precedent=replace(acte.id_acte, siren="123456789"),
    )
    with pytest.raises(InvalidMessageError) as caught:
        build_acte(wrong)
    assert [problem.field for problem in caught.value.problems] == [
        "numero_interne",
        "objet",
        "precedent",
        "document.nom_fichier",
        "document.signature",
    ]


def test_outer_spaces_of_a_text_are_dropped_and_inner_ones_kept(acte: Acte) -> None:
    raw = build_acte(replace(acte, objet="\u00a0 a  b\r\nc \n"))
    assert b"<actes:Objet>a  b&#13;\nc</actes:Objet>" in raw
    assert read_acte(raw, departement="042", siren="123456782").objet == "a  b\r\nc"


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


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('NumeroInterne="2024_07B"', 'NumeroInterne=""', "NumeroInterne est absent"),
        ('Date="2024-02-15"', 'Date="2024-02-30"', "« 2024-02-30 » n'est pas une date"),
        ('CodeNatureActe="1"', 'CodeNatureActe="9"', "n'est pas une nature d'acte"),
        ('<actes:CodeMatiere2 actes:CodeMatiere="3"/>', "", "niveau absent ou illisible"),
        ("Objet>", "Titre>", "Objet est absent"),
        ("actes:Document>", "actes:Piece>", "Document est absent"),
        ("ClassificationDateVersion>", "ClassificationDate>", "ClassificationDateVersion est abs"),
    ],
)
def test_an_act_without_its_essential_is_not_read(
    old: str, new: str, said: str, changed: Callable[..., bytes]
) -> None:
    with pytest.raises(UnreadableRetourError, match=f"^Acte : .*{said}"):
        read_acte(changed("1-1", old, new), departement="042", siren="123456782")


def test_reading_an_act_refuses_what_is_not_one(message: Callable[[str], bytes]) -> None:
    for raw, said in ((message("6-1"), "1-1"), (b"<a/>", "n'est pas un message"), (b"", "vide")):
        with pytest.raises(UnreadableRetourError, match=said):
            read_acte(raw, departement="042", siren="123456782")


def test_an_act_cannot_be_read_without_saying_whose_it_is(
    message: Callable[[str], bytes],
) -> None:
    with pytest.raises(UnreadableRetourError, match="de quelle collectivité"):
        read_message(message("1-1"))


def test_the_schema_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "FORMS", {Annulation: Form(Annulation)})
    id_acte = IdActe("042", "123456782", date(2024, 2, 15), "A1", NatureActe.BUDGET)
    with pytest.raises(InvalidMessageError, match="un attribut obligatoire manque"):
        build_message(Annulation(id_acte))


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.root)
def test_what_is_read_from_a_message_is_written_back_word_for_word(
    kind: MessageKind, message: Callable[[str], bytes]
) -> None:
    original = parse(message(kind.code or kind.root)).root
    if kind.code == "7-2":
        # The label of a nature is ours, and labels are trimmed.
        for element in original.iterfind("{*}NaturesActes//"):
            libelle = f"{{{ACTES}}}Libelle"
            labels = {"Délibérations": "Délibération", "Autres": "Autre"}
            trimmed = element.get(libelle, "").strip()
            element.set(libelle, labels.get(trimmed, trimmed))
    read = read_message(message(kind.code or kind.root), emetteur=("042", "123456782"))
    assert read.notes == ()
    assert type(read.message) is kind.type
    rebuilt = parse(build_message(read.message)).root
    assert _content(rebuilt) == _content(original)


def _content(root: etree._Element) -> list[tuple[str, dict[str, str], str]]:
    location = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
    return [
        (
            str(element.tag),
            {str(k): str(v) for k, v in element.attrib.items() if k != location},
            (element.text or "").strip(),
        )
        for element in root.iter()
    ]


def test_nothing_that_a_message_names_is_fetched(
    changed: Callable[..., bytes], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.xsd"
    broken.write_text("<not a schema")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        outside = f"http://127.0.0.1:{server.getsockname()[1]}/a.xsd"
        attributes = (
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xmlns:xi="http://www.w3.org/2001/XInclude" '
            f'xsi:noNamespaceSchemaLocation="{outside}" '
            f'xsi:schemaLocation="http://www.interieur.gouv.fr/ACTES#v1.1-20040216 {broken} '
            f'urn:x {outside}"'
        )
        raw = changed("1-2", "<actes:ARActe ", f"<actes:ARActe {attributes} ")
        assert read_message(raw).notes == ()
        included = f'<xi:include href="{outside}"/><xi:include href="{broken}" parse="text"/>'
        raw = raw.replace(
            b"<actes:ARActe", f'<?xml-stylesheet href="{outside}"?><actes:ARActe'.encode()
        )
        raw = raw.replace(b"</actes:ARActe>", f"{included}</actes:ARActe>".encode())
        assert "not a schema" not in repr(read_message(raw))
        with pytest.raises(BlockingIOError):
            server.accept()
