"""The ministry's door: who may deposit, what is delivered whatever it holds, what fails."""

import pytest
import requests

from transmission.mocktdt import xmlio
from transmission.mocktdt.settings import Limits

DEPOT = "/ministere/depot"
ID_ACTE = "042-123456782-20260312-D2026_001-DE"


@pytest.fixture
def door(ministry):
    return ministry()


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
    ((name, content),) = door.retour().items()
    assert name == "ANO_EACT--123456782--20260316-1.xml"
    assert xmlio.first(xmlio.parse(content), "actes:Nature") == "005"


def test_a_message_that_is_not_what_its_name_says_is_rejected(door, archive):
    one = archive()
    name = one.message_name.replace("-1-1_", "-6-1_")
    more = dict.fromkeys((one.document, *one.annexe_names), one.pdf)
    door.deposited(archive(messages=((name, one.message()),), more=more))
    (content,) = door.retour().values()
    assert b"nom de fichier incorrect pour un message 1-1" in content


def test_another_application_s_archive_is_rejected(door, archive):
    door.deposited(archive(quadrigram="TACT"))
    (content,) = door.retour().values()
    assert b"<actes:Nature>005<" in content


def test_an_archive_above_the_maximum_is_rejected(ministry, archive):
    door = ministry(limits=Limits(archive=100))
    door.deposited(archive())
    (content,) = door.retour().values()
    assert b"archive de plus de 100 octets" in content


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
