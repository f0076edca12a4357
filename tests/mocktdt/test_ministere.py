"""The direct route: an archive at the ministry's own door, answers in a real mailbox."""

import pytest

from transmission.mocktdt import xmlio

DEPOT = "/ministere/depot"
ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
HEAD = '<?xml version="1.0" encoding="ISO-8859-1"?>'
ID_ACTE = "042-123456782-20260312-D2026_001-DE"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
LETTERS = {
    "2": "courrier_simple",
    "3": "demande_piece_complementaire",
    "4": "lettre_observations",
}
ROOTS = {
    "2-2": "ReponseCourrierSimple",
    "3-2": "ARDemandePieceComplementaire",
    "3-3": "RefusPieceComplementaire",
    "3-4": "PieceComplementaire",
    "4-2": "ARLettreObservations",
    "4-3": "RejetLettreObservations",
    "4-4": "ReponseLettreObservations",
}


@pytest.fixture
def door(ministry):
    return ministry()


def message(root, content="", **attributes):
    about = "".join(f' actes:{name}="{value}"' for name, value in attributes.items())
    return f'{HEAD}<actes:{root} xmlns:actes="{ACTES}"{about}>{content}</actes:{root}>'.encode()


def reply(archive, code, serial=9, day="2026-03-20"):
    """An archive of one message about a letter, with its document if it has one."""
    document = f"99_DE-{ID_ACTE}-{code}_1.pdf"
    content = f"<actes:Document><actes:NomFichier>{document}</actes:NomFichier></actes:Document>"
    if code == "3-4":
        content = f"<actes:Documents>{content}</actes:Documents>"
    receipt = code.endswith("-2") and code != "2-2"
    xml = message(ROOTS[code], "" if receipt else content, IDActe=ID_ACTE, DateCourrierPref=day)
    more = {} if receipt else {document: PDF}
    return archive(serial=serial, messages=((f"{ID_ACTE}-{code}_0.xml", xml),), more=more)


def written(door, archive, code):
    """An act acknowledged, and a letter of the préfecture about it."""
    door.deposited(archive())
    door.mails(1)
    told = door.management.post(
        "/courrier", id_acte=ID_ACTE, kind=LETTERS[code[0]], date="2026-03-20"
    )
    door.mails(2)
    return told["id"]


def parsed(content, root):
    tree = xmlio.parse(content)
    assert xmlio.local_name(tree) == root
    assert xmlio.violation(tree) is None
    return tree


def the_anomaly(door):
    """Nature, detail of the one AnomalieEnveloppe mailed, which travels alone."""
    ((name, content),) = door.retour().items()
    assert name == "ANO_EACT--123456782--20260316-1.xml"
    tree = xmlio.parse(content)
    assert xmlio.local_name(tree) == "AnomalieEnveloppe"
    assert xmlio.first(tree, "//actes:IDCL/@insee:SIREN")
    return xmlio.first(tree, "actes:Nature"), xmlio.first(tree, "actes:Detail")


def the_act_anomaly(door, mail):
    _, (name, content) = door.files(mail).items()
    assert name.startswith(f"{ID_ACTE}-1-3_")
    tree = parsed(content, "AnomalieActe")
    return xmlio.first(tree, "actes:Nature"), xmlio.first(tree, "actes:Detail")


def test_an_act_deposited_is_acknowledged_by_mail(door, archive):
    answer = door.deposit(archive())
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        200,
        "text/html; charset=UTF-8",
    )
    (envelope_name, envelope), (name, content) = door.retour().items()
    assert envelope_name.startswith("EACT--SPREF0422-123456782-20260316-")
    assert name.startswith(f"{ID_ACTE}-1-2_")
    assert xmlio.every(parsed(envelope, "EnveloppeMISILLCL"), "//actes:NomFichier") == [name]
    ar = parsed(content, "ARActe")
    assert xmlio.first(ar, "@actes:IDActe") == ID_ACTE
    assert xmlio.first(ar, "@actes:DateReception") == "2026-03-16"


def test_the_other_shape_of_deposit_is_understood(door, archive):
    one = archive()
    answer = door.client.post(
        DEPOT,
        data={"name": one.name, "filename": one.name},
        files={"file": ("blob", one.content())},
    )
    assert answer.status_code == 200
    assert len(door.retour()) == 2


def test_the_answer_waits_for_the_virtual_delay(door, archive):
    door.management.post("/delays", answer=3600)
    door.deposited(archive())
    door.mails(0)
    door.management.post("/clock", advance=3601)
    assert len(door.mails(1)) == 1


def test_an_ar_arrives_though_nobody_looks_at_the_mock(ministry, archive, mailbox, until):
    door = ministry(frozen=False, ar_delay=0.3)
    door.deposited(archive())
    assert until(lambda: len(mailbox.mails()) == 1)


@pytest.mark.parametrize(
    ("code", "ar", "root"),
    [
        ("3-3", "3-5", "ARPieceComplementaire"),
        ("3-4", "3-5", "ARPieceComplementaire"),
        ("4-3", "4-5", "ARReponseRejetLettreObservations"),
        ("4-4", "4-5", "ARReponseRejetLettreObservations"),
    ],
)
def test_an_answer_to_a_letter_is_acknowledged_by_mail(door, archive, code, ar, root):
    written(door, archive, code)
    door.deposited(reply(archive, code))
    _, (name, content) = door.files(door.mails(3)[2]).items()
    assert name.startswith(f"{ID_ACTE}-{ar}_")
    about = xmlio.first(parsed(content, root), "actes:InfosCourrierPref/@actes:DateCourrierPref")
    assert about == "2026-03-20"


@pytest.mark.parametrize("code", ["2-2", "3-2", "4-2"])
def test_what_the_state_does_not_acknowledge_stays_without_answer(door, archive, code):
    written(door, archive, code)
    door.deposited(reply(archive, code))
    door.mails(2)
    assert door.management.get("/received")["direct"]["messages"] == {"1-1": 1, code: 1}


@pytest.mark.parametrize("code", ["3-2", "4-2"])
def test_the_receipt_of_a_letter_is_the_authority_s_to_send(door, archive, code):
    number = written(door, archive, code)

    def letter():
        (act,) = door.management.get("/received")["acts"][ID_ACTE]["transactions"]
        (letter,) = act["related"]
        assert (letter["id"], letter["code"]) == (number, f"{code[0]}-1")
        return letter["status"], letter["receipt"]

    assert letter() == (7, "")
    door.deposited(reply(archive, code))
    status, receipt = letter()
    assert status == 8
    assert ROOTS[code] in receipt


def test_an_answer_to_no_letter_is_rejected_with_its_envelope(door, archive):
    door.deposited(reply(archive, "3-4", serial=1))
    assert the_anomaly(door) == ("999", "ODT-VERIF-17 : transaction non reconnue")


def test_an_answer_goes_to_the_newest_letter_without_one(door, archive):
    first = written(door, archive, "4-4")
    second = door.management.post(
        "/courrier", id_acte=ID_ACTE, kind="lettre_observations", date="2026-03-20"
    )["id"]
    registry = door.mock.platform.registry
    for serial, letter in enumerate((second, first, second), start=20):
        door.deposited(reply(archive, "4-4", serial=serial))
        assert registry.every()[-1].target is registry.transaction(letter)


def test_a_cancellation_is_acknowledged_by_mail_once(door, archive):
    door.deposited(archive())
    door.mails(1)
    cancelling = ((f"{ID_ACTE}-6-1_0.xml", message("Annulation", IDActe=ID_ACTE)),)
    door.deposited(archive(serial=2, messages=cancelling))
    _, (name, content) = door.files(door.mails(2)[1]).items()
    assert name.startswith(f"{ID_ACTE}-6-2_")
    assert xmlio.first(parsed(content, "ARAnnulation"), "@actes:IDActe") == ID_ACTE
    door.deposited(archive(serial=3, messages=cancelling))
    assert "ANO_EACT--123456782--20260316-3.xml" in door.files(door.mails(3)[2])


def test_a_cancellation_may_be_refused_or_left_without_answer(door, archive):
    door.deposited(archive(number="ANNREF_1"))
    door.mails(1)
    id_acte = ID_ACTE.replace("D2026_001", "ANNREF_1")
    cancelling = ((f"{id_acte}-6-1_0.xml", message("Annulation", IDActe=id_acte)),)
    door.deposited(archive(serial=2, messages=cancelling))
    assert "ANO_EACT--123456782--20260316-2.xml" in door.files(door.mails(2)[1])


@pytest.mark.parametrize(
    ("day", "code", "root"),
    [
        ("2017-04-19", "7-2", "RetourClassification"),
        ("2025-01-15", "7-3", "ReponseClassificationSansChangement"),
    ],
)
def test_the_classification_comes_by_mail(door, archive, day, code, root):
    asking = message(
        "DemandeClassification", f"<actes:DateClassification>{day}</actes:DateClassification>"
    )
    door.deposited(archive(messages=(("042-123456782----7-1_0.xml", asking),)))
    _, (name, content) = door.retour().items()
    assert name.startswith(f"042-123456782----{code}_")
    assert xmlio.first(parsed(content, root), "actes:DateClassification") == "2025-01-15"


def test_an_act_already_received_is_signalled(door, archive):
    door.deposited(archive())
    door.deposited(archive(serial=2))
    mails = door.mails(2)
    assert the_act_anomaly(door, mails[1])[0] == "001"
    told = door.management.get("/received")
    assert told["direct"]["acts"] == {ID_ACTE: 2}
    assert told["totals"]["acts_accepted_twice"] == [ID_ACTE]


def test_an_act_rejected_may_come_again_under_the_same_number(door, archive):
    door.management.post("/scenario", scenario="anomalie_enveloppe", next=True)
    door.deposited(archive())
    door.mails(1)
    door.deposited(archive(serial=2))
    assert any("-1-2_" in name for name in door.files(door.mails(2)[1]))


def test_an_outdated_classification_is_signalled(door, archive):
    door.deposited(archive(classification="2019-04-18"))
    nature, detail = the_act_anomaly(door, door.mails(1)[0])
    assert (nature, detail[:12]) == ("002", "ODT-VERIF-01")


def test_a_document_of_the_wrong_type_is_signalled(door, archive):
    door.deposited(archive(pdf=b"hello"))
    nature, detail = the_act_anomaly(door, door.mails(1)[0])
    assert nature == "007"
    assert "type de fichier non autorisé" in detail


@pytest.mark.parametrize(
    ("number", "root"), [("ANOACT002_A", "AnomalieActe"), ("ANOENV005_A", "AnomalieEnveloppe")]
)
def test_prefixes_choose_the_fate_of_a_direct_deposit_too(door, archive, number, root):
    door.deposited(archive(number=number))
    content = list(door.retour().values())[-1]
    tree = xmlio.parse(content)
    assert xmlio.local_name(tree) == root
    assert xmlio.first(tree, "actes:Nature") in ("002", "005")


def test_silence_lasts(door, archive):
    door.deposited(archive(number="SILENC_A"))
    door.management.post("/clock", advance=40 * 86_400)
    door.mails(0)


def test_a_letter_comes_with_its_document(door, archive):
    door.deposited(archive(number="LETOBS3600S_A"))
    door.mails(1)
    door.management.post("/clock", advance=3601)
    files = door.files(door.mails(2)[1])
    envelope, letter, document = files.values()
    named = xmlio.every(parsed(envelope, "EnveloppeMISILLCL"), "//actes:NomFichier")
    assert named == [list(files)[1]]
    tree = parsed(letter, "LettreObservations")
    assert xmlio.first(tree, "actes:Document/actes:NomFichier") == list(files)[2]
    assert document.startswith(b"%PDF-")


def test_the_hand_of_the_ministry_writes_mails(door, archive):
    door.deposited(archive(number="SILENC_A"))
    id_acte = ID_ACTE.replace("D2026_001", "SILENC_A")
    door.management.post("/retour", id_acte=id_acte, retour="ar")
    door.management.post("/retour", id_acte=id_acte, retour="ar")
    door.management.post("/retour", id_acte=id_acte, retour="anomalie_acte")
    door.management.post("/retour", id_acte=id_acte, retour="anomalie_enveloppe")
    names = [list(door.files(mail))[-1] for mail in door.mails(4)]
    assert [name.startswith(id_acte) for name in names] == [True, True, True, False]


def test_a_letter_about_a_deposit_is_not_the_platform_s_to_show_nor_to_answer(door, archive):
    written(door, archive, "4-4")
    unread = door.client.get("/modules/actes/api/list_document_prefecture.php", api=1)
    assert unread.json() == []
    content = door.client.submit(reply(archive, "4-4")).content
    assert b"aucun courrier de ce type et de cette date" in content


def test_a_deposit_is_unknown_to_the_platform(door, archive):
    door.deposited(archive())
    door.mails(1)
    number = door.mock.platform.registry.every()[0].id
    assert door.client.status(number).startswith(b"KO\n")
    listed = door.client.get("/modules/actes/api/list_actes.php", api=1).json()
    assert not listed["transactions"]
    assert door.client.submit(archive(serial=2)).content.startswith(b"OK\n")


def test_the_oracle_knows_archives_messages_and_mails(door, archive):
    one = archive()
    door.deposited(one)
    door.mails(1)
    told = door.management.get("/received")
    (reception,) = told["receptions"]
    assert reception["kind"] == "ministere"
    assert reception["messages"] == [
        {"code": "1-1", "file_name": one.message_name, "id_acte": ID_ACTE}
    ]
    assert told["direct"]["archives"] == {one.name: [reception["sha256"]]}
    assert told["totals"]["mails"] == {"written": 1, "delivered": 1}
    assert told["totals"]["messages"] == told["direct"]["messages"] == {"1-1": 1}
    (mail,) = told["mails"]
    assert (mail["delivered"], mail["attempts"], mail["error"]) == (True, 1, "")
    assert [m["code"] for m in mail["messages"]] == ["1-2"]
    assert told["acts"][ID_ACTE]["transactions"][0]["direct"]


def test_the_page_shows_what_came_directly(door, archive):
    door.deposited(archive())
    door.mails(1)
    page = door.management.session.get(door.management.url + "/").text
    assert "dépôt direct · 123456782" in page
    assert "1 courriels du ministère, dont 0 à distribuer" in page
