"""What the schema of the ACTES messages accepts and refuses, one change at a time.

Every line of the tables is a message of ours in which one text is replaced by another. The
verdicts are those of the ministry's own schema (ACTES protocol §2.3 to §2.5).
"""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from lxml import etree

Message = Callable[[str], bytes]

ROOTS = {
    "1-1": "Acte",
    "1-2": "ARActe",
    "1-3": "AnomalieActe",
    "2-1": "CourrierSimple",
    "2-2": "ReponseCourrierSimple",
    "3-1": "DemandePieceComplementaire",
    "3-2": "ARDemandePieceComplementaire",
    "3-3": "RefusPieceComplementaire",
    "3-4": "PieceComplementaire",
    "3-5": "ARPieceComplementaire",
    "4-1": "LettreObservations",
    "4-2": "ARLettreObservations",
    "4-3": "RejetLettreObservations",
    "4-4": "ReponseLettreObservations",
    "4-5": "ARReponseRejetLettreObservations",
    "5-1": "DefereTA",
    "6-1": "Annulation",
    "6-2": "ARAnnulation",
    "7-1": "DemandeClassification",
    "7-2": "RetourClassification",
    "7-3": "ReponseClassificationSansChangement",
    "EnveloppeCLMISILL": "EnveloppeCLMISILL",
    "EnveloppeMISILLCL": "EnveloppeMISILLCL",
    "AnomalieEnveloppe": "AnomalieEnveloppe",
}
ENVELOPPE = "EnveloppeCLMISILL"
RETOUR = "EnveloppeMISILLCL"
ID = 'actes:IDActe="042-123456782-20240215-2024_07B-DE"'
NIL = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
ANNEXES = "<actes:Annexes actes:Nombre="
SOUSPREF = '<actes:IDSousPref actes:Departement="042" actes:Arrondissement="2"/>'
PREF = '<actes:IDPref actes:Departement="042"/>'
SGAR = '<actes:IDSGAR actes:Departement="042"/>'
PAPIER = "<actes:DocumentPapier>N</actes:DocumentPapier>"
LEVEL_3 = '<actes:CodeMatiere3 actes:CodeMatiere="2"/>'
OBJET = "Dénomination de la voie menant à l'étang"
FICHIER = "<actes:NomFichier>99_DE-042-123456782-20240215-2024_07B-DE-1-1_1.pdf</actes:NomFichier>"
PIECE = """    <actes:PieceJointe>
      <actes:NomFichier>042-123456782-20240215-2024_07B-DE-5-1_1.pdf</actes:NomFichier>
    </actes:PieceJointe>
"""
AUTRES = '<actes:TypePJNatureActe actes:CodeTypePJ="99_AU" actes:Libelle="Autre document"/>'
LEVEL_5 = '<actes:Matiere5 actes:CodeMatiere="10" actes:Libelle="chemins"/>'
DIVERS = '<actes:Matiere2 actes:CodeMatiere="10" actes:Libelle="Divers"/>'
REFERENT = """    <actes:Referent>
      <actes:Nom>Secrétariat général</actes:Nom>
      <actes:Telephone>0477000000</actes:Telephone>
      <actes:Email>secretariat@saint-exemple.test</actes:Email>
    </actes:Referent>
"""

ACCEPTED = [
    # Départements: the bars inside the brackets are characters like the others.
    (ENVELOPPE, 'Departement="042"', 'Departement="02A"'),
    (ENVELOPPE, 'Departement="042"', 'Departement="974"'),
    (ENVELOPPE, 'Departement="042"', 'Departement="|4|"'),
    (ENVELOPPE, 'Departement="042"', 'Departement="020"'),
    (ENVELOPPE, 'Arrondissement="2"', 'Arrondissement=" 2 "'),
    (ENVELOPPE, 'actes:Nature="31"', 'actes:Nature="02"'),
    # A SIREN whose control key is wrong.
    (ENVELOPPE, 'SIREN="123456782"', 'SIREN="123456789"'),
    (ENVELOPPE, 'SIREN="123456782"', 'SIREN=" 123456782 "'),
    (ENVELOPPE, REFERENT, ""),
    (ENVELOPPE, REFERENT, "<actes:Referent/>"),
    (ENVELOPPE, "      <actes:Nom>Secrétariat général</actes:Nom>\n", ""),
    (ENVELOPPE, "retours@tdt.test", "a_b-c.d@x-y.museum"),
    (ENVELOPPE, "<actes:Email>retours", "<actes:Email>b@c.fr</actes:Email><actes:Email>retours"),
    (RETOUR, SOUSPREF, PREF),
    (RETOUR, SOUSPREF, SGAR),
    (RETOUR, SOUSPREF, f"{PREF}<actes:Referent/>"),
    # An act's codes are any integers, its number any short text.
    ("1-1", 'CodeNatureActe="1"', 'CodeNatureActe="01"'),
    ("1-1", 'CodeNatureActe="1"', 'CodeNatureActe="99"'),
    ("1-1", 'CodeMatiere="2"', 'CodeMatiere="02"'),
    ("1-1", 'CodeMatiere="2"', 'CodeMatiere="-3"'),
    ("1-1", 'NumeroInterne="2024_07B"', 'NumeroInterne=""'),
    ("1-1", 'NumeroInterne="2024_07B"', 'NumeroInterne="a-b c"'),
    ("1-1", 'NumeroInterne="2024_07B"', 'NumeroInterne="123456789012345"'),
    ("1-1", 'Date="2024-02-15"', 'Date="2024-02-15+01:00"'),
    ("1-1", 'Date="2024-02-15"', 'Date="2024-02-29Z"'),
    ("1-1", LEVEL_3, ""),
    ("1-1", LEVEL_3, '<actes:CodeMatiere4 actes:CodeMatiere="1"/>'),
    ("1-1", LEVEL_3, f'{LEVEL_3}<actes:CodeMatiere5 actes:CodeMatiere="1"/>'),
    ("1-1", OBJET, ""),
    ("1-1", OBJET, "é" * 500),
    ("1-1", "<actes:Classif", f"<actes:PrecedentIdentifiantActe {ID}/><actes:Classif"),
    # Nobody counts the annexes.
    ("1-1", 'Nombre="1"', 'Nombre="7"'),
    ("1-1", FICHIER, f"{FICHIER}<actes:Signature>MIIB</actes:Signature>"),
    ("1-1", FICHIER, f'{FICHIER}<actes:Signature><x xmlns="urn:x" y="z">t</x></actes:Signature>'),
    ("1-1", PAPIER, "<actes:DocumentPapier/>"),
    ("1-1", PAPIER, f"<actes:DocumentPapier {NIL}/>"),
    ("1-1", PAPIER, "<actes:DocumentPapier>peut-être</actes:DocumentPapier>"),
    # IDActe: lower case, accented capitals, impossible dates.
    ("6-1", "2024_07B-DE", "a_b-DE"),
    ("6-1", "2024_07B-DE", "123456789012345-ÉÀ"),
    ("6-1", "20240215", "99999999"),
    ("6-1", "042-", "|4B-"),
    # Anomalies: exactly three digits for an act, six numbers for an envelope.
    ("1-3", ">007<", ">999<"),
    ("1-3", ">007<", ">000<"),
    ("1-3", "<actes:Detail>ODT-VERIF-00 : pièce jointe verrouillée</actes:Detail>", ""),
    ("AnomalieEnveloppe", ">003<", ">5<"),
    ("AnomalieEnveloppe", ">003<", ">0100<"),
    ("AnomalieEnveloppe", ">003<", ">100<"),
    # Letters.
    ("4-1", "Convocation adressée hors délai à l'assemblée", ""),
    ("5-1", PIECE, ""),
    ("5-1", PIECE, PIECE * 3),
    # Classification.
    ("7-1", "<actes:DateClassification>2022-06-01</actes:DateClassification>", ""),
    ("7-2", ' actes:CodeNatureActe="6"', ""),
    ("7-2", 'CodeTypePJ="99_AU"', 'CodeTypePJ=""'),
    ("7-2", LEVEL_5, ""),
    ("7-2", LEVEL_5, LEVEL_5 * 2),
    ("7-2", DIVERS, ""),
]
REFUSED = [
    (ENVELOPPE, 'Departement="042"', 'Departement="142"'),
    (ENVELOPPE, 'Departement="042"', 'Departement="42"'),
    (ENVELOPPE, 'Departement="042"', 'Departement="04C"'),
    (ENVELOPPE, 'Departement="042"', 'Departement="0422"'),
    (ENVELOPPE, 'Departement="042"', 'Departement="042 "'),
    (ENVELOPPE, 'Arrondissement="2"', 'Arrondissement="12"'),
    (ENVELOPPE, 'Arrondissement="2"', 'Arrondissement="A"'),
    (ENVELOPPE, ' actes:Arrondissement="2"', ""),
    (ENVELOPPE, 'actes:Nature="31"', 'actes:Nature="3"'),
    (ENVELOPPE, 'actes:Nature="31"', 'actes:Nature="031"'),
    (ENVELOPPE, 'actes:Nature="31"', 'Nature="31"'),
    (ENVELOPPE, 'SIREN="123456782"', 'SIREN="12345678"'),
    (ENVELOPPE, 'SIREN="123456782"', 'SIREN="12345678A"'),
    (ENVELOPPE, "insee:SIREN", "actes:SIREN"),
    (ENVELOPPE, ' insee:SIREN="123456782"', ""),
    (ENVELOPPE, "retours@tdt.test", "retours+actes@tdt.test"),
    (ENVELOPPE, "retours@tdt.test", "retours@tdt.technology"),
    (ENVELOPPE, "retours@tdt.test", "rétours@tdt.test"),
    (ENVELOPPE, "retours@tdt.test", " retours@tdt.test"),
    (ENVELOPPE, "    <actes:Email>retours@tdt.test</actes:Email>\n", ""),
    (ENVELOPPE, "<actes:Email>secretariat@saint-exemple.test</actes:Email>", "<actes:Email/>"),
    (
        ENVELOPPE,
        "<actes:AdressesRetour>",
        "<actes:Signature>x</actes:Signature><actes:AdressesRetour>",
    ),
    (ENVELOPPE, REFERENT, f"{REFERENT}{REFERENT}"),
    (RETOUR, SOUSPREF, ""),
    (RETOUR, SOUSPREF, f"{PREF}{SGAR}"),
    (RETOUR, SOUSPREF, f"<actes:Referent/>{PREF}"),
    (RETOUR, '<actes:Destinataire insee:SIREN="123456782"/>', ""),
    (RETOUR, '<actes:Destinataire insee:SIREN="123456782"/>', "<actes:Destinataire/>"),
    ("1-1", 'CodeNatureActe="1"', 'CodeNatureActe="DE"'),
    ("1-1", ' actes:CodeNatureActe="1"', ""),
    ("1-1", 'CodeMatiere="2"', 'CodeMatiere=""'),
    ("1-1", 'NumeroInterne="2024_07B"', 'NumeroInterne="1234567890123456"'),
    ("1-1", ' actes:NumeroInterne="2024_07B"', ""),
    ("1-1", 'actes:Date="2024-02-15"', 'Date="2024-02-15"'),
    ("1-1", 'actes:Date="2024-02-15"', ""),
    ("1-1", 'Date="2024-02-15"', 'Date="2023-02-29"'),
    ("1-1", 'Date="2024-02-15"', 'Date="15/02/2024"'),
    ("1-1", '<actes:CodeMatiere2 actes:CodeMatiere="3"/>', ""),
    ("1-1", LEVEL_3, f"{LEVEL_3}{LEVEL_3}"),
    ("1-1", LEVEL_3, '<actes:CodeMatiere6 actes:CodeMatiere="1"/>'),
    ("1-1", LEVEL_3, '<actes:CodeMatiere3 actes:CodeMatiere="2">x</actes:CodeMatiere3>'),
    ("1-1", OBJET, "é" * 501),
    ("1-1", f"<actes:Objet>{OBJET}</actes:Objet>", f"<actes:Objet {NIL}/>"),
    ("1-1", ANNEXES, f"{PAPIER}{ANNEXES}"),
    ("1-1", 'Nombre="1"', 'Nombre="-1"'),
    ("1-1", ' actes:Nombre="1"', ""),
    ("1-1", FICHIER, ""),
    ("1-1", FICHIER, f"<actes:Signature/>{FICHIER}"),
    ("1-1", FICHIER, f"{FICHIER}{FICHIER}"),
    ("1-1", PAPIER, ""),
    ("1-1", PAPIER, f"<actes:DocumentPapier {NIL}>N</actes:DocumentPapier>"),
    ("1-1", PAPIER, f"{PAPIER}texte"),
    ("1-1", PAPIER, f"{PAPIER}<actes:Inconnu/>"),
    ("1-1", PAPIER, PAPIER.replace("actes:", "x:").replace("Papier>N", 'Papier xmlns:x="urn:x">N')),
    ("6-1", "2024_07B-DE", "2024-07B-DE"),
    ("6-1", "2024_07B-DE", "1234567890123456-DE"),
    ("6-1", "2024_07B-DE", "-DE"),
    ("6-1", "2024_07B-DE", "2024_07B-de"),
    ("6-1", "2024_07B-DE", "2024_07B-DEL"),
    ("6-1", "123456782", "12345678"),
    ("6-1", f" {ID}", ""),
    ("6-2", ' actes:DateReception="2024-02-22"', ""),
    ("1-2", ' actes:DateReception="2024-02-20"', ""),
    ("1-2", f" {ID}", ""),
    ("1-2", "ActeRecu", "Acte"),
    ("1-3", ">007<", ">7<"),
    ("1-3", ">007<", ">0007<"),
    ("1-3", ">007<", ">ERREUR2<"),
    ("1-3", "<actes:Date>2024-02-20</actes:Date>", ""),
    ("AnomalieEnveloppe", ">003<", ">999<"),
    ("AnomalieEnveloppe", ">003<", ">006<"),
    ("AnomalieEnveloppe", ">003<", "><"),
    ("2-1", ' actes:DateCourrierPref="2024-03-11"', ""),
    (
        "3-1",
        "  <actes:DescriptionPieces>Plan de situation de la voie</actes:DescriptionPieces>\n",
        "",
    ),
    ("3-2", "/>", "><actes:Document/></actes:ARDemandePieceComplementaire>"),
    ("3-4", "Documents>", "Pieces>"),
    ("3-5", 'actes:DateReception="2024-03-18"', ""),
    ("4-1", "Motif>", "Nature>"),
    ("5-1", "  <actes:DateDepot>2024-04-16</actes:DateDepot>\n", ""),
    ("5-1", "PiecesJointes>", "Pieces>"),
    ("7-2", AUTRES, ""),
    ("7-2", 'TypeAbrege="AU"', 'TypeAbrege="A"'),
    ("7-2", 'TypeAbrege="AU"', 'TypeAbrege="AUT"'),
    ("7-2", ' actes:Libelle="Autres"', ""),
    ("7-2", ' actes:Libelle="Divers"', ""),
    ("7-2", LEVEL_5, '<actes:Matiere6 actes:CodeMatiere="1" actes:Libelle="x"/>'),
    ("7-3", "  <actes:DateClassification>2023-11-20</actes:DateClassification>\n", ""),
]


def _parse(text: str) -> etree._Element:
    return etree.fromstring(text.encode("iso-8859-1"))


def _changed(original: bytes, old: str, new: str) -> etree._Element:
    text = original.decode("iso-8859-1")
    assert old in text, "the table names a text that the message does not have"
    return _parse(text.replace(old, new))


@pytest.mark.parametrize("code", ROOTS)
def test_each_message_is_valid_and_its_root_is_named_by_its_code(
    code: str, message: Message, xsd: etree.XMLSchema
) -> None:
    root = etree.fromstring(message(code))
    assert etree.QName(root).localname == ROOTS[code]
    xsd.assertValid(root)


@pytest.mark.parametrize(("code", "old", "new"), ACCEPTED)
def test_a_message_with_this_change_stays_valid(
    code: str, old: str, new: str, message: Message, xsd: etree.XMLSchema
) -> None:
    xsd.assertValid(_changed(message(code), old, new))


@pytest.mark.parametrize(("code", "old", "new"), REFUSED)
def test_a_message_with_this_change_is_refused(
    code: str, old: str, new: str, message: Message, xsd: etree.XMLSchema
) -> None:
    assert not xsd.validate(_changed(message(code), old, new))


@pytest.mark.parametrize("prefix", ["ns1", "a", "ACTES"])
def test_the_prefix_of_the_namespace_is_free(
    prefix: str, message: Message, xsd: etree.XMLSchema
) -> None:
    text = message("1-2").decode("iso-8859-1")
    renamed = text.replace("actes:", f"{prefix}:").replace("xmlns:actes=", f"xmlns:{prefix}=")
    xsd.assertValid(_parse(renamed))


@pytest.mark.parametrize("fragment", [SGAR, PREF, SOUSPREF, "<actes:Referent/>"])
def test_a_fragment_is_a_global_element_too(fragment: str, xsd: etree.XMLSchema) -> None:
    namespace = 'xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"'
    xsd.assertValid(_parse(fragment.replace("/>", f" {namespace}/>")))


def test_an_element_of_a_known_name_inside_a_signature_is_checked(
    message: Message, xsd: etree.XMLSchema
) -> None:
    good = f"{FICHIER}<actes:Signature>{PREF}</actes:Signature>"
    bad = f"{FICHIER}<actes:Signature><actes:IDPref/></actes:Signature>"
    xsd.assertValid(_changed(message("1-1"), FICHIER, good))
    assert not xsd.validate(_changed(message("1-1"), FICHIER, bad))


def test_a_message_can_name_no_type_but_the_ministry_s_own() -> None:
    theirs = {"Email", "Matiere", "TypePieceJointe", "FichierSigne", "FichiersSignes"}
    theirs |= {"DonneesActe", "DonneesEnveloppeCLMISILL", "DonneesCourrierPref", "ARReponseCL"}
    source = Path(__file__).parents[3] / "schemas/actes/v1_1/actesv1_1.xsd"
    tree = etree.parse(str(source))
    names = {str(name) for name in tree.xpath("/*/*[contains(local-name(), 'Type')]/@name")}
    assert names == theirs


def test_the_schema_is_read_from_an_installed_wheel(tmp_path: Path) -> None:
    project = Path(__file__).parents[3]
    (wheel,) = WheelBuilder(str(project)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    program = (
        "import schemas, sys; from lxml import etree;"
        "from transmission.actes.schema import validate;"
        "problems = validate(etree.parse(sys.argv[1]).getroot());"
        "print(schemas.__file__, problems)"
    )
    fixture = Path(__file__).parent / "messages" / "1-2.xml"
    done = subprocess.run(
        [sys.executable, "-c", program, str(fixture)],
        env={"PYTHONPATH": str(tmp_path / "installed")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == f"{tmp_path / 'installed' / 'schemas' / '__init__.py'} []", (
        done.stderr
    )
