"""The console in a real browser: live, by keyboard alone, on a phone, without script."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from transmission.domain.lifecycle import State
from transmission.store.tables_legal import finding

pytestmark = pytest.mark.browser


@pytest.fixture
def open_page(browser: Browser, console_url: str) -> Iterator[Any]:
    """Opens a page of the console; any error that the browser reports fails the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def opened(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=console_url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def test_an_open_queue_changes_by_itself_when_an_act_moves(shelf: Any, open_page: Any) -> None:
    owner = shelf.authority()
    acte_id, sent = shelf.acte(owner, "2026_001", "Tarifs de la cantine", state=State.PREPARED)
    page = open_page("/")
    row = page.locator(f"#ligne-{sent}")
    expect(row).to_contain_text("Enveloppe prête")
    page.locator(f"#acte-{sent}").focus()
    shelf.move(owner, acte_id, sent, State.PREPARED, State.HELD)
    expect(row).to_contain_text("En attente d'un opérateur")
    expect(page.locator("#annonce")).to_have_text(
        "1\u00a0envoi à suivre, dont 1\u00a0attend la décision d'une personne."
    )
    expect(page.locator(f"#acte-{sent}")).to_be_focused()


def test_an_open_act_changes_by_itself_and_says_so(shelf: Any, open_page: Any) -> None:
    owner = shelf.authority()
    acte_id, sent = shelf.acte(owner, "2026_001", state=State.SUBMITTED)
    page = open_page(f"/actes/{acte_id}")
    expect(page.locator(".situation .etat")).to_have_text("Transmise")
    shelf.move(owner, acte_id, sent, State.SUBMITTED, State.ACKNOWLEDGED)
    expect(page.locator(".situation .etat")).to_have_text("Accusé de réception reçu")
    expect(page.locator("#annonce")).to_contain_text("Accusé de réception reçu")
    expect(page).to_have_title(
        "Délibération 2026_001 : Accusé de réception reçu – Transmission des actes"
    )


def test_a_suspended_page_stays_still(shelf: Any, open_page: Any) -> None:
    shelf.acte(shelf.authority(), "2026_001")
    page = open_page("/")
    page.get_by_role("link", name="Suspendre la mise à jour").click()
    expect(page.get_by_role("link", name="Reprendre la mise à jour")).to_be_visible()
    assert page.evaluate("document.querySelector('[data-direct]').dataset.direct") == ""


def test_the_console_is_used_by_keyboard_alone(shelf: Any, open_page: Any) -> None:
    acte_id, sent = shelf.acte(shelf.authority(), "2026_001", "Tarifs de la cantine")
    page = open_page("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    wanted = page.locator(f"#acte-{sent}")
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    assert wanted.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/actes/{acte_id}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Délibération 2026_001")


def test_everything_is_there_without_script(shelf: Any, open_page: Any) -> None:
    owner = shelf.authority()
    shelf.acte(owner, "2026_001", "Tarifs de la cantine")
    shelf.acte(owner, "2026_002", "Cession d'une parcelle", state=State.REJECTED)
    page = open_page("/", java_script_enabled=False)
    page.get_by_label("Numéro, objet ou identifiant").fill("parcelle")
    page.get_by_role("button", name="Rechercher").click()
    page.get_by_role("link", name="2026_002").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Délibération 2026_002")


def test_no_page_is_wider_than_a_phone(shelf: Any, open_page: Any) -> None:
    owner = shelf.authority("Communauté de communes des Trois-Vallées-Imaginaires")
    acte_id, sent = shelf.acte(
        owner, "D20260009710", "Anticonstitutionnellement" * 12, state=State.ACKNOWLEDGED,
        name="x" * 200 + ".pdf", date_reception=date(2026, 11, 20), **shelf.parcel(),
    )  # fmt: skip
    shelf.acte(owner, "2026_002", state=State.HELD, waiting_for="Refus : " + "y" * 300)
    shelf.attempt(sent, 1, outcome="Accepted", detail="z" * 300, request="r")
    shelf.retour(owner, sent, b"x", status="quarantined", reason="w" * 300, notes=["v" * 300])
    supposed = "?si=lettre_observations&recu=2026-12-01&envoi=&si=defere&recu=2026-12-10"
    found(shelf, owner, acte_id, "u" * 300)
    paths = ("/", f"/actes/{acte_id}", f"/actes/{acte_id}{supposed}", "/conformite")
    for path in paths:
        page = open_page(path, viewport={"width": 320, "height": 700})
        excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(excess) <= 0, path


def test_an_event_is_supposed_without_script(shelf: Any, open_page: Any) -> None:
    _, acte_id, _ = shelf.acknowledged()
    page = open_page(f"/actes/{acte_id}", java_script_enabled=False)
    page.get_by_label("Et si…", exact=True).select_option("lettre_observations")
    page.get_by_label("Reçu, ou fait, le").fill("2026-12-10")
    page.get_by_role("button", name="Voir ce qui changerait").click()
    expect(page).to_have_url(re.compile(r"si=lettre_observations.*#et-si$"))
    row = page.locator(".changements tbody tr", has_text="Dernier jour du déféré")
    expect(row).to_contain_text("12 avril 2027 (provisoire)")
    expect(page.get_by_label("Et si…", exact=True).first).to_have_value("lettre_observations")
    page.get_by_role("link", name="Effacer").click()
    expect(page.locator(".hypothese")).to_have_count(0)


def test_an_open_act_that_changes_keeps_what_was_typed_and_what_was_opened(
    shelf: Any, open_page: Any
) -> None:
    owner = shelf.authority()
    acte_id, sent = shelf.acte(owner, "2026_001", state=State.SUBMITTED)
    page = open_page(f"/actes/{acte_id}")
    page.get_by_label("Reçu, ou fait, le").fill("2026-12-10")
    page.locator("h1").click()
    opened = page.locator("#calcul-transmission, [id^=calcul-]").first
    opened.locator("summary").click()
    name = opened.get_attribute("id")
    shelf.move(owner, acte_id, sent, State.SUBMITTED, State.ACKNOWLEDGED)
    expect(page.locator(".situation .etat")).to_have_text("Accusé de réception reçu")
    expect(page.get_by_label("Reçu, ou fait, le")).to_have_value("2026-12-10")
    expect(page.locator(f"#{name}")).to_have_attribute("open", "")


def test_a_form_being_filled_is_left_alone(shelf: Any, open_page: Any) -> None:
    owner = shelf.authority()
    acte_id, sent = shelf.acte(owner, "2026_001", state=State.SUBMITTED)
    page = open_page(f"/actes/{acte_id}")
    page.get_by_label("Et si…", exact=True).focus()
    with page.expect_response(lambda answer: answer.url.endswith(f"/actes/{acte_id}")):
        shelf.move(owner, acte_id, sent, State.SUBMITTED, State.ACKNOWLEDGED)
    expect(page.get_by_label("Et si…", exact=True)).to_be_focused()
    expect(page.locator(".situation .etat")).to_have_text("Transmise")


def test_a_date_of_the_drawing_leads_to_its_reason_though_it_be_folded(
    shelf: Any, open_page: Any
) -> None:
    _, acte_id, _ = shelf.acknowledged()
    shelf.clock.at = shelf.clock.at.replace(month=12)
    page = open_page(f"/actes/{acte_id}?fixe=1")
    expect(page.locator("#date-liste_deliberations")).to_be_hidden()
    page.locator(".frise a", has_text="Mise en ligne de la liste").click()
    expect(page.locator("#date-liste_deliberations")).to_be_visible()


def found(shelf: Any, owner: int, acte_id: int, word: str) -> None:
    """A finding whose every text is one long word."""
    shelf.add(
        finding, collectivite_id=owner, acte_id=acte_id, code=word, key=word, severity="grave",
        article=word, message=word, remedy=word, evidence=[[word, word]], opened_at=shelf.clock.at,
    )  # fmt: skip


def test_a_table_stays_a_table_for_those_who_listen_on_a_phone(shelf: Any, open_page: Any) -> None:
    shelf.acte(shelf.authority(), "2026_001")
    page = open_page("/", viewport={"width": 390, "height": 700})
    expect(page.get_by_role("table")).to_have_count(1)
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(page.get_by_role("columnheader", include_hidden=True)).to_have_count(3)
