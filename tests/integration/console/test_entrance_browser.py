"""Coming in, in a real browser: with a script or without, by keyboard alone, and out again."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.support.bench import COLLECTIVITE, Bench
from tests.support.people import BY, PASSWORD, add_person, browsing, make_hashes_cheap
from transmission.domain.people import Grant, Role
from transmission.services.accounts import password_link

pytestmark = pytest.mark.browser
WITHOUT_SCRIPT = {"java_script_enabled": False}
ANOTHER = "une tout autre phrase"
SIREN = str(COLLECTIVITE.siren)
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def open_page(bench: Bench, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Opens a page of a console whose login is the real one."""
    make_hashes_cheap(monkeypatch)
    add_person(
        bench, "assemblees", Grant(Role.AGENT, SIREN), Grant(Role.ADMINISTRATOR, SIREN),
        name="service des assemblées",
    )  # fmt: skip
    contexts: list[Any] = []
    with browsing(bench) as client:

        def opened(path: str, **options: Any) -> Page:
            context = browser.new_context(base_url=str(client.base_url), locale="fr-FR", **options)
            contexts.append(context)
            page = context.new_page()
            page.goto(path)
            return page

        yield opened
        for context in contexts:
            context.close()


def _log_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Identifiant").fill("assemblees")
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()


@pytest.mark.parametrize("options", [{}, WITHOUT_SCRIPT], ids=["script", "no script"])
def test_a_person_comes_in_where_they_were_going_and_leaves(
    open_page: Any, options: dict[str, Any]
) -> None:
    page = open_page("/conformite", **options)
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
    _log_in(page, "a wrong password")
    expect(page.get_by_role("alert")).to_contain_text("n'est pas le bon")
    expect(page.get_by_label("Identifiant")).to_have_value("assemblees")
    _log_in(page)
    expect(page).to_have_url(f"{page.url.partition('/conformite')[0]}/conformite")
    expect(page.get_by_role("link", name="service des assemblées")).to_be_visible()
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("session", True, "Lax")
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("status").first).to_contain_text("Vous êtes déconnecté")
    assert page.context.cookies() == []
    page.goto("/")
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()


def test_one_comes_in_with_the_keyboard_alone(open_page: Any) -> None:
    page = open_page("/connexion")
    page.get_by_label("Identifiant").focus()
    page.keyboard.type("assemblees")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="File d'attente")).to_be_visible()


def test_a_colleague_is_added_chooses_a_password_and_comes_in(open_page: Any) -> None:
    page = open_page("/connexion")
    _log_in(page)
    page.get_by_role("link", name="Comptes", exact=True).click()
    page.get_by_label("Identifiant").fill("juriste")
    page.get_by_label("Nom au journal").fill("service juridique")
    page.get_by_label("Rôle").select_option("lecteur")
    page.get_by_role("button", name="Ajouter").click()
    link = page.locator("#lien").inner_text()
    other = open_page(link)
    other.get_by_label("Mot de passe").fill(ANOTHER)
    other.get_by_label("Le même").fill(ANOTHER)
    other.get_by_role("button", name="Choisir et entrer").click()
    expect(other.get_by_role("link", name="service juridique")).to_be_visible()
    expect(other.get_by_role("link", name="Comptes", exact=True)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_accounts_can_be_used_by_everybody(
    bench: Bench, open_page: Any, scheme: str
) -> None:
    link = password_link(bench.tools, "assemblees", BY, randomness=secrets.token_bytes)
    page = open_page("/connexion", color_scheme=scheme)
    _accessible(page)
    _log_in(page, "a wrong password")
    _accessible(page)
    page.goto(f"/connexion/premiere/{link}")
    _accessible(page)
    page.goto("/connexion")
    _log_in(page)
    for path in ("/compte", "/comptes", "/comptes/assemblees", "/journal-des-comptes"):
        page.goto(path)
        _accessible(page)


def _accessible(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": LEVELS}})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
