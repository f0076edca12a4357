"""Deciding in a real browser: with and without a script, by keyboard, on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.bench import Bench
from tests.support.counter import Counter
from tests.support.prefecture import Prefecture, letter
from tests.support.scene import pdf
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Author, Transmission
from transmission.ports import Step
from transmission.services.release import release

pytestmark = pytest.mark.browser

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


@pytest.fixture
def open_page(browser: Browser, counter: Counter) -> Iterator[Any]:
    """Opens a page of the console; any error of a script fails the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def opened(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=counter.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


def held(bench: Bench) -> Transmission:
    made = bench.prepared()
    with bench.tools.register() as unit:
        step = Step(waiting_for="Certificat expiré")
        moved = unit.move(made, Event.HELD, SERVICE, bench.clock.now(), step)
        unit.commit()
    return moved


@SCRIPT
def test_a_held_act_is_released_from_the_queue(
    bench: Bench, open_page: Any, *, script: bool
) -> None:
    sent = held(bench)
    page = open_page("/", java_script_enabled=script)
    page.get_by_role("link", name=sent.id_acte.numero_interne).click()
    expect(page.get_by_text("La décision d'une personne.")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Relancer")).click()
    expect(page.get_by_text("la même enveloppe, octet pour octet")).to_be_visible()
    page.get_by_label("Motif").fill("certificat renouvelé")
    page.get_by_role("button", name="Relancer l'envoi").click()
    expect(page).to_have_url(re.compile(rf"/actes/{sent.acte_id}\?fait=relance$"))
    expect(page.locator("p.fait")).to_have_text("C'est fait : l'envoi reprend.")
    expect(page.locator(".situation .etat")).to_have_text("Enveloppe prête")
    assert bench.now_of(sent.id).state is State.PREPARED


@SCRIPT
def test_a_demande_de_pieces_is_answered_with_files(
    bench: Bench, prefecture: Prefecture, open_page: Any, tmp_path: Path, *, script: bool
) -> None:
    acte = bench.acknowledged()
    prefecture.sends(letter("3-1", acte.id_acte, texte="Le plan de financement"), reference="1")
    files = [tmp_path / "plan.pdf", tmp_path / "devis.pdf"]
    for file in files:
        file.write_bytes(pdf(file.stem))
    page = open_page("/", java_script_enabled=script)
    page.locator("#courriers + p ~ .defile").get_by_role("link").first.click()
    page.get_by_role("link", name=re.compile("^Envoyer les pièces")).click()
    expect(page.get_by_text("Le plan de financement")).to_be_visible()
    page.get_by_label("Documents, groupe 1").set_input_files(files)
    page.get_by_label("Motif").fill("pièces réunies")
    page.get_by_role("button", name="Envoyer les pièces").click()
    expect(page.locator("p.fait")).to_contain_text("la réponse est prise en charge")
    expect(page.locator(".reponse").get_by_role("link", name="devis.pdf")).to_be_visible()
    sent = bench.about(acte.acte_id)[-1]
    with bench.tools.register() as unit:
        assert [each.nom_original for each in unit.pieces_sent(sent)] == ["plan.pdf", "devis.pdf"]


@SCRIPT
def test_held_acts_are_released_together_after_a_look(
    bench: Bench, open_page: Any, *, script: bool
) -> None:
    made = [held(bench) for _ in range(3)]
    page = open_page("/", java_script_enabled=script)
    for each in made[:2]:
        page.get_by_label(f"Choisir {each.id_acte.numero_interne}").check()
    page.get_by_role("button", name="Relancer…").click()
    expect(page.get_by_text("2 envois.", exact=True)).to_be_visible()
    page.get_by_label("Motif").fill("panne terminée")
    page.get_by_role("button", name="Relancer : 2 envois").click()
    expect(page.locator("p.fait")).to_have_text("2\u00a0envois relancés.")
    assert [bench.now_of(each.id).state for each in made] == [
        State.PREPARED,
        State.PREPARED,
        State.HELD,
    ]


def test_what_was_ticked_stays_ticked_when_the_queue_changes_by_itself(
    bench: Bench, open_page: Any
) -> None:
    first, second = held(bench), held(bench)
    page = open_page("/")
    box = page.get_by_label(f"Choisir {first.id_acte.numero_interne}")
    box.check()
    page.evaluate("document.activeElement.blur()")
    release(bench.tools, second.acte_id, Author("une collègue", "vu"))
    expect(page.locator(f"#ligne-{second.id}")).to_contain_text("Enveloppe prête")
    expect(box).to_be_checked()


def test_a_refused_form_leads_to_each_field_by_keyboard(
    bench: Bench, prefecture: Prefecture, open_page: Any, tmp_path: Path
) -> None:
    acte = bench.acknowledged()
    prefecture.sends(letter("3-1", acte.id_acte), reference="1")
    about = bench.letters(acte.acte_id)[-1]
    empty = tmp_path / "vide.pdf"
    empty.write_bytes(b"")
    page = open_page(f"/actes/{acte.acte_id}/courriers/{about.id}/repondre/3-4")
    page.get_by_label("Documents, groupe 2").set_input_files(empty)
    page.get_by_label("Motif").fill("pièces réunies")
    # What the browser would ask by itself is not what is looked at here.
    page.evaluate("document.querySelector('form.remise').noValidate = true")
    page.get_by_role("button", name="Envoyer les pièces").press("Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Rien n'a été fait : 1\u00a0point est à corriger")
    expect(page).to_have_title(re.compile("^Erreur : "))
    link = summary.get_by_role("link")
    link.press("Enter")
    expect(page).to_have_url(re.compile("#fichiers_2$"))
    field = page.get_by_label("Documents, groupe 2")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#probleme-fichiers_2")).to_contain_text("est vide")
    expect(page.get_by_label("Motif")).to_have_value("pièces réunies")


def test_an_act_that_moved_meanwhile_is_told_and_nothing_is_lost(
    bench: Bench, open_page: Any
) -> None:
    sent = held(bench)
    page = open_page(f"/actes/{sent.acte_id}/envois/{sent.id}/abandonner")
    release(bench.tools, sent.acte_id, Author("une collègue", "certificat renouvelé"))
    page.get_by_label("Motif").fill("erreur de document")
    page.get_by_role("button", name="Abandonner l'envoi").click()
    expect(page.get_by_role("alert")).to_contain_text("a changé depuis")
    expect(page.get_by_label("Motif")).to_have_value("erreur de document")
    expect(page.get_by_role("button", name="Abandonner l'envoi")).to_have_count(0)
    assert bench.now_of(sent.id).state is State.PREPARED


def test_no_page_of_an_action_is_wider_than_a_phone(
    bench: Bench, prefecture: Prefecture, open_page: Any
) -> None:
    acte, waiting = bench.acknowledged(), held(bench)
    prefecture.sends(letter("3-1", acte.id_acte, texte="Anticonstitutionnellement" * 9))
    about = bench.letters(acte.acte_id)[-1]
    here = f"/actes/{acte.acte_id}"
    actions = ("annuler", "publier", "declarer", "evenements", "certificat")
    paths = [
        f"/actes/{waiting.acte_id}/envois/{waiting.id}/relancer",
        f"{here}/courriers/{about.id}/repondre/3-4",
        f"/lot?action=relancer&envoi={waiting.id}&envoi={acte.id}",
        *(f"{here}/{action}" for action in actions),
    ]
    page = open_page("/", viewport={"width": 320, "height": 700})
    for path in paths:
        page.goto(path)
        excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(excess) <= 0, path
        small = (
            "[...document.querySelectorAll('main input:not([type=hidden]), main button')]"
            ".filter(e => e.getBoundingClientRect().height < 24).map(e => e.id)"
        )
        assert page.evaluate(small) == [], path
