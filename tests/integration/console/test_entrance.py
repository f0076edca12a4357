"""The door of the console: who comes in, what the browser keeps, where it goes on."""

import secrets
from collections.abc import Iterator

import httpx
import pytest
from lxml import html

from tests.support.bench import Bench
from tests.support.people import (
    BY,
    PASSWORD,
    add_person,
    browsing,
    enter,
    form_key_of,
    make_hashes_cheap,
    words_of,
)
from transmission.domain.accounts import Purpose
from transmission.domain.people import Grant, Role
from transmission.services.accounts import disable_person, password_link

ANOTHER = "une tout autre phrase"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    make_hashes_cheap(monkeypatch)


HTTPS = {"x-forwarded-proto": "https"}
"""As a reverse proxy of this machine says it."""


@pytest.fixture
def browser(bench: Bench) -> Iterator[httpx.Client]:
    with browsing(bench) as opened:
        yield opened


@pytest.fixture
def someone(bench: Bench) -> None:
    add_person(bench, "assemblees", Grant(Role.AGENT), name="service des assemblées")


def _link(bench: Bench, purpose: Purpose = Purpose.CHOOSE) -> str:
    return password_link(
        bench.tools, "assemblees", BY, randomness=secrets.token_bytes, purpose=purpose
    )


@pytest.mark.usefixtures("someone")
def test_a_person_comes_in_and_goes_on_to_where_they_were_going(browser: httpx.Client) -> None:
    asked = browser.get("/?etat=held")
    assert asked.status_code == 303
    door = browser.get(asked.headers["location"])
    (onward,) = html.fromstring(door.text).xpath("//input[@name='suite']/@value")
    entered = enter(browser, suite=onward)
    assert (entered.status_code, entered.headers["location"]) == (303, "/?etat=held")
    page = browser.get("/")
    assert page.status_code == 200
    assert "service des assemblées" in words_of(page)
    assert browser.get("/connexion?suite=/conformite").headers["location"] == "/conformite"


@pytest.mark.usefixtures("someone")
def test_the_form_can_be_filled_by_a_password_program(browser: httpx.Client) -> None:
    form = html.fromstring(browser.get("/connexion").text)
    assert form.xpath("//input[@name='identifiant']/@autocomplete") == ["username"]
    assert form.xpath("//input[@name='mot_de_passe']/@autocomplete") == ["current-password"]
    assert not form.xpath("//script[not(@src)] | //@style | //@onclick")


ELSEWHERE = [
        "//machine.example", "///machine.example", "/\\machine.example", "\\\\machine.example",
        "https://machine.example/", "http:machine.example", "javascript:alert(1)",
        "machine.example",
        "/\t/machine.example", "/\n/machine.example", " //machine.example", "/ /x",
        "//[machine", "", "/connexion?suite=/", "/deconnexion", "data:text/html,x",
        "/\x00/machine.example", "@machine.example", "/\r\nSet-Cookie:a=b",
    ]  # fmt: skip


@pytest.mark.usefixtures("someone")
def test_nobody_is_led_to_another_site(browser: httpx.Client) -> None:
    for onward in ELSEWHERE:
        assert enter(browser, suite=onward).headers["location"] == "/", onward
        assert browser.get("/connexion", params={"suite": onward}).headers["location"] == "/"


@pytest.mark.usefixtures("someone")
def test_the_cookie_is_out_of_reach_and_bound_to_https_there(bench: Bench) -> None:
    with browsing(bench) as plain:
        cookie = enter(plain).headers["set-cookie"]
        assert cookie.startswith("session=")
        assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
    https = "https://actes.saint-exemple.example.org"
    with browsing(bench, console_url=https) as behind, browsing(bench, HTTPS) as direct:
        for browser in (behind, direct):
            cookie = enter(browser).headers["set-cookie"]
            assert cookie.startswith("__Host-session=")
            parts = set(cookie.split("; "))
            assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= parts
            assert not [part for part in parts if part.startswith(("Domain", "Max-Age"))]


@pytest.mark.usefixtures("someone")
def test_by_https_a_cookie_that_another_machine_may_have_set_is_not_looked_at(
    bench: Bench,
) -> None:
    with browsing(bench) as plain:
        enter(plain)
        secret = plain.cookies["session"]
    with browsing(bench, HTTPS) as direct:
        weak = direct.get("/", headers={"cookie": f"session={secret}"})
        assert weak.headers["location"].startswith("/connexion")
        strong = direct.get("/", headers={"cookie": f"__Host-session={secret}"})
        assert strong.status_code == 200


@pytest.mark.usefixtures("someone")
def test_a_refusal_says_so_keeps_the_login_and_never_the_password(browser: httpx.Client) -> None:
    refused = enter(browser, "a wrong password", suite="/conformite")
    assert refused.status_code == 422
    page = html.fromstring(refused.text)
    assert page.xpath("//input[@name='identifiant']/@value") == ["assemblees"]
    assert page.xpath("//input[@name='suite']/@value") == ["/conformite"]
    assert page.xpath("//*[@role='alert']")[0].text == (
        "L'identifiant ou le mot de passe n'est pas le bon."
    )
    assert "a wrong password" not in refused.text
    assert "set-cookie" not in refused.headers


@pytest.mark.usefixtures("someone")
def test_an_unknown_login_gets_the_very_same_page(browser: httpx.Client) -> None:
    pages = [
        browser.post("/connexion", data={"identifiant": login, "mot_de_passe": "wrong"})
        for login in ("assemblees", "assemblies")
    ]
    assert pages[0].status_code == pages[1].status_code
    assert pages[0].text.replace("assemblees", "assemblies") == pages[1].text


@pytest.mark.usefixtures("someone")
def test_whoever_guesses_is_told_to_wait(browser: httpx.Client) -> None:
    for _ in range(5):
        enter(browser, "wrong")
    delayed = enter(browser)
    assert (delayed.status_code, delayed.headers["retry-after"]) == (429, "5")
    assert "Attendez 5 secondes" in words_of(delayed)


@pytest.mark.usefixtures("someone")
def test_coming_in_again_ends_the_session_that_the_browser_had(browser: httpx.Client) -> None:
    enter(browser)
    before = browser.cookies["session"]
    enter(browser)
    assert browser.cookies["session"] != before
    old = browser.get("/", headers={"cookie": f"session={before}"})
    assert old.headers["location"].startswith("/connexion")


@pytest.mark.usefixtures("someone")
def test_leaving_takes_the_form_of_the_page_and_ends_the_session(browser: httpx.Client) -> None:
    enter(browser)
    secret, key = browser.cookies["session"], form_key_of(browser.get("/"))
    assert browser.post("/deconnexion", data={"autre": "x"}).status_code == 403
    assert browser.get("/deconnexion").status_code == 405
    left = browser.post("/deconnexion", data={"jeton_formulaire": key})
    assert left.headers["location"] == "/connexion?sorti=1"
    assert 'session=""' in left.headers["set-cookie"]
    assert "Vous êtes déconnecté" in words_of(browser.get("/connexion?sorti=1"))
    old = browser.get("/", headers={"cookie": f"session={secret}"})
    assert old.headers["location"].startswith("/connexion")


@pytest.mark.usefixtures("someone")
def test_a_form_of_another_session_is_refused(browser: httpx.Client) -> None:
    enter(browser)
    key = form_key_of(browser.get("/"))
    enter(browser)
    assert browser.post("/deconnexion", data={"jeton_formulaire": key}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.usefixtures("someone")
def test_no_other_site_logs_anybody_in(browser: httpx.Client, site: str) -> None:
    typed = {"identifiant": "assemblees", "mot_de_passe": PASSWORD}
    forged = browser.post("/connexion", data=typed, headers={"sec-fetch-site": site})
    assert forged.status_code == 403
    assert "set-cookie" not in forged.headers


def test_a_stranger_sends_a_small_form_and_nothing_else(browser: httpx.Client) -> None:
    many = browser.post("/connexion", data={"identifiant": "x" * 20_000, "mot_de_passe": "y"})
    assert many.status_code == 413
    assert browser.post("/connexion", files={"a": b"b"}).status_code == 400
    assert browser.post("/connexion", json={}).status_code == 400


def test_without_any_account_the_door_says_which_command_to_run(browser: httpx.Client) -> None:
    assert "transmission user add" in words_of(browser.get("/connexion"))


@pytest.mark.usefixtures("someone")
def test_with_an_account_it_does_not(browser: httpx.Client) -> None:
    assert "transmission user add" not in words_of(browser.get("/connexion"))


@pytest.mark.usefixtures("someone")
def test_a_first_link_lets_choose_a_password_and_come_in(
    bench: Bench, browser: httpx.Client
) -> None:
    path = f"/connexion/premiere/{_link(bench)}"
    assert "assemblees" in words_of(browser.get(path))
    short = browser.post(path, data={"mot_de_passe": "court", "encore": "court"})
    assert (short.status_code, "trop court" in words_of(short)) == (422, True)
    other = browser.post(path, data={"mot_de_passe": ANOTHER, "encore": ANOTHER + "!"})
    assert (other.status_code, "ne sont pas les mêmes" in words_of(other)) == (422, True)
    assert ANOTHER not in other.text
    chosen = browser.post(path, data={"mot_de_passe": ANOTHER, "encore": ANOTHER})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/")
    assert browser.get("/").status_code == 200
    assert browser.get(path).status_code == 410
    assert browser.post(path, data={"mot_de_passe": ANOTHER, "encore": ANOTHER}).status_code == 410


@pytest.mark.usefixtures("someone")
def test_a_link_straight_in_serves_once_and_not_to_who_looks_ahead(
    bench: Bench, browser: httpx.Client
) -> None:
    path = f"/connexion/directe/{_link(bench, Purpose.ENTER)}"
    assert browser.head(path).status_code == 204
    assert browser.get(path, headers={"sec-purpose": "prefetch;prerender"}).status_code == 204
    assert browser.get(path).headers["location"] == "/"
    assert browser.get("/").status_code == 200
    assert browser.get(path).status_code == 410


@pytest.mark.parametrize("link", ["x", "a" * 43, "%00", "é" * 43])
def test_a_link_that_nobody_made_serves_nothing(browser: httpx.Client, link: str) -> None:
    for way in ("premiere", "directe"):
        assert browser.get(f"/connexion/{way}/{link}").status_code == 410


@pytest.mark.usefixtures("someone")
def test_a_disabled_person_is_out_at_the_next_page(bench: Bench, browser: httpx.Client) -> None:
    enter(browser)
    disable_person(bench.tools, "assemblees", BY)
    assert browser.get("/").status_code == 303


@pytest.mark.usefixtures("someone")
def test_an_unused_session_ends(bench: Bench, browser: httpx.Client) -> None:
    enter(browser)
    bench.clock.advance(8 * 3600)
    assert browser.get("/").headers["location"].startswith("/connexion")
