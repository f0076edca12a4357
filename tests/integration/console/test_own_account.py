"""One's own account: what it says, another password, the sessions elsewhere."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.bench import COLLECTIVITE, Bench
from tests.support.people import (
    PASSWORD,
    add_person,
    browsing,
    enter,
    make_hashes_cheap,
    send,
    words_of,
)
from transmission.domain.people import Grant, Role
from transmission.services.accounts import list_events

ANOTHER = "une tout autre phrase"


@pytest.fixture
def browser(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    make_hashes_cheap(monkeypatch)
    siren = str(COLLECTIVITE.siren)
    add_person(bench, "assemblees", Grant(Role.AGENT, siren), Grant(Role.READER))
    with browsing(bench) as opened:
        enter(opened)
        yield opened


def _change(browser: httpx.Client, **typed: str) -> httpx.Response:
    right = {"actuel": PASSWORD, "nouveau": ANOTHER, "encore": ANOTHER}
    return send(browser, "/compte/mot-de-passe", **(right | typed))


def _elsewhere(browser: httpx.Client) -> str:
    """The secret of another session of the same person."""
    with httpx.Client(base_url=browser.base_url, headers={"user-agent": "Ailleurs"}) as other:
        enter(other)
        return other.cookies["session"]


def _is_in(browser: httpx.Client, secret: str) -> bool:
    with httpx.Client(base_url=browser.base_url) as other:
        return other.get("/compte", headers={"cookie": f"session={secret}"}).status_code == 200


def test_it_says_who_one_is_and_what_one_may_do(browser: httpx.Client) -> None:
    said = words_of(browser.get("/compte"))
    assert f"Agent : {COLLECTIVITE.nom}" in said
    assert "Lecteur : toutes les collectivités" in said
    assert "c'est celle-ci" in said


def test_another_password_ends_the_other_sessions_and_keeps_this_one(
    browser: httpx.Client,
) -> None:
    other = _elsewhere(browser)
    changed = _change(browser)
    assert (changed.status_code, changed.headers["location"]) == (303, "/compte?fait=mot-de-passe")
    assert "Votre mot de passe est changé" in words_of(browser.get("/compte?fait=mot-de-passe"))
    assert not _is_in(browser, other)
    assert enter(browser).status_code == 422
    assert enter(browser, ANOTHER).status_code == 303


@pytest.mark.parametrize(
    ("typed", "where", "said"),
    [
        ({"actuel": "wrong"}, "actuel", "pas votre mot de passe actuel"),
        ({"encore": "autre chose encore"}, "encore", "ne sont pas les mêmes"),
        ({"nouveau": "court", "encore": "court"}, "nouveau", "trop court"),
        ({"nouveau": "é" * 513, "encore": "é" * 513}, "nouveau", "trop long"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    browser: httpx.Client, typed: dict[str, str], where: str, said: str
) -> None:
    refused = _change(browser, **typed)
    assert refused.status_code == 422
    assert f'id="probleme-{where}"' in refused.text
    assert said in words_of(refused)
    assert PASSWORD not in refused.text
    assert enter(browser).status_code == 303, "the password did not change"


def test_other_sessions_are_seen_and_ended(browser: httpx.Client) -> None:
    first, second = _elsewhere(browser), _elsewhere(browser)
    page = browser.get("/compte")
    assert page.text.count("Ailleurs") == 2
    assert first not in page.text
    ids = [part.partition('"')[0] for part in page.text.split('name="session" value="')[1:]]
    assert send(browser, "/compte/sessions", session=ids[0]).status_code == 303
    assert [_is_in(browser, each) for each in (first, second)].count(True) == 1
    assert send(browser, "/compte/sessions").status_code == 303
    assert not _is_in(browser, first)
    assert not _is_in(browser, second)
    assert browser.get("/compte").status_code == 200
    assert send(browser, "/compte/sessions", session="x").status_code == 400


def test_nothing_of_it_is_done_without_the_form_of_the_page(browser: httpx.Client) -> None:
    for path in ("/compte/mot-de-passe", "/compte/sessions"):
        assert browser.post(path, data={"autre": "x"}).status_code == 403


def test_the_console_speaks_the_language_that_one_chose(browser: httpx.Client) -> None:
    assert '<html lang="fr">' in browser.get("/compte").text
    done = send(browser, "/compte/langue", langue="en")
    assert done.status_code == 303
    after = browser.get(done.headers["location"])
    assert '<html lang="en">' in after.text
    assert "The console now speaks this language to you." in words_of(after)
    assert '<html lang="en">' in browser.get("/actes/999").text

    refused = send(browser, "/compte/langue", langue="klingon")
    assert refused.status_code == 422
    assert "n'est pas une langue de la console" in words_of(refused)
    send(browser, "/compte/langue", langue="fr")
    assert '<html lang="fr">' in browser.get("/compte").text


def test_a_change_of_language_is_told_once_to_those_who_audit(
    browser: httpx.Client, bench: Bench
) -> None:
    for _ in range(2):
        send(browser, "/compte/langue", langue="en")
    told = [each for each in list_events(bench.tools) if each.event == "language_chosen"]
    assert [each.details for each in told] == [{"langue": "en"}]
