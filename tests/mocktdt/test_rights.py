"""Roles, services and owners: who sees and changes whose transactions (S²LOW API §2.6)."""

import json

import pytest

SIREN = "123456782"
ACTES = "/modules/actes/"
STATUS = ACTES + "actes_transac_get_status.php"
LIST = ACTES + "actes_transac_get_files_list.php"
PDF_PAGE = ACTES + "actes_create_pdf.php"
AR = ACTES + "actes_transac_get_ARActe.php"
TAMPON = ACTES + "actes_transac_get_tampon.php"
DOWNLOAD = ACTES + "actes_download_file.php"
DOCUMENT = ACTES + "actes_transac_get_document.php"
CANCEL = ACTES + "actes_transac_cancel.php"
CLOSE = ACTES + "actes_transac_close.php"
REFUSED = "KO\nAccès refusé".encode()
ALLOWED, HIDDEN = True, False


@pytest.fixture
def act(tdt, archive):
    """Posted by the first account."""
    return tdt.submitted(archive())


@pytest.fixture
def other(mock, connect, management):
    """A second account of the authority, on a certificate of its own."""
    told = management.post("/users", siren=SIREN, login="secretaire", certificate="own")
    client = connect(mock)
    client.session.cert = (told["certificate_file"], told["key_file"])
    return client


@pytest.fixture
def become(management):
    def become(login="secretaire", **changes):
        return management.post("/account", siren=SIREN, login=login, **changes)

    return become


@pytest.mark.parametrize(
    ("role", "services", "follows", "views", "stamps", "changes"),
    [
        ("USER", [], HIDDEN, HIDDEN, HIDDEN, HIDDEN),
        ("USER", ["urbanisme"], HIDDEN, ALLOWED, HIDDEN, HIDDEN),
        ("USER", ["voirie"], HIDDEN, HIDDEN, HIDDEN, HIDDEN),
        ("ARCH", [], ALLOWED, ALLOWED, HIDDEN, HIDDEN),
        ("ADM", [], ALLOWED, ALLOWED, ALLOWED, ALLOWED),
        ("GADM", [], HIDDEN, HIDDEN, HIDDEN, HIDDEN),
        ("SADM", [], HIDDEN, ALLOWED, HIDDEN, HIDDEN),
    ],
)
def test_a_role_and_services_open_what_they_should(
    act, other, become, role, services, follows, views, stamps, changes
):
    become(f"mock-{SIREN}", services=["urbanisme", "finances"])
    assert become(role=role, services=services)["services"] == services
    for path in (STATUS, LIST):
        answer = other.get(path, transaction=act).content
        assert (answer == REFUSED) is not follows
    assert (other.get(TAMPON, transaction=act).status_code == 302) is stamps
    assert (other.get(PDF_PAGE, trans_id=act).status_code == 200) is views
    assert (other.get(DOWNLOAD, file=9002).status_code == 200) is views
    assert (other.get(DOWNLOAD, env=3101).status_code == 200) is views
    assert other.get(AR, id=act, api=1).content.startswith(b"<?xml" if views else b"KO\n")
    assert other.get(DOCUMENT, id=act).status_code == 200
    cancelled = other.post(CANCEL, data={"api": "1", "id": str(act)}).content
    assert cancelled.startswith(b"OK\n") is changes


def test_an_owner_closes_and_a_colleague_does_not(act, tdt, other):
    body = {"api": "1", "id": str(act), "status": "sae"}
    assert other.post(CLOSE, data=body).content.startswith(b"KO\n")
    assert tdt.post(CLOSE, data=body).content.startswith(b"OK\n")


def test_a_letter_and_its_answer_belong_to_the_owner_of_the_act(act, tdt, other, management):
    letter = management.post("/courrier", transaction=act, kind="lettre_observations")["id"]
    files = [("acte_pdf_file", ("r.pdf", b"%PDF-1.4\n%%EOF\n"))]
    data = {"api": "1", "id": str(letter), "type_envoie": "4", "type_acte": "99_DE"}
    reply = ACTES + "actes_transac_reponse_create.php"
    assert other.post(reply, data=data, files=files).content == b"KO\nAcc\xe8s refus\xe9\n"
    answer = int(tdt.post(reply, data=data, files=files).content.split(b"\n")[1])
    assert tdt.status(answer).startswith(b"OK\n4\n")
    assert other.status(answer) == REFUSED
    assert other.get(DOWNLOAD, env=3102).status_code == 302


def test_lists_are_of_the_whole_authority(act, other):
    told = json.loads(other.get(ACTES + "api/list_actes.php", status_id=4).content)
    assert [each["id"] for each in told["transactions"]] == [str(act)]


@pytest.mark.parametrize("role", ["SADM", "GADM"])
def test_administrators_of_the_platform_send_nothing(tdt, archive, become, role):
    become(f"mock-{SIREN}", role=role)
    refused = b"KO\nAcc\xe8s refus\xe9\n"
    assert tdt.create().content == refused
    assert tdt.submit(archive()).content == refused
    assert tdt.get(ACTES + "actes_classification_fetch.php", api=1).content == refused
    assert tdt.get(ACTES + "actes_classification_request.php", api=1).content == refused
    assert tdt.post(CANCEL, data={"api": "1", "id": "1"}).content == refused


def test_the_role_is_told(tdt, become):
    become(f"mock-{SIREN}", role="ARCH")
    told = json.loads(tdt.get("/api/info-connexion.php").content)
    assert told["user_info"]["role"] == "ARCH"


def test_roles_and_services_that_cannot_be_are_refused(management):
    assert "Role" in management.refused("/account", siren=SIREN, role="MAIRE")
    assert "services" in management.refused("/account", siren=SIREN, services="voirie")
    assert "enabled" in management.refused("/account", siren=SIREN, enabled="yes")
