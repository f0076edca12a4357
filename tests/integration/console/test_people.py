"""Accounts at the console: who adds whom, gives what, where; and nothing elsewhere."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.support.bench import COLLECTIVITE, SECOND, Bench
from tests.support.people import (
    add_person,
    browsing,
    enter,
    make_hashes_cheap,
    send,
    words_of,
)
from transmission.domain.people import Grant, Role
from transmission.services.accounts import find_person, list_people

HERE, THERE = str(COLLECTIVITE.siren), str(SECOND.siren)
NEW = {"identifiant": "juriste", "nom": "service juridique", "courriel": "", "role": "lecteur"}
Log = Callable[..., httpx.Client]


@pytest.fixture
def as_(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """A browser of somebody with these roles."""
    make_hashes_cheap(monkeypatch)
    with browsing(bench) as browser:

        def logged(*grants: Grant, login: str = "chef") -> httpx.Client:
            add_person(bench, login, *grants)
            assert enter(browser, login=login).status_code == 303
            return browser

        yield logged


def test_a_person_is_added_and_chooses_a_password_on_the_link(bench: Bench, as_: Log) -> None:
    browser = as_(Grant(Role.ADMINISTRATOR))
    made = send(browser, "/comptes", **NEW, ou="*")
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    link = re.search(r"/connexion/premiere/[\w-]{43}", made.text)
    assert link
    assert find_person(bench.tools, "juriste").created_by == "chef"
    with httpx.Client(base_url=browser.base_url) as other:
        phrase = "une phrase à moi seule"
        chosen = other.post(link[0], data={"mot_de_passe": phrase, "encore": phrase})
        assert chosen.status_code == 303
        assert other.get("/").status_code == 200
    listed = words_of(browser.get("/comptes"))
    assert "juriste" in listed
    assert "Lecteur : toutes les collectivités" in listed


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(
    bench: Bench, as_: Log
) -> None:
    browser = as_(Grant(Role.ADMINISTRATOR))
    typed: dict[str, Any] = {"identifiant": "é é", "nom": "", "courriel": "x", "role": "agent"}
    refused = send(browser, "/comptes", **typed, ou=HERE)
    assert refused.status_code == 422
    for field in ("identifiant", "nom", "courriel"):
        assert f'id="probleme-{field}"' in refused.text
    assert 'value="é é"' in refused.text
    assert '<option value="agent" selected>' in refused.text
    taken = send(browser, "/comptes", **{**NEW, "identifiant": "CHEF"}, ou="*")
    assert (taken.status_code, "existe déjà" in words_of(taken)) == (422, True)
    for wrong in ({"role": "chef", "ou": "*"}, {"role": "agent", "ou": ""}):
        assert send(browser, "/comptes", **{**NEW, **wrong}).status_code == 422
    assert [each.login for each in list_people(bench.tools)] == ["chef"]


def test_roles_are_given_and_taken_and_told(bench: Bench, as_: Log) -> None:
    browser = as_(Grant(Role.ADMINISTRATOR))
    add_person(bench, "juriste", Grant(Role.READER))
    path = "/comptes/juriste"
    given = send(browser, path, action="donner", role="auditeur", ou=THERE)
    assert given.headers["location"] == f"{path}?fait=role"
    taken = send(browser, path, action="retirer", lequel="lecteur@*")
    assert taken.headers["location"] == f"{path}?fait=sans-role"
    assert find_person(bench.tools, "juriste").grants == (Grant(Role.AUDITOR, THERE),)
    page = words_of(browser.get(taken.headers["location"]))
    assert "Le rôle est retiré" in page
    assert f"Auditeur : {SECOND.nom}" in page
    assert "Rôle donné" in page
    assert send(browser, path, action="retirer", lequel="rien").status_code == 400
    assert send(browser, path, action="autre").status_code == 400


def test_a_person_is_put_out_with_a_reason_and_let_in_again(bench: Bench, as_: Log) -> None:
    browser = as_(Grant(Role.ADMINISTRATOR))
    add_person(bench, "juriste", Grant(Role.READER))
    path = "/comptes/juriste"
    refused = send(browser, path, action="desactiver", motif=" ")
    assert (refused.status_code, "motif" in words_of(refused)) == (422, True)
    assert send(browser, path, action="desactiver", motif="départ").status_code == 303
    assert "départ" in words_of(browser.get(path))
    late = send(browser, path, action="lien")
    assert (late.status_code, "désactivé" in words_of(late)) == (422, True)
    assert send(browser, path, action="activer", motif="retour").status_code == 303
    assert send(browser, path, action="sessions").status_code == 303
    assert "/connexion/premiere/" in send(browser, path, action="lien").text


def test_nobody_shuts_the_door_behind_themselves(bench: Bench, as_: Log) -> None:
    browser = as_(Grant(Role.ADMINISTRATOR), Grant(Role.READER))
    for typed in ({"action": "desactiver", "motif": "x"},
                  {"action": "retirer", "lequel": "administrateur@*"}):  # fmt: skip
        refused = send(browser, "/comptes/chef", **typed)
        assert (refused.status_code, "vous-même" in words_of(refused)) == (422, True)
    assert send(browser, "/comptes/chef", action="retirer", lequel="lecteur@*").status_code == 303
    assert find_person(bench.tools, "chef").grants == (Grant(Role.ADMINISTRATOR),)


def test_the_administrator_of_one_authority_reaches_no_further(bench: Bench, as_: Log) -> None:
    browser = as_(Grant(Role.ADMINISTRATOR, HERE))
    add_person(bench, "ici", Grant(Role.READER, HERE))
    add_person(bench, "ailleurs", Grant(Role.READER, THERE))
    add_person(bench, "partout", Grant(Role.READER))
    page = browser.get("/comptes")
    said = words_of(page)
    assert "ici" in said
    assert not {"ailleurs", "partout", SECOND.nom, THERE, "Toutes les collectivités"} & set(
        re.findall(r">([^<]+)<", page.text)
    )
    for login in ("ailleurs", "partout", "inconnu"):
        assert browser.get(f"/comptes/{login}").status_code == 404
        assert send(browser, f"/comptes/{login}", action="lien").status_code == 404
    for where in (THERE, "*", "999999998"):
        assert send(browser, "/comptes", **NEW, ou=where).status_code == 422
        given = send(browser, "/comptes/ici", action="donner", role="agent", ou=where)
        assert given.status_code == 422
    assert find_person(bench.tools, "ici").grants == (Grant(Role.READER, HERE),)
    assert send(browser, "/comptes", **NEW, ou=HERE).status_code == 200
    journal = words_of(browser.get("/journal-des-comptes"))
    assert "ailleurs" not in journal
    assert "partout" not in journal
    assert "juriste" in journal


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.ADMINISTRATOR])
def test_whoever_administers_nothing_sees_no_account(as_: Log, role: Role) -> None:
    browser = as_(Grant(role, HERE))
    assert browser.get("/comptes").status_code == 403
    assert browser.get("/comptes/chef").status_code == 403
    assert send(browser, "/comptes", **NEW, ou=HERE).status_code == 403
    told = browser.get("/journal-des-comptes").status_code
    assert told == (200 if role is Role.AUDITOR else 403)
    links = browser.get("/compte").text
    assert ('href="/comptes"' in links) is False
    assert ('href="/journal-des-comptes"' in links) is (role is Role.AUDITOR)


def test_no_page_and_no_log_tells_a_secret(
    bench: Bench, as_: Log, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    browser = as_(Grant(Role.ADMINISTRATOR), Grant(Role.AUDITOR))
    add_person(bench, "juriste", Grant(Role.READER))
    wrong = "a wrong password that was typed"
    enter(browser, wrong, login="juriste")
    made = send(browser, "/comptes/juriste", action="lien")
    link = re.search(r"/connexion/premiere/([\w-]{43})", made.text)
    assert link
    secret = browser.cookies["session"]
    pages = [
        browser.get(path).text
        for path in ("/", "/compte", "/comptes", "/comptes/juriste", "/journal-des-comptes",
                     "/connexion", "/metrics", "/statistiques.json")
    ]  # fmt: skip
    written = capfd.readouterr()
    # The client's own debugging tells what it sends; the server's is what matters.
    ours = [each for each in caplog.records if not each.name.startswith("http")]
    everything = [*pages, written.out, written.err, *(each.getMessage() for each in ours)]
    for hidden in (secret, wrong, "argon2id", link[1], "une phrase assez longue"):
        assert not [text for text in everything if hidden in text], hidden
