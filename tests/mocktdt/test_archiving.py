"""Acts that go to the archiving system, and months that are counted (S²LOW API §4.22 to §4.26)."""

import json

import pytest

SIREN = "123456782"
ACTES = "/modules/actes/"
SAE = ACTES + "api/actes_sae_status.php"
CLOSE = ACTES + "actes_transac_close.php"
ARCHIVER = ACTES + "actes_transac_archiver.php"
URL = ACTES + "actes_transac_set_archive_url.php"
COUNTS = ACTES + "api/nb_actes_by_authorities_and_date.php"
DOWNLOAD = ACTES + "actes_download_file.php"


@pytest.fixture
def act(tdt, archive, management):
    management.post("/account", siren=SIREN, role="ARCH")
    return tdt.submitted(archive())


def ask(tdt, transaction, status):
    answer = tdt.post(SAE, data={"transaction_id": str(transaction), "status_id": str(status)})
    return answer.status_code, answer.json()


def test_an_archivist_moves_an_act_to_the_archives(tdt, act):
    answer = tdt.post(SAE, data={"transaction_id": str(act), "status_id": "12"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.content == b'{"status":"ok"}'
    assert tdt.status(act) == b"OK\n12\n"
    asked = json.dumps({"transaction_id": act, "status_id": 13})
    json_type = {"Content-Type": "application/json"}
    assert tdt.post(SAE, data=asked, headers=json_type).json() == {"status": "ok"}
    assert tdt.status(act) == b"OK\n13\n"


@pytest.mark.parametrize("status", [12, 13, 14, 19, 20])
def test_each_archiving_status_may_be_asked_for(tdt, act, status):
    assert ask(tdt, act, status) == (200, {"status": "ok"})


def test_what_cannot_be_asked_is_an_error_400(tdt, neighbour, act, archive, management):
    assert "existe pas" in ask(tdt, 99, 13)[1]["error"]
    for status in (4, 5, 15, 22, 77):
        code, told = ask(tdt, act, status)
        assert (code, list(told)) == (400, ["error"])
    theirs = neighbour.submitted(archive(idcl=("111111118", "042", "1", "31")))
    assert "autre collectivit" in ask(tdt, theirs, 13)[1]["error"]
    ask(tdt, act, 12)
    assert "déjà" in ask(tdt, act, 12)[1]["error"]
    ask(tdt, act, 13)
    assert "13 ne peut pas" in ask(tdt, act, 12)[1]["error"]
    management.post("/account", siren=SIREN, role="USER")
    assert "archiviste" in ask(tdt, act, 13)[1]["error"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"transaction_id":1}', b'{"transaction_id":1,"status_id":true}']
)
def test_a_malformed_payload_is_an_error_422(tdt, act, body):
    answer = tdt.post(SAE, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_the_archiving_call_is_a_post(tdt):
    assert tdt.get(SAE, transaction_id=1, status_id=13).status_code == 405


def test_closing_and_the_button_wait_for_the_archives(tdt, archive, management):
    acts = [tdt.submitted(archive(number=f"D{n}", serial=n)) for n in (1, 2)]
    body = {"api": "1", "id": str(acts[0]), "status": "sae"}
    assert tdt.post(CLOSE, data=body).content.startswith(b"OK\n")
    for identifier in (acts[1], acts[1], 99):
        answer = tdt.post(ARCHIVER, data={"id": str(identifier), "api": "1"})
        assert answer.status_code == 302
    assert [tdt.status(act) for act in acts] == [b"OK\n19\n", b"OK\n19\n"]
    for status in (20, 22, 14):
        management.post("/sae", transaction=acts[0], status=status)
        assert tdt.status(acts[0]) == b"OK\n%d\n" % status
    assert tdt.post(CLOSE, data=body).content.startswith(b"OK\n")


def test_destroyed_files_cannot_be_downloaded(tdt, act, management):
    management.post("/sae", transaction=act, status=13)
    assert tdt.get(DOWNLOAD, file=9002).status_code == 200
    management.post("/sae", transaction=act, status=16)
    for query in ({"file": 9002}, {"file": 9002, "tampon": "true"}, {"env": 3101}):
        assert tdt.get(DOWNLOAD, **query).status_code == 302
    assert "status" in management.refused("/sae", transaction=act, status=4)
    classification = int(tdt.get(ACTES + "actes_classification_request.php", api=1).content[3:7])
    assert "acte" in management.refused("/sae", transaction=classification, status=13)


def test_the_archive_url_is_on_the_bordereau(tdt, neighbour, act):
    pdf = ACTES + "actes_create_pdf.php"
    told = tdt.get(pdf, trans_id=act).content
    url = "https://sae.example/acte/1"
    posted = {"api": "1", "id": str(act), "url": url}
    assert neighbour.post(URL, data=posted).content.startswith(b"KO\nAcc\xe8s")
    assert tdt.post(URL, data=posted | {"url": "x" * 1024}).content.startswith(b"KO\nURL")
    assert tdt.post(URL, data=posted | {"id": "99"}).content.startswith(b"KO\nTransaction")
    assert tdt.post(URL, data=posted).content.startswith(b"OK\nL&#039;URL ")
    after = tdt.get(pdf, trans_id=act).content
    assert url.encode("ascii") in after
    assert url.encode("ascii") not in told


def test_notified_addresses_are_on_the_bordereau(tdt):
    act = tdt.created(**{"show_broadcast_email": "on", "broadcast_email[]": "elu@example.org"})
    silent = tdt.created(**{"number": "A2", "broadcast_email[]": "elu@example.org"})
    pdf = ACTES + "actes_create_pdf.php"
    assert b"elu@example.org" in tdt.get(pdf, trans_id=act).content
    assert b"elu@example.org" not in tdt.get(pdf, trans_id=silent).content
    long = {"show_broadcast_email": "on", "broadcast_email[]": "x" * 1024}
    assert tdt.create(number="A3", **long).content.startswith(b"KO\nAdresses")


@pytest.mark.parametrize("role", ["GADM", "SADM"])
def test_an_administrator_counts_the_acts_of_a_month(tdt, neighbour, archive, management, role):
    tdt.submitted(archive())
    tdt.submitted(archive(number="D2", serial=2, day="2026-02-28"))
    management.post("/account", siren=SIREN, role=role)
    told = json.loads(tdt.get(COUNTS, month=3, year=2026).content)
    assert told == {
        "result": "ok",
        "message": "",
        "authority_group_id": 1,
        "min_date": "2026-3-01",
        "max_date": "2026-3-31",
        "nbTransactionPerAuthorities": [
            {"authority_id": 1, "name": "Commune de Saint-Exemple", "nb_transactions": 1},
            {"authority_id": 2, "name": "Commune de Modèle", "nb_transactions": 0},
        ],
    }
    last_month = json.loads(tdt.get(COUNTS).content)
    assert (last_month["min_date"], last_month["max_date"]) == ("2026-2-01", "2026-2-28")
    assert last_month["nbTransactionPerAuthorities"][0]["nb_transactions"] == 1
    assert json.loads(tdt.get(COUNTS, month=13).content)["result"] == "ko"
    assert json.loads(neighbour.get(COUNTS).content)["result"] == "ko"
    other_group = json.loads(tdt.get(COUNTS, authority_group_id=7).content)
    assert bool(other_group["nbTransactionPerAuthorities"]) is (role == "GADM")
