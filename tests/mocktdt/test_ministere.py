"""The direct route: an archive at the ministry's own door, answers in a real mailbox."""

import pytest
import requests

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


@pytest.mark.parametrize(
    "files", [{}, {"a.tar.gz": ("a.tar.gz", b"a"), "b.tar.gz": ("b.tar.gz", b"b")}]
)
def test_a_deposit_is_one_file_exactly(door, files):
    assert door.client.post(DEPOT, data={"x": "y"}, files=files).status_code == 400
    assert door.management.get("/received")["receptions"] == []


def test_without_a_mailbox_there_is_no_door(tdt, archive):
    assert tdt.post(DEPOT, files={archive().name: archive().content()}).status_code == 404


def test_a_deposit_is_posted(door):
    assert door.client.get(DEPOT).status_code == 405


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
    with door.mock.platform.lock:
        letter = door.mock.platform.registry.transaction(number)
    assert (letter.status, letter.receipt) == (7, b"")
    door.deposited(reply(archive, code))
    assert letter.status == 8
    assert ROOTS[code].encode() in letter.receipt


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
    ("changes", "nature", "text"),
    [
        ({"idcl": ("111111118", "042", "1", "31")}, "005", "PREF-VERIF-02"),
        ({"idcl": ("123456782", "043", "2", "31")}, "005", "PREF-VERIF-02"),
        ({"objet": "é" * 501}, "003", "non conforme au schéma"),
        ({"more": {"surplus.pdf": b"x"}}, "003", "cité nulle part"),
        ({"without": (f"{ID_ACTE}-1-1_0.xml",)}, "003", "absent de l'archive"),
    ],
)
def test_a_wrong_archive_is_delivered_then_rejected_by_mail(door, archive, changes, nature, text):
    door.deposited(archive(**changes))
    ((name, content),) = door.retour().items()
    assert name.startswith("ANO_EACT--")
    tree = xmlio.parse(content)
    assert xmlio.first(tree, "actes:Nature") == nature
    assert text in xmlio.first(tree, "actes:Detail")
    assert door.management.get("/received")["receptions"][0]["accepted"]


def test_an_archive_that_does_not_bear_its_envelope_s_name_is_rejected(door, archive):
    assert door.deposit(archive(), "ABC-EACT--123456782--20260316-7.tar.gz").status_code == 200
    assert the_anomaly(door)[0] == "005"


def test_any_transmitter_s_trigram_is_welcome(door, archive):
    door.deposited(archive(trigram="XYZ"))
    assert len(door.retour()) == 2


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08broken"])
def test_an_archive_whose_sender_cannot_be_read_is_delivered_and_left_without_answer(door, content):
    name = "ABC-EACT--123456782--20260316-1.tar.gz"
    assert door.client.post(DEPOT, files={name: (name, content)}).status_code == 200
    door.mails(0)
    (reception,) = door.management.get("/received")["receptions"]
    assert (reception["name"], reception["accepted"]) == (name, True)


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


def test_a_certificate_without_an_account_is_refused(door, connect, archive):
    stranger = connect(door.mock, "stranger")
    assert stranger.post(DEPOT, files={archive().name: archive().content()}).status_code == 403
    told = door.management.get("/received")
    assert (told["receptions"], told["calls"][-1]["status"]) == ([], 403)


def test_a_disabled_account_is_refused(door, archive):
    door.management.post("/account", siren="123456782", enabled=False)
    assert door.deposit(archive()).status_code == 403


def test_no_certificate_at_all_fails_in_the_handshake(door, archive):
    with requests.Session() as bare:
        bare.trust_env, bare.verify = False, str(door.mock.ca_file)
        with pytest.raises(requests.ConnectionError):
            bare.post(door.mock.url + DEPOT, files={"a": b"b"})


def test_a_password_is_asked_only_of_an_account_that_has_one(door, archive):
    login = door.mock.describe()["authorities"][0]["login"]
    door.management.post("/account", siren="123456782", password="secret")
    one = archive()
    files = {one.name: (one.name, one.content())}
    assert door.client.post(DEPOT, files=files).status_code == 403
    assert door.client.post(DEPOT, files=files, auth=(login, "faux")).status_code == 403
    assert door.client.post(DEPOT, files=files, auth=(login, "secret")).status_code == 200
    query = f"?user={login}&password=secret"
    assert door.client.post(DEPOT + query, files=files).status_code == 200


def test_a_deposit_is_unknown_to_the_platform(door, archive):
    door.deposited(archive())
    door.mails(1)
    number = door.mock.platform.registry.every()[0].id
    assert door.client.status(number).startswith(b"KO\n")
    listed = door.client.get("/modules/actes/api/list_actes.php", api=1).json()
    assert not listed["transactions"]
    assert door.client.submit(archive(serial=2)).content.startswith(b"OK\n")


@pytest.mark.parametrize("fault", ["cut_after_accept", "cut_mid_answer"])
def test_a_cut_after_acceptance_leaves_an_act_received_and_an_ar(door, archive, fault):
    door.management.post("/faults", fault=fault, paths=["depot"])
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        door.deposit(archive())
    assert len(door.retour()) == 2
    assert door.management.get("/received")["direct"]["acts"] == {ID_ACTE: 1}


@pytest.mark.parametrize("fault", ["cut_before_body", "cut_mid_body", "cut_before_accept"])
def test_a_cut_before_acceptance_leaves_nothing(door, archive, fault):
    door.management.post("/scenario", scenario=fault, next=True)
    with pytest.raises(requests.ConnectionError):
        door.deposit(archive())
    door.mails(0)
    assert door.management.get("/received")["direct"]["acts"] == {}


@pytest.mark.parametrize(
    ("prefix", "status", "received"),
    [("ERR500", 500, 1), ("ERRAVT", 500, 0), ("REDIRI", 302, 0), ("REFUSE", 403, 0)],
)
def test_an_answer_that_says_no_may_come_before_or_after_acceptance(
    door, archive, prefix, status, received
):
    assert door.deposit(archive(number=f"{prefix}_A")).status_code == status
    door.mails(received)
    assert door.management.get("/received")["direct"]["accepted"] == received


def test_a_slow_answer_is_slow_and_good(door, archive):
    door.management.post("/faults", fault="slow", seconds=0.2, paths=["depot"])
    answer = door.deposit(archive())
    assert (answer.status_code, answer.elapsed.total_seconds() >= 0.2) == (200, True)


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
