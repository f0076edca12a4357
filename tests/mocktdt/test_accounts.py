"""Certificates shared by several accounts, nonces, and acts confirmed by a person."""

import hashlib

import pytest
import requests

SIREN = "123456782"
ACTES = "/modules/actes/"
TEST = "/api/test-connexion.php"
NOUNCE = "/api/get-nounce.php"
CONFIRM = ACTES + "actes_transac_post_confirm_api.php"
MULTI = ACTES + "actes_transac_post_confirm_api_multi.php"
FORM = ACTES + "actes_transac_post_confirm.php"
RETURN = "https://ge.example/retour?error=%%ERROR%%&message=%%MESSAGE%%"


@pytest.fixture
def shared(management):
    """Two accounts on the authority's certificate, each with a password."""
    management.post("/account", siren=SIREN, password="premier")
    management.post("/users", siren=SIREN, login="secretaire", password="motdepasse")


def get(tdt, path, auth=None, **query):
    return tdt.session.get(tdt.url + path, params=query, auth=auth, allow_redirects=False)


def nounce(tdt, login="secretaire", password="motdepasse"):
    value = get(tdt, NOUNCE, (login, password)).json()["nounce"]
    digest = hashlib.sha256(f"{password}:{value}".encode()).hexdigest()
    return {"nounce": value, "login": login, "hash": digest}


def test_an_account_without_password_ignores_basic(tdt):
    assert get(tdt, TEST, ("x", "y")).content == b"OK"


def test_a_shared_certificate_needs_the_right_password(tdt, shared):
    assert get(tdt, TEST).content.startswith(b"KO\nLa connexion")
    assert get(tdt, TEST, ("secretaire", "motdepasse")).content == b"OK"
    assert get(tdt, TEST, (f"mock-{SIREN}", "premier")).content == b"OK"
    for pair in (("secretaire", "premier"), ("autre", "motdepasse"), ("secretaire", "")):
        assert get(tdt, TEST, pair).content.startswith(b"KO\nLogin")
    assert get(tdt, "/admin/users/api-list-login.php").content == b"mock-123456782\nsecretaire\n"


def test_a_login_of_another_certificate_does_not_help(neighbour, shared, management):
    management.post("/account", siren="111111118", password="voisin")
    assert get(neighbour, TEST, ("secretaire", "motdepasse")).content.startswith(b"KO\nLogin")


@pytest.mark.parametrize(("version", "suffix"), [(5, ""), (6, "?error=multiple_accounts")])
def test_without_api_the_refusal_is_the_login_page(start_mock, connect, manage, version, suffix):
    mock = start_mock(version=version)
    manage(mock).post("/users", siren=SIREN, login="secretaire", password="x")
    client = connect(mock)
    answer = client.get(ACTES + "actes_classification_fetch.php")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login.php" + suffix)
    bad = get(client, ACTES + "actes_classification_fetch.php", ("secretaire", "faux"))
    expected = "/login.php" if version == 5 else "/login.php?error=bad_credentials"
    assert bad.headers["Location"] == expected


def test_permissions_are_those_of_the_account_named(tdt, shared, management, archive):
    management.post("/account", siren=SIREN, login="secretaire", permission="RO")
    status = ACTES + "actes_transac_get_status.php"
    assert get(tdt, status, ("secretaire", "motdepasse")).content == "KO\nAccès refusé".encode()
    other = get(tdt, status, (f"mock-{SIREN}", "premier")).content
    assert other == "KO\nNuméro de transaction invalide".encode()


def test_an_account_may_have_a_certificate_of_its_own(mock, tdt, management):
    told = management.post("/users", siren=SIREN, login="secretaire", certificate="own")
    session = requests.Session()
    session.trust_env = False
    with session:
        session.verify = str(mock.ca_file)
        session.cert = (told["certificate_file"], told["key_file"])
        listed = session.get(mock.url + "/admin/users/api-list-login.php").content
    assert listed == b"secretaire\n"
    assert get(tdt, TEST).content == b"OK"
    assert management.get("/settings")["users"][0]["login"] == "secretaire"
    assert len(management.get("/settings")["authorities"]) == 2


def test_accounts_that_cannot_be_are_refused(management):
    assert "inscrite" in management.refused("/users", siren="000000000", login="a")
    assert "login" in management.refused("/users", siren=SIREN, login="")
    assert "login" in management.refused("/users", siren=SIREN, login=f"mock-{SIREN}")
    assert "certificate" in management.refused("/users", siren=SIREN, login="a", certificate="x")
    assert management.refused("/users", siren=SIREN, login="a", permission="X")
    assert "compte" in management.refused("/account", siren=SIREN, login="personne")


def test_a_nonce_needs_credentials(tdt, shared):
    answer = get(tdt, NOUNCE)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="API S2low"'
    assert get(tdt, NOUNCE, ("secretaire", "faux")).status_code == 302


def test_a_nonce_opens_the_authority_for_five_minutes_and_more_than_once(tdt, shared, management):
    query = nounce(tdt)
    assert get(tdt, TEST, **query).content == b"OK"
    management.post("/clock", advance=300)
    assert get(tdt, TEST, **query).content == b"OK"
    management.post("/clock", advance=1)
    assert get(tdt, TEST, **query).content.startswith(b"KO\n")


@pytest.mark.parametrize("spoiled", ["nounce", "login", "hash"])
def test_a_spoiled_nonce_opens_nothing(tdt, shared, spoiled):
    query = nounce(tdt)
    query[spoiled] = "x" + query[spoiled]
    assert get(tdt, TEST, **query).content.startswith(b"KO\n")
    assert get(tdt, TEST, ("secretaire", "motdepasse"), **query).content == b"OK"


def test_a_nonce_of_another_authority_opens_nothing(tdt, neighbour, shared, management):
    query = nounce(tdt)
    management.post("/users", siren="111111118", login="autre", password="x")
    assert get(neighbour, TEST, **query).content.startswith(b"KO\n")


def test_version_6_accepts_no_nonce_beside_credentials(start_mock, connect, manage):
    mock = start_mock(version=6)
    manage(mock).post("/account", siren=SIREN, password="motdepasse")
    client = connect(mock)
    login = f"mock-{SIREN}"
    query = nounce(client, login)
    assert get(client, TEST, **query).content == b"OK"
    assert get(client, TEST, (login, "motdepasse"), **query).content.startswith(b"KO\n")
    assert get(client, TEST, **query | {"hash": "x"}).content.startswith(b"KO\n")
    assert client.post(NOUNCE).status_code == 405
    fixed = b"KO\nLa connexion n&#039;a pas pu ?tre ?tablie\n"
    assert get(client, CONFIRM, id=1, **query | {"hash": "x"}).content == fixed


def test_a_person_confirms_an_act_and_comes_back(tdt, shared, management, mock):
    management.post("/account", siren=SIREN, login="secretaire", permission="TT")
    files = [("acte_pdf_file", ("d.pdf", b"%PDF-1.4\n%%EOF\n"))]
    tdt.session.auth = (f"mock-{SIREN}", "premier")
    act = tdt.created(en_attente="1", files=files)
    assert tdt.status(act) == b"OK\n17\n"
    tdt.session.auth = None
    query = nounce(tdt)
    answer = get(tdt, CONFIRM, id=act, url_return=RETURN, **query)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "https://ge.example/retour?error=0&message="
    tdt.session.auth = (f"mock-{SIREN}", "premier")
    assert tdt.status(act).startswith(b"OK\n4\n")


def test_a_confirmation_that_fails_says_so_raw(tdt, management, archive):
    act = tdt.submitted(archive())

    def told(**query):
        location = get(tdt, CONFIRM, url_return=RETURN, **query).headers["Location"]
        return location.encode("iso-8859-1").decode()

    assert told(id=act).endswith(
        "error=1&message=La transaction n'est pas en attente d'être postée"
    )
    assert told(id=99).endswith("error=1&message=Numéro de transaction invalide")
    management.post("/account", siren=SIREN, rgs=False)
    assert "error=1&message=Un certificat RGS" in told(id=act)
    assert get(tdt, "/api/test-rgs.php").content == b"KO"


def test_a_return_address_opens_no_header(tdt):
    answer = get(tdt, CONFIRM, id=1, url_return="/x\r\nX-Evil: 1")
    assert "X-Evil" not in answer.headers
    assert answer.headers["Location"] == "/xX-Evil: 1"


def test_several_acts_are_confirmed_at_once(tdt):
    acts = [tdt.created(number=f"W{n}", en_attente="1") for n in range(3)]
    ids = {"id[]": [str(acts[0]), "99", str(acts[1])]}
    answer = get(tdt, MULTI, url_return=RETURN, **ids)
    assert answer.headers["Location"] == RETURN
    assert [tdt.status(act)[:5] for act in acts] == [b"OK\n4\n", b"OK\n4\n", b"OK\n17"]
    get(tdt, MULTI, id=acts[2])
    assert tdt.status(acts[2]).startswith(b"OK\n4\n")


def test_the_form_confirms_with_ok_and_refuses_with_a_page(tdt):
    act = tdt.created(en_attente="1")
    body = {"id": str(act), "api": "1"}
    assert tdt.post(FORM, data=body).content == b"OK\nLa transaction a \xe9t\xe9 post\xe9e\n"
    assert tdt.post(FORM, data=body).status_code == 302
