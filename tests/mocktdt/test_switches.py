"""Versions 4, 5 and 6, and what a deployment may switch on or off (S²LOW API §12)."""

import json

import pytest
from click.testing import CliRunner

from transmission.mocktdt.main import main
from transmission.mocktdt.switches import LABELS, SwitchError, Switches

SIREN = "123456782"
ACTES = "/modules/actes/"
STATUS = ACTES + "actes_transac_get_status.php"
LIST = ACTES + "actes_transac_get_files_list.php"
REPLY = ACTES + "actes_transac_reponse_create.php"
CLOSE = ACTES + "actes_transac_close.php"
CLASSIF = ACTES + "actes_classification_request.php"
FETCH = ACTES + "actes_classification_fetch.php"
UNKNOWN = "KO\nNuméro de transaction invalide"


@pytest.fixture
def four(start_mock, connect):
    return connect(start_mock(version=4))


def test_each_switch_is_in_the_help_and_told_when_ready(mock):
    shown = CliRunner().invoke(main, ["--help"], terminal_width=120).output
    for name, label in LABELS.items():
        assert f"{name} " in shown
        assert label in shown
    assert set(json.loads(mock.ready_line())["switches"]) == set(LABELS)


def test_an_unknown_switch_is_refused(management):
    assert "nope : inconnu" in management.refused("/switches", nope=True)
    assert "rgs_check" in management.refused("/switches", rgs_check="oui")
    with pytest.raises(SwitchError):
        Switches.of_version(5, {"nope": True})
    refused = CliRunner().invoke(main, ["--on", "nope"])
    assert refused.exit_code == 1
    assert "nope : inconnu" in refused.output


def test_switches_are_set_at_start_and_at_any_time(start_mock, manage):
    management = manage(start_mock(version=4, switches={"latin_texts": False}))
    told = management.get("/settings")["switches"]
    assert (told["latin_texts"], told["json_strings"]) == (False, True)
    assert management.post("/switches", stamp_failure=True)["stamp_failure"] is True
    assert management.post("/switches")["stamp_failure"] is True


def test_version_4_refuses_in_latin(four):
    assert four.get(STATUS, transaction=1).content == UNKNOWN.encode("iso-8859-1")


def test_version_5_refuses_in_utf_8_until_it_is_told_otherwise(tdt, management):
    assert tdt.get(STATUS, transaction=1).content == UNKNOWN.encode()
    management.post("/switches", latin_texts=True)
    assert tdt.get(STATUS, transaction=1).content == UNKNOWN.encode("iso-8859-1")
    answer = tdt.session.post(tdt.url + REPLY, params={"api": 1}, data={"id": "1"}).content
    assert answer == "KO : Numéro de transaction invalide".encode("iso-8859-1")


def test_version_4_writes_integers_as_texts(four):
    act = four.created()
    listed = json.loads(four.get(LIST, transaction=act).content)
    assert (listed[0]["id"], listed[1]["id"]) == ("9001", "9002")
    assert listed[1]["size"].isdecimal()
    number = four.get(ACTES + "api/number_actes.php", status_id=4).content
    assert number == b'{"status_id":"4","authority_id":"1","nb_transactions":"1"}'


def test_version_4_writes_the_letters_likewise(start_mock, connect, manage):
    mock = start_mock(version=4)
    client = connect(mock)
    act = client.created()
    manage(mock).post("/courrier", transaction=act, kind="courrier_simple")
    (letter,) = json.loads(client.get(ACTES + "api/list_document_prefecture.php").content)
    assert (letter["id"], letter["related_transaction_id"]) == ("4712", "4711")


def test_version_4_brings_word_processors_back_to_latin(four):
    subject = "L’« école »\xa0: œuvre – 3…".encode("cp1252")
    act = four.created(subject=subject)
    told = four.status(act).decode("iso-8859-1")
    assert "<actes:Objet>L'« école »\xa0: oeuvre - 3...</actes:Objet>" in told


def test_version_4_reads_latin_without_api_in_the_body(four):
    answer = four.session.post(
        four.url + ACTES + "actes_transac_create.php",
        params={"api": "1"},
        data={
            "nature_code": "1",
            "classif1": "7",
            "classif2": "1",
            "number": "Q1",
            "decision_date": "2026-03-12",
            "type_acte": "99_DE",
            "subject": b"\xe9t\xe9",
        },
        files={"acte_pdf_file": ("d.pdf", b"%PDF-1.4\n%%EOF\n")},
    )
    assert answer.content == b"OK\n4711\n\n"
    assert b"<actes:Objet>\xe9t\xe9</actes:Objet>" in four.status(4711)


def test_version_4_refuses_a_classification_that_is_no_number_without_dying(four, tdt):
    assert four.create(classif3="x").content.startswith(b"KO\nClassification")
    assert tdt.create(classif3="x").status_code == 500


def test_version_4_says_ok_when_nothing_was_closed(four, tdt):
    body = {"api": "1", "id": "1", "status": "sae"}
    assert four.post(CLOSE, data=body).content.startswith(b"OK\n1 : transaction inconnue")
    assert tdt.post(CLOSE, data=body).content.startswith(b"KO\n1 : transaction inconnue")


def test_version_4_has_no_archiving_call(four):
    assert four.post(ACTES + "api/actes_sae_status.php").status_code == 404


def test_version_4_reads_logins_in_latin(start_mock, connect, manage):
    mock = start_mock(version=4)
    manage(mock).post("/account", siren=SIREN, password="été")
    login = f"mock-{SIREN}".encode()
    for charset, start in (("iso-8859-1", b"OK"), ("utf-8", b"KO")):
        answer = connect(mock).session.get(
            mock.url + "/api/test-connexion.php", auth=(login, "été".encode(charset))
        )
        assert answer.content.startswith(start)


def test_the_rgs_check_may_be_off(tdt, management):
    management.post("/account", siren=SIREN, rgs=False)
    assert tdt.create().content.startswith(b"KO\nUn certificat RGS")
    assert tdt.create(must_signed="1").content == b"OK\n4711\n\n"
    management.post("/switches", rgs_check=False, must_signed=False)
    assert tdt.status(tdt.created(number="A2")).startswith(b"OK\n4\n")
    assert tdt.status(tdt.created(number="A3", must_signed="1")).startswith(b"OK\n4\n")


def test_a_reply_may_keep_one_dialect(tdt, management):
    management.post("/switches", reply_dialect=False)
    answer = tdt.session.post(tdt.url + REPLY, params={"api": 1}, data={"id": "1"}).content
    assert answer == b"KO\nNum\xe9ro de transaction invalide\n"


def test_a_stamp_that_fails_is_the_bare_pdf(tdt, management):
    act = tdt.created()
    download = ACTES + "actes_download_file.php"
    bare = tdt.get(download, file=9002).content
    assert tdt.get(download, file=9002, tampon="true").content != bare
    management.post("/switches", stamp_failure=True)
    assert tdt.get(download, file=9002, tampon="true").content == bare
    assert act == 4711


def test_the_security_layer_may_be_had_in_any_version(stranger, management):
    management.post("/switches", security_layer=True)
    content = stranger.get(FETCH, api=1).content
    assert content == b"KO\nLa connexion n&#039;a pas pu ?tre ?tablie\n"


def test_acts_may_be_closed_at_once(tdt, management):
    act = tdt.created()
    body = {"api": "1", "id": str(act), "status": "valid"}
    assert tdt.post(CLOSE, data=body).content.startswith(b"KO\n")
    management.post("/switches", close_at_once=True)
    assert tdt.post(CLOSE, data=body).content.startswith(b"OK\n")
    assert tdt.status(act) == b"OK\n5\n"


def test_one_classification_request_a_day(tdt, management):
    management.post("/delays", answer=90_000)
    management.post("/switches", one_classification_request=True)
    assert tdt.get(CLASSIF, api=1).content == b"OK\n4711\n\n"
    assert tdt.get(CLASSIF, api=1).content.startswith(b"KO\nUne demande")
    management.post("/clock", advance=86_400)
    assert tdt.get(CLASSIF, api=1).content == b"OK\n4712\n\n"
