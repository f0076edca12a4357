"""What one is told by e-mail, chosen on the page of one's account."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from lxml import html

from tests.support.bench import COLLECTIVITE, Bench
from tests.support.people import add_person, browsing, enter, make_hashes_cheap, send, words_of
from transmission.domain.notifications import Kind, Pace
from transmission.domain.people import Grant, Role
from transmission.ports.outbound import Delivered, Mail
from transmission.services.wishes import find_listener


class Mailbox:
    """A mail server that takes all."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def send(self, mail: Mail) -> Delivered:
        self.mails.append(mail)
        return Delivered("250 OK")


@pytest.fixture
def mailbox(bench: Bench) -> Mailbox:
    made = Mailbox()
    bench.tools = replace(bench.tools, mailer=made)
    return made


@pytest.fixture
def browser(
    bench: Bench, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[httpx.Client]:
    assert not mailbox.mails
    make_hashes_cheap(monkeypatch)
    add_person(bench, "assemblees", Grant(Role.AGENT, str(COLLECTIVITE.siren)))
    add_person(bench, "autre", Grant(Role.AGENT, str(COLLECTIVITE.siren)))
    with browsing(bench) as opened:
        enter(opened)
        yield opened


def _selected(page: httpx.Response) -> dict[str, str]:
    tree = html.fromstring(page.text)
    return {
        str(each.getparent().get("name")): str(each.get("value"))
        for each in tree.xpath("//form[@action='/compte/annonces']//option[@selected]")
    }


def test_the_page_shows_what_is_usual_for_ones_roles(browser: httpx.Client) -> None:
    page = browser.get("/compte")
    chosen = _selected(page)
    assert (chosen["courrier"], chosen["ar"], chosen["bloque"]) == (
        "aussitot", "quotidien", "jamais",
    )  # fmt: skip
    assert set(chosen) == {kind.code for kind in Kind}
    tree = html.fromstring(page.text)
    for field in tree.xpath("//form[@action='/compte/annonces']//select"):
        assert tree.xpath(f"//label[@for='{field.get('id')}']")


def test_a_choice_and_an_address_are_kept(bench: Bench, browser: httpx.Client) -> None:
    sent = send(
        browser, "/compte/annonces", courriel="a@example.org", ar="aussitot", echeance="jamais"
    )
    assert (sent.status_code, sent.headers["location"]) == (303, "/compte?fait=annonces")
    page = browser.get("/compte?fait=annonces")
    assert "Vos choix sont enregistrés" in words_of(page)
    assert _selected(page)["ar"] == "aussitot"
    mine = find_listener(bench.tools, "assemblees")
    assert mine.account.email == "a@example.org"
    assert mine.chosen == {Kind.AR: Pace.AT_ONCE, Kind.ECHEANCE: Pace.NEVER}
    assert find_listener(bench.tools, "autre").chosen == {}


def test_a_wrong_address_is_said_beside_its_field_and_all_that_was_typed_stays(
    bench: Bench, browser: httpx.Client
) -> None:
    sent = send(browser, "/compte/annonces", courriel="pas une adresse", ar="aussitot")
    assert sent.status_code == 422
    assert 'id="probleme-courriel"' in sent.text
    assert 'value="pas une adresse"' in sent.text
    assert _selected(sent)["ar"] == "aussitot"
    assert find_listener(bench.tools, "assemblees").chosen == {}


@pytest.mark.parametrize("typed", [{"ar": "bientot"}, {"certificat": "aussitot"}])
def test_a_pace_that_no_page_offers_is_refused(
    browser: httpx.Client, typed: dict[str, str]
) -> None:
    assert send(browser, "/compte/annonces", **typed).status_code == 400


def test_a_form_of_another_site_is_refused(browser: httpx.Client) -> None:
    for path in ("/compte/annonces", "/compte/essai"):
        assert browser.post(path, data={"ar": "jamais"}).status_code == 403


def test_a_mail_is_tried_from_the_page(browser: httpx.Client, mailbox: Mailbox) -> None:
    refused = send(browser, "/compte/essai")
    assert refused.status_code == 422
    assert "Aucune adresse" in words_of(refused)
    send(browser, "/compte/annonces", courriel="a@example.org")
    tried = send(browser, "/compte/essai")
    assert tried.headers["location"] == "/compte?fait=essai"
    assert [each.recipient for each in mailbox.mails] == ["a@example.org"]
