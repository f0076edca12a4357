from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from transmission.actes.messages import build_message
from transmission.actes.retours import UnreadableRetourError, read_retour
from transmission.domain.acte import FichierSigne
from transmission.domain.collectivite import Referent
from transmission.domain.courriers import (
    ARAnnulation,
    ARPieceComplementaire,
    ARReponseRejetLettreObservations,
    CourrierSimple,
    DefereTA,
    DemandePieceComplementaire,
    LettreObservations,
)
from transmission.domain.enveloppes import EnveloppeMISILLCL, EnveloppeRecue
from transmission.domain.identifiers import IdActe, NatureActe
from transmission.domain.messages import MESSAGES, Direction
from transmission.domain.retours import (
    AccuseReception,
    ActeRecu,
    AnomalieActe,
    AnomalieEnveloppe,
    ReponseClassificationSansChangement,
    Retour,
    RetourClassification,
)

Changed = Callable[..., bytes]
Message = Callable[[str], bytes]

ECHO = ActeRecu(
    numero_interne="2024_07B",
    date_decision=date(2024, 2, 15),
    code_nature=1,
    matieres=(8, 3, 2),
    objet="Dénomination de la voie menant à l'étang",
    date_classification=date(2023, 11, 20),
    document=FichierSigne("99_DE-042-123456782-20240215-2024_07B-DE-1-1_1.pdf"),
    annexes=(FichierSigne("21_RP-042-123456782-20240215-2024_07B-DE-1-1_2.pdf"),),
    nombre_annexes=1,
    document_papier=False,
)
ID_ACTE = IdActe("042", "123456782", date(2024, 2, 15), "2024_07B", NatureActe.DELIBERATION)
STEM = str(ID_ACTE)
LEVEL_3 = '<actes:CodeMatiere3 actes:CodeMatiere="2"/>'
PAPIER = "<actes:DocumentPapier>N</actes:DocumentPapier>"
NO_ENVELOPE = EnveloppeRecue(None, None, None, None, (), ())
LETTER = date(2024, 3, 11)
NIL = '<actes:DocumentPapier xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'
EN_COURS = (
    "  <actes:ClassificationDateVersionEnCours>2023-11-20"
    "</actes:ClassificationDateVersionEnCours>\n"
)


def _acte_recu(raw: bytes) -> tuple[ActeRecu, tuple[str, ...]]:
    read = read_retour(raw)
    assert isinstance(read.retour, AccuseReception)
    return read.retour.acte_recu, read.notes


def test_a_1_2_gives_the_date_of_receipt_and_the_echo(message: Message) -> None:
    read = read_retour(message("1-2"))
    assert read.notes == ()
    assert read.retour == AccuseReception(ID_ACTE, date(2024, 2, 20), ECHO, date(2023, 11, 20))


def test_a_1_3_gives_the_reason_and_the_echo(message: Message) -> None:
    read = read_retour(message("1-3"))
    assert read.notes == ()
    assert read.retour == AnomalieActe(
        date(2024, 2, 20),
        "007",
        "ODT-VERIF-00 : pièce jointe verrouillée",
        ECHO,
        date(2023, 11, 20),
    )


def test_the_anomaly_of_an_envelope_gives_the_messages_that_it_listed(message: Message) -> None:
    read = read_retour(message("AnomalieEnveloppe"))
    assert read.notes == ()
    assert read.retour == AnomalieEnveloppe(
        date(2024, 2, 16),
        "003",
        "PREF-VERIF-00 : fichier illisible",
        EnveloppeRecue(
            "123456782",
            "042",
            2,
            "31",
            ("retours@tdt.test",),
            (FichierSigne("042-123456782-20240215-2024_07B-DE-1-1_0.xml"),),
            Referent("Secrétariat général", "0477000000", "secretariat@saint-exemple.test"),
        ),
    )
    assert read.retour.siren == "123456782"
    assert read.retour.fichiers == ("042-123456782-20240215-2024_07B-DE-1-1_0.xml",)


def test_a_7_3_gives_the_date_held(message: Message) -> None:
    read = read_retour(message("7-3"))
    assert read.retour == ReponseClassificationSansChangement(date(2023, 11, 20))
    assert read.notes == ()


def test_a_7_2_gives_the_classification(message: Message) -> None:
    read = read_retour(message("7-2"))
    assert read.notes == ()
    assert isinstance(read.retour, RetourClassification)
    assert read.retour.classification.date_classification == date(2023, 11, 20)
    assert read.retour.classification.matieres[8, 10] == "Divers"


def test_the_real_acknowledgement_is_read_without_a_note(samples: Path) -> None:
    raw = (samples / "006-210600235-20180522-684-AI-1-2_5279.xml").read_bytes()
    read = read_retour(raw)
    assert read.notes == ()
    assert isinstance(read.retour, AccuseReception)
    assert str(read.retour.id_acte) == "006-210600235-20180522-684-AI"
    assert read.retour.date_reception == date(2018, 5, 28)
    assert read.retour.date_classification_en_cours == date(2017, 4, 19)
    echo = read.retour.acte_recu
    assert (echo.objet or "").startswith("Contrat à durée déterminée")
    assert (echo.numero_interne, echo.date_decision, echo.code_nature, echo.matieres) == (
        "684",
        date(2018, 5, 22),
        3,
        (4, 2),
    )
    assert (echo.annexes, echo.nombre_annexes, echo.document_papier) == ((), 0, False)
    assert echo.document == FichierSigne("99_DE-006-210600235-20180522-684-AI-1-1_1.pdf")


def test_the_real_anomaly_is_read_with_its_skipped_level(samples: Path) -> None:
    read = read_retour((samples / "044-214400152----1-3_1.xml").read_bytes())
    assert read.notes == (
        "Matière : niveau absent ou illisible (4).",
        "DocumentPapier est vide : lu comme non.",
    )
    assert isinstance(read.retour, AnomalieActe)
    assert read.retour.date_anomalie == date(2018, 10, 12)
    assert (read.retour.nature, read.retour.detail[:14]) == ("002", "ODT-VERIF-01 :")
    assert read.retour.detail.endswith("qui n'est pas à jour")
    assert read.retour.acte_recu.matieres == (1, 1, 1, None, 1)
    annexe = FichierSigne("01_01-044-214400152-20181012-123456-DE-1-1_2.xml")
    assert read.retour.acte_recu.annexes == (annexe,)
    assert read.retour.date_classification_en_cours == date(2018, 10, 10)


def test_the_real_classification_is_read_whole(samples: Path) -> None:
    read = read_retour((samples / "classification-7-2-20190301.xml").read_bytes())
    assert read.notes == ()
    assert isinstance(read.retour, RetourClassification)
    classification = read.retour.classification
    assert classification.date_classification == date(2019, 3, 1)
    assert len([path for path in classification.matieres if len(path) == 2]) == 57
    assert classification.matieres[8, 1, 2] == "Enseignement privé"
    assert set(classification.types_pj) == set(NatureActe)
    assert classification.allows(NatureActe.INDIVIDUEL, "99_AI")
    assert not classification.allows(NatureActe.INDIVIDUEL, "99_AU")


def test_the_real_messages_are_built_again_with_the_same_content(samples: Path) -> None:
    for path in samples.glob("*.xml"):
        read = read_retour(path.read_bytes())
        assert read_retour(build_message(read.retour)).retour == read.retour


@pytest.mark.parametrize("prefix", ["ns1", "a"])
def test_any_prefix_will_do(prefix: str, changed: Changed) -> None:
    raw = changed("1-2", "xmlns:actes=", f"xmlns:{prefix}=", "actes:", f"{prefix}:")
    assert read_retour(raw).retour == AccuseReception(
        ID_ACTE, date(2024, 2, 20), ECHO, date(2023, 11, 20)
    )


@pytest.mark.parametrize(
    ("new", "levels", "noted"),
    [
        ("", (8, 3), False),
        ('<actes:CodeMatiere5 actes:CodeMatiere="4"/>', (8, 3, None, None, 4), True),
        ('<actes:CodeMatiere3 actes:CodeMatiere="deux"/>', (8, 3), False),
        ('<actes:CodeMatiere3 actes:CodeMatiere="02"/>', (8, 3, 2), False),
    ],
)
def test_levels_of_a_subject_may_be_skipped(
    new: str, levels: tuple[int | None, ...], noted: bool, changed: Changed
) -> None:
    echo, notes = _acte_recu(changed("1-2", LEVEL_3, new))
    assert echo.matieres == levels
    assert any("niveau absent" in note for note in notes) is noted


@pytest.mark.parametrize(
    ("new", "answer", "note"),
    [
        ("", False, "DocumentPapier est absent : lu comme non."),
        ("<actes:DocumentPapier/>", False, "DocumentPapier est vide : lu comme non."),
        (NIL, False, "DocumentPapier est nul : lu comme non."),
        ("<actes:DocumentPapier>0</actes:DocumentPapier>", False, None),
        ("<actes:DocumentPapier>O</actes:DocumentPapier>", True, None),
        ("<actes:DocumentPapier>1</actes:DocumentPapier>", True, None),
    ],
)
def test_the_paper_document_is_read_in_all_its_forms(
    new: str, answer: bool, note: str | None, changed: Changed
) -> None:
    echo, notes = _acte_recu(changed("1-2", PAPIER, new))
    assert echo.document_papier is answer
    assert note is None or note in notes


@pytest.mark.parametrize("code", ["1-3", "AnomalieEnveloppe"])
@pytest.mark.parametrize("nature", ["999", "5", "2", "ERREUR2"])
def test_the_nature_of_an_anomaly_is_kept_as_received(
    code: str, nature: str, changed: Changed
) -> None:
    old = ">007<" if code == "1-3" else ">003<"
    read = read_retour(changed(code, old, f">{nature}<"))
    assert isinstance(read.retour, AnomalieActe | AnomalieEnveloppe)
    assert read.retour.nature == nature
    valid = {("1-3", "999"), ("AnomalieEnveloppe", "5"), ("AnomalieEnveloppe", "2")}
    assert bool(read.notes) is ((code, nature) not in valid)
    assert all(note.startswith("Hors schéma, Nature : ") for note in read.notes)


def test_an_acknowledgement_needs_nothing_but_its_identifier_and_its_date() -> None:
    raw = (
        b'<ARActe xmlns="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"'
        b' xmlns:a="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"'
        b' a:IDActe="042-123456782-20240215-2024_07B-DE" a:DateReception="2024-02-20"/>'
    )
    read = read_retour(raw)
    nothing = ActeRecu(None, None, None, (), None, None, None, (), None, document_papier=False)
    assert read.retour == AccuseReception(ID_ACTE, date(2024, 2, 20), nothing, None)
    assert "L'écho de l'acte (ActeRecu) manque." in read.notes


def test_the_anomaly_of_an_envelope_may_say_nothing_at_all() -> None:
    raw = b'<AnomalieEnveloppe xmlns="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"/>'
    read = read_retour(raw)
    assert read.retour == AnomalieEnveloppe(None, "", "", NO_ENVELOPE)
    assert "EnveloppeRecue est absent." in read.notes
    bare = raw.replace(b"/>", b"><EnveloppeRecue/></AnomalieEnveloppe>")
    read = read_retour(bare)
    assert read.retour == AnomalieEnveloppe(None, "", "", NO_ENVELOPE)
    assert {"SIREN est absent.", "Formulaire est absent."} <= set(read.notes)


def test_the_echo_of_a_test_double_is_found(changed: Changed) -> None:
    echo, notes = _acte_recu(
        changed("1-2", "ActeRecu", "Acte", "</actes:Acte>", "</actes:Acte><actes:ActeRecu/>")
    )
    assert echo == ECHO
    assert "L'écho de l'acte est nommé Acte au lieu d'ActeRecu." in notes
    assert "L'écho de l'acte est donné plusieurs fois : le premier a été lu." in notes


def test_a_classification_date_that_is_empty_is_noted(changed: Changed) -> None:
    read = read_retour(
        changed(
            "1-2",
            ">2023-11-20</actes:ClassificationDateVersionEnCours>",
            "></actes:ClassificationDateVersionEnCours>",
        )
    )
    assert isinstance(read.retour, AccuseReception)
    assert read.retour.date_classification_en_cours is None
    assert "ClassificationDateVersionEnCours est absent." in read.notes


def test_an_impossible_date_of_the_echo_is_noted_and_left_out(changed: Changed) -> None:
    echo, notes = _acte_recu(changed("1-2", 'Date="2024-02-15"', 'Date="2024-02-30"'))
    assert echo.date_decision is None
    assert "Date : « 2024-02-30 » n'est pas une date." in notes


@pytest.mark.parametrize("zone", ["Z", "+01:00", "-04:00"])
def test_a_date_with_a_time_zone_keeps_its_day(zone: str, changed: Changed) -> None:
    read = read_retour(changed("1-2", "2024-02-20", f"2024-02-20{zone}"))
    assert isinstance(read.retour, AccuseReception)
    assert read.retour.date_reception == date(2024, 2, 20)
    (note,) = read.notes
    assert note.startswith("DateReception : le fuseau horaire")


def test_a_lie_about_the_encoding_is_noted_and_the_text_is_right(message: Message) -> None:
    raw = message("1-2").decode("iso-8859-1").encode("utf-8")
    echo, notes = _acte_recu(raw)
    assert echo.objet == "Dénomination de la voie menant à l'étang"
    assert len(notes) == 1


def test_the_number_of_an_identifier_may_be_in_lower_case(changed: Changed) -> None:
    read = read_retour(changed("1-2", "-2024_07B-", "-2024_07b-"))
    assert isinstance(read.retour, AccuseReception)
    assert read.retour.id_acte.numero_interne == "2024_07b"
    assert read.retour.id_acte.same_act(ID_ACTE)


def test_many_deviations_make_few_notes(changed: Changed) -> None:
    annexe = '<actes:Annexe actes:Date="x"/>'
    _, notes = _acte_recu(changed("1-2", "</actes:Annexes>", f"{annexe * 50}</actes:Annexes>"))
    assert len([note for note in notes if note.startswith("Hors schéma")]) == 11


@pytest.mark.parametrize(
    ("code", "old", "new", "said"),
    [
        ("1-2", ' actes:IDActe="042-123456782-20240215-2024_07B-DE"', "", "il manque IDActe"),
        ("1-2", 'IDActe="042-', 'IDActe="', "n'est pas un identifiant d'acte"),
        ("1-2", '-20240215-2024_07B-DE"', '-20240230-2024_07B-DE"', "n'est pas une date"),
        ("1-2", '2024_07B-DE"', '2024_07B-ZZ"', "n'est pas une nature"),
        ("1-2", 'actes:DateReception="2024-02-20"', "", "il manque DateReception"),
        ("1-2", 'actes:DateReception="2024-02-20"', 'DateReception="2024-02-20"', "il manque"),
        ("1-2", 'DateReception="2024-02-20"', 'DateReception=" "', "il manque DateReception"),
        ("1-2", "2024-02-20", "2024-02-30", "« 2024-02-30 » n'est pas une date"),
        ("1-2", "2024-02-20", "20/02/2024", "n'est pas une date"),
        ("1-3", ' actes:NumeroInterne="2024_07B"', "", "il manque NumeroInterne"),
        ("7-3", "2023-11-20", "2023-11-31", "n'est pas une date"),
        (
            "7-3",
            "  <actes:DateClassification>2023-11-20</actes:DateClassification>\n",
            "",
            "manque",
        ),
        ("7-2", "2023-11-20", "", "il manque DateClassification"),
        ("7-2", "NaturesActes", "Natures", "il manque NaturesActes"),
        ("7-2", "Matiere2", "Matiere9", "il manque Matieres"),
    ],
)
def test_a_retour_without_its_essential_is_refused(
    code: str, old: str, new: str, said: str, changed: Changed
) -> None:
    with pytest.raises(UnreadableRetourError, match=said):
        read_retour(changed(code, old, new))


@pytest.mark.parametrize(
    "code", ["1-1", "2-2", "3-4", "6-1", "7-1", "EnveloppeCLMISILL", "EnveloppeMISILLCL"]
)
def test_another_message_is_refused_by_its_name(code: str, message: Message) -> None:
    with pytest.raises(UnreadableRetourError, match="n'est pas un message de retour de l'État"):
        read_retour(message(code))


@pytest.mark.parametrize("raw", [b"<ARActe/>", b'<a:ARActe xmlns:a="urn:x"/>', b"<Inconnu/>"])
def test_a_document_of_another_vocabulary_is_no_message(raw: bytes) -> None:
    with pytest.raises(UnreadableRetourError, match="n'est pas un message du protocole ACTES"):
        read_retour(raw)


@pytest.mark.parametrize("raw", [b"", b"%PDF-1.4", b"<ARActe/>", b"<!DOCTYPE a><a/>"])
def test_bytes_that_are_no_message_are_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableRetourError, match="un opérateur doit l'examiner"):
        read_retour(raw)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("2-1", CourrierSimple(ID_ACTE, LETTER, FichierSigne(f"{STEM}-2-1_3.pdf"))),
        (
            "3-1",
            DemandePieceComplementaire(
                ID_ACTE, LETTER, "Plan de situation de la voie", FichierSigne(f"{STEM}-3-1_1.pdf")
            ),
        ),
        ("3-5", ARPieceComplementaire(ID_ACTE, LETTER, date(2024, 3, 18))),
        (
            "4-1",
            LettreObservations(
                ID_ACTE,
                LETTER,
                "Convocation adressée hors délai à l'assemblée",
                FichierSigne(f"{STEM}-4-1_1.pdf"),
            ),
        ),
        ("4-5", ARReponseRejetLettreObservations(ID_ACTE, LETTER, date(2024, 3, 18))),
        (
            "5-1",
            DefereTA(
                ID_ACTE,
                date(2024, 4, 16),
                "Défaut de motivation",
                (FichierSigne(f"{STEM}-5-1_1.pdf"),),
            ),
        ),
        ("6-2", ARAnnulation(ID_ACTE, date(2024, 2, 22))),
    ],
)
def test_a_letter_of_the_prefecture_is_read_whole(
    code: str, expected: Retour, message: Message
) -> None:
    read = read_retour(message(code))
    assert read.retour == expected
    assert read.notes == ()


@pytest.mark.parametrize("code", ["2-1", "3-1", "3-5", "4-1", "4-5", "5-1", "6-2"])
def test_a_letter_needs_its_act(code: str, changed: Changed) -> None:
    with pytest.raises(UnreadableRetourError, match="il manque IDActe"):
        read_retour(changed(code, f' actes:IDActe="{ID_ACTE}"', ""))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("2-1", "DateCourrierPref"),
        ("3-1", "DateCourrierPref"),
        ("3-5", "DateCourrierPref"),
        ("4-1", "DateCourrierPref"),
        ("4-5", "DateCourrierPref"),
        ("3-5", "DateReception"),
        ("4-5", "DateReception"),
        ("6-2", "DateReception"),
    ],
)
def test_a_letter_needs_its_dates(code: str, name: str, changed: Changed) -> None:
    with pytest.raises(UnreadableRetourError, match=f"il manque {name}"):
        read_retour(changed(code, f"actes:{name}=", "actes:Date="))


@pytest.mark.parametrize(
    ("code", "old", "new", "said"),
    [
        ("2-1", "NomFichier", "Nom", "CourrierSimple : il manque Document"),
        ("3-1", "Document>", "Piece>", "il manque Document"),
        ("4-1", "Document>", "Piece>", "il manque Document"),
        ("5-1", "2024-04-16", "2024-04-31", "DateDepot : « 2024-04-31 » n'est pas une date"),
        ("3-5", "InfosCourrierPref", "Infos", "il manque IDActe"),
    ],
)
def test_a_letter_without_its_essential_is_refused(
    code: str, old: str, new: str, said: str, changed: Changed
) -> None:
    with pytest.raises(UnreadableRetourError, match=said):
        read_retour(changed(code, old, new))


@pytest.mark.parametrize(
    ("code", "name", "attribute"),
    [
        ("3-1", "DescriptionPieces", "description_pieces"),
        ("4-1", "Motif", "motif"),
        ("5-1", "NatureIllegalite", "nature_illegalite"),
    ],
)
def test_a_letter_may_say_nothing_of_its_reason(
    code: str, name: str, attribute: str, changed: Changed
) -> None:
    read = read_retour(changed(code, name, "Autre"))
    assert getattr(read.retour, attribute) == ""
    assert f"{name} est absent." in read.notes


def test_a_referral_may_come_without_documents(changed: Changed) -> None:
    read = read_retour(changed("5-1", "actes:PieceJointe>", "actes:Autre>"))
    assert isinstance(read.retour, DefereTA)
    assert read.retour.pieces_jointes == ()


def test_a_referral_keeps_its_documents_in_order_and_leaves_the_nameless(changed: Changed) -> None:
    one = "</actes:PieceJointe>"
    more = (
        f"{one}<actes:PieceJointe/><actes:PieceJointe><actes:NomFichier> b.PDF </actes:NomFichier>"
    )
    read = read_retour(changed("5-1", one, more + one))
    assert isinstance(read.retour, DefereTA)
    names = [piece.nom_fichier for piece in read.retour.pieces_jointes]
    assert names == [f"{STEM}-5-1_1.pdf", "b.PDF"]
    assert "PieceJointe : élément sans contenu utile, ignoré (1 fois)." in read.notes


@pytest.mark.parametrize("code", ["2-1", "6-2"])
def test_an_unusual_number_is_kept_and_noted(code: str, changed: Changed) -> None:
    read = read_retour(changed(code, "-2024_07B-", "-2024-07b-"))
    assert isinstance(read.retour, CourrierSimple | ARAnnulation)
    assert read.retour.id_acte.numero_interne == "2024-07b"
    assert any("« 2024-07b » n'a pas la forme" in note for note in read.notes)


def test_an_echo_keeps_signatures_and_the_act_that_came_before(changed: Changed) -> None:
    signed = '<actes:Signature> MII\n<x xmlns="urn:x">B</x></actes:Signature></actes:Document>'
    precedent = f'<actes:PrecedentIdentifiantActe actes:IDActe="{ID_ACTE}"/>'
    echo, notes = _acte_recu(
        changed("1-2", "</actes:Document>", signed, "</actes:Objet>", f"</actes:Objet>{precedent}")
    )
    assert echo.document is not None
    assert echo.document.signature == " MII\nB"
    assert echo.precedent == ID_ACTE
    assert notes == ("Signature : elle est faite de XML, seul son texte est gardé.",)


def test_an_empty_referent_is_noted(changed: Changed) -> None:
    raw = changed("AnomalieEnveloppe", "<actes:Referent>", "<actes:Referent/><actes:Autre>")
    read = read_retour(raw.replace(b"</actes:Referent>", b"</actes:Autre>"))
    assert isinstance(read.retour, AnomalieEnveloppe)
    assert read.retour.enveloppe_recue.referent == Referent()
    assert "Referent est vide." in read.notes


def test_the_retours_are_the_incoming_messages_of_the_table() -> None:
    incoming = {kind.type for kind in MESSAGES if kind.direction is Direction.INCOMING}
    assert incoming == {*get_args(Retour), EnveloppeMISILLCL}
