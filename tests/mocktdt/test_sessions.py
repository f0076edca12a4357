"""Session cookies and their trap; the end user's certificate in a header (S²LOW API §2)."""

import ssl
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path

import pytest

from transmission.mocktdt.sessions import Sessions

SIREN, NEIGHBOUR = "123456782", "111111118"
TEST = "/api/test-connexion.php"
WHO = "/api/info-connexion.php"
FETCH = "/modules/actes/actes_classification_fetch.php"
FORWARDED = "org.s2low.forward-x509-identification"
NOW = datetime(2026, 3, 16, 10, tzinfo=UTC)


@pytest.fixture
def browser(tdt, management):
    """Keeps its cookies; the certificate opens two accounts."""
    management.post("/account", siren=SIREN, password="premier")
    management.post("/users", siren=SIREN, login="secretaire", password="motdepasse")
    tdt.session.cookies.set_policy(DefaultCookiePolicy())
    return tdt


def who(client, *pair):
    answer = client.session.get(client.url + WHO, auth=pair or None, params={"api": 1})
    return answer.json()["user_info"]["login"] if answer.content[:1] == b"{" else answer.content


def test_a_cookie_is_given_once_and_then_kept(browser):
    first = browser.get(TEST)
    assert first.headers["Set-Cookie"].startswith("PHPSESSID=")
    assert "Set-Cookie" not in browser.get(TEST).headers
    browser.session.cookies.clear()
    assert browser.get(TEST).headers["Set-Cookie"] != first.headers["Set-Cookie"]


def test_a_session_hides_later_credentials(browser):
    assert who(browser, "secretaire", "motdepasse") == "secretaire"
    assert who(browser, f"mock-{SIREN}", "premier") == "secretaire"
    assert who(browser) == "secretaire"
    browser.session.cookies.clear()
    assert who(browser, f"mock-{SIREN}", "premier") == f"mock-{SIREN}"


def test_refused_credentials_leave_no_session(browser):
    assert who(browser, "secretaire", "faux").startswith(b"KO\n")
    assert who(browser).startswith(b"KO\nLa connexion")


def test_a_session_of_someone_else_closes_the_door(browser, neighbour):
    assert who(browser, "secretaire", "motdepasse") == "secretaire"
    neighbour.session.headers["Cookie"] = f"PHPSESSID={browser.session.cookies['PHPSESSID']}"
    assert neighbour.get(FETCH, api=1).content.startswith(b"KO\nLa session")
    assert neighbour.get(FETCH).headers["Location"] == "/connexion-status"


def test_an_idle_session_is_forgotten(browser, management):
    assert who(browser, "secretaire", "motdepasse") == "secretaire"
    management.post("/clock", advance=1440)
    assert who(browser) == "secretaire"
    management.post("/clock", advance=1441)
    assert who(browser, f"mock-{SIREN}", "premier") == f"mock-{SIREN}"


def test_without_the_trap_each_call_is_identified_anew(browser, management):
    management.post("/switches", session_trap=False)
    assert who(browser, "secretaire", "motdepasse") == "secretaire"
    assert who(browser, f"mock-{SIREN}", "premier") == f"mock-{SIREN}"


def test_a_disabled_account_is_refused_in_its_session(browser, management):
    assert who(browser, "secretaire", "motdepasse") == "secretaire"
    management.post("/account", siren=SIREN, login="secretaire", enabled=False)
    assert who(browser).startswith(b"KO\n\xc9chec")


def test_sessions_are_not_kept_without_end():
    sessions = Sessions()
    for number in range(10_002):
        sessions.remember(str(number), number, NOW)
    assert sessions.account_of("1", NOW) is None
    assert sessions.account_of("2", NOW) == 2
    assert sessions.account_of("2", NOW + timedelta(seconds=1441)) is None


@pytest.fixture
def forwarded(management):
    """Two agents behind one server: its certificate in the handshake, theirs in the header."""
    headers = {}
    for login in ("agent1", "agent2"):
        told = management.post("/users", siren=SIREN, login=login, certificate="forwarded")
        pem = Path(told["certificate_file"]).read_text("ascii")
        end = pem.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
        der = ssl.PEM_cert_to_DER_cert(pem[:end])
        headers[login] = b64encode(der).decode("ascii")
    return headers


def test_a_forwarded_certificate_names_the_end_user(tdt, neighbour, forwarded):
    for login, header in forwarded.items():
        tdt.session.headers[FORWARDED] = header
        assert who(tdt) == login
    neighbour.session.headers[FORWARDED] = forwarded["agent1"]
    assert who(neighbour).startswith(b"KO\nAucun compte")


def test_without_the_header_only_the_account_without_certificate_matches(tdt, forwarded):
    assert who(tdt) == f"mock-{SIREN}"
    tdt.session.headers[FORWARDED] = "QUJD"
    assert who(tdt).startswith(b"KO\nAucun compte")


def test_version_6_does_not_read_the_header(start_mock, connect, manage):
    mock = start_mock(version=6)
    client = connect(mock)
    client.session.headers[FORWARDED] = "QUJD"
    assert who(client) == f"mock-{SIREN}"
    manage(mock).post("/switches", forwarded_certificates=True)
    assert who(client).startswith(b"KO\n")
