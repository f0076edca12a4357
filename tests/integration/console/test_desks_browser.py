"""The desks and the hand-over, in a real browser: with a real PDF, by mouse, without script."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from transmission.domain.desks import Desk
from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Person, Role
from transmission.store.tables import acte, piece
from transmission.store.tables_legal import legal_date, notice
from transmission.store.tables_work import work_item_owner

pytestmark = pytest.mark.browser

SIREN = "123456782"


@pytest.fixture
def open_page(browser: Browser, console_url: str) -> Iterator[Any]:
    """Opens a page of the console; any error that the browser reports fails the test, but for
    a page that is refused."""
    contexts: list[Any] = []
    errors: list[str] = []

    def told(said: Any) -> None:
        if said.type == "error" and "422" not in said.text:
            errors.append(said.text)

    def opened(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=console_url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", told)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


@pytest.mark.parametrize("script", [True, False])
def test_an_act_is_handed_over_after_its_mistakes_are_mended(
    shelf: Any, ready: Any, open_page: Any, tmp_path: Path, *, script: bool
) -> None:
    document, plan = tmp_path / "délibération.pdf", tmp_path / "plan.pdf"
    document.write_bytes(ready.pdf())
    plan.write_bytes(ready.pdf("Plan"))
    page = open_page("/", java_script_enabled=script)
    page.get_by_role("link", name="Remettre", exact=True).click()
    page.get_by_label("Numéro de l'acte").fill("2026-001")
    page.get_by_label("Date de la décision").fill("2026-11-20")
    page.get_by_label("Nature").select_option(label="Délibération")
    page.get_by_label("Matière").fill("7.5")
    page.get_by_label("Objet").fill("Subvention à l'école")
    page.get_by_label("Document (PDF)").set_input_files(document)
    page.get_by_role("group", name="Annexe 1").get_by_label("Fichier").set_input_files(plan)
    page.get_by_role("button", name="Vérifier seulement").click()
    expect(page.get_by_role("alert")).to_contain_text("1\u00a0chose est à corriger")
    numero = page.get_by_label("Numéro de l'acte")
    expect(numero).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Objet")).to_have_value("Subvention à l'école")
    page.get_by_role("alert").get_by_role("link").first.click()
    numero.fill("2026_001")
    page.get_by_label("Document (PDF)").set_input_files(document)
    page.get_by_role("button", name="Remettre l'acte").click()
    expect(page).to_have_url(re.compile(r"/actes/\d+\?fait=remis$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Délibération 2026_001")
    with shelf.engine.connect() as connection:
        kept = connection.execute(select(acte.c.accepted_by)).scalars().all()
        names = connection.execute(select(piece.c.nom_original)).scalars().all()
    assert (kept, names) == (["Secrétariat"], ["délibération.pdf"])


@pytest.mark.parametrize("script", [True, False])
def test_an_agent_takes_a_letter_and_goes_to_its_answer(
    shelf: Any, ready: Any, open_page: Any, *, script: bool
) -> None:
    letter = pending_letter(shelf, ready.owner)
    page = open_page("/bureaux", java_script_enabled=script)
    row = page.locator(f"#courriers-{letter}")
    expect(row).to_contain_text("Dans 16\u00a0jours")
    row.get_by_role("button", name="Je m'en charge").click()
    expect(page.get_by_role("status").first).to_have_text("Ce dossier est à votre charge.")
    expect(page.locator(f"#courriers-{letter}")).to_contain_text("Vous vous en chargez")
    with shelf.engine.connect() as connection:
        taken = connection.execute(select(work_item_owner.c.person_name)).scalars().all()
    assert taken == ["Secrétariat"]
    link = page.locator(f"#repondre-{letter}")
    expect(link).to_have_attribute("href", f"/courriers/{letter}/repondre")
    page.locator(f"#dossier-courriers-{letter}").click()
    page.get_by_role("button", name="Rendre au bureau").click()
    expect(page.locator("main")).to_contain_text("Personne ne s'en charge")


@pytest.mark.parametrize("desk", Desk, ids=lambda desk: desk.code)
def test_each_desk_lets_each_role_do_what_is_theirs_and_no_more(
    shelf: Any, ready: Any, open_page: Any, desk: Desk
) -> None:
    item = waiting_item(shelf, ready.owner, desk)
    for role in Role:
        shelf.person = Person(7, role.label, (Grant(role, SIREN),))
        page = open_page("/")
        page.get_by_role("link", name="Bureaux", exact=True).click()
        page.get_by_role("link", name=desk.label).click()
        expect(page).to_have_url(re.compile(f"/bureaux/{desk.code}$"))
        row = page.locator(f"#{desk.code}-{item}")
        expect(row).to_be_visible()
        button = row.get_by_role("button", name="Je m'en charge")
        expect(button).to_have_count(int(desk.right in role.rights))
        page.goto(f"/bureaux/{desk.code}/{item}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        buttons = page.locator("main").get_by_role("button")
        assert bool(buttons.count()) == (desk.right in role.rights), (role, desk)


def test_no_page_of_ours_is_wider_than_a_phone(shelf: Any, ready: Any, open_page: Any) -> None:
    letter = pending_letter(shelf, ready.owner, texte="y" * 300)
    shelf.acte(
        ready.owner, "2026_009", "Anticonstitutionnellement" * 12, state=State.HELD,
        waiting_for="Refus : " + "z" * 300,
    )  # fmt: skip
    shelf.person = ready.everybody
    paths = (
        "/bureaux", "/bureaux/courriers", f"/bureaux/courriers/{letter}", "/remettre",
        "/remettre/lot", "/seances", f"/seances/{SIREN}/2026-11-20", "/etat",
    )  # fmt: skip
    for path in paths:
        page = open_page(path, viewport={"width": 320, "height": 700})
        excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(excess) <= 0, path


def waiting_item(shelf: Any, owner: int, desk: Desk) -> int:
    """Something on a desk; its number there."""
    states = {
        Desk.IN_DOUBT: State.IN_DOUBT, Desk.HELD: State.HELD, Desk.ANOMALIES: State.REJECTED
    }  # fmt: skip
    if desk in states:
        return int(shelf.acte(owner, "2026_001", state=states[desk])[1])
    if desk is Desk.LETTERS:
        return pending_letter(shelf, owner)
    if desk is Desk.QUARANTINE:
        columns = {"status": "quarantined", "reason": "Aucun acte à ce nom."}
        return int(shelf.retour(owner, None, b"octets", **columns))
    return int(
        shelf.add(
            notice, collectivite_id=owner, kind="rappel", key="k", channel="webhook",
            target="https://logiciel.example/avis", content={"type": "echeance", "id": "k"},
            at=shelf.ago(days=2), attempts=9, failure="Abandonné après 9 essais.",
        )
    )  # fmt: skip


def pending_letter(shelf: Any, owner: int, **columns: Any) -> int:
    """A request for documents, which silence would refuse in sixteen days."""
    acte_id, _ = shelf.acte(owner, "2026_001", state=State.ACKNOWLEDGED)
    made = int(shelf.letter(owner, acte_id, "3-1", **columns))
    with shelf.engine.begin() as connection:
        connection.execute(
            legal_date.insert().values(
                acte_id=acte_id,
                name="refus_tacite_pieces",
                collectivite_id=owner,
                day=date(2026, 12, 9),
                kind="last_day",
                rule="CT-2",
                provisional=False,
            )
        )
    return made
