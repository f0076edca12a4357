"""Somebody who knows nothing of the project, the whole service, a browser: the four tasks."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from lxml import etree
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.clerk import PATIENCE, Act, Clerk
from tests.support.scene import pdf
from tests.support.town import LOGIN, PASSWORD, Town, town_of
from transmission.clock import SystemClock, civil_day
from transmission.console.words import day as in_words

pytestmark = pytest.mark.browser

TODAY = civil_day(SystemClock().now(), "Europe/Paris")
EITHER = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        expect.set_options(timeout=PATIENCE * 1000)
        yield started
        expect.set_options(timeout=None)
        started.close()


@pytest.fixture(scope="module")
def town(home: Any, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The web, the workers, the scheduler and a TdT, as `transmission demo` runs them."""
    program = home.start("demo")
    found = town_of(home.path, program.says("Tout reste en service jusqu'à Ctrl-C."))
    found.hire(tmp_path_factory.mktemp("compte"))
    return found


@pytest.fixture
def clerk(town: Town, browser: Browser, *, script: bool) -> Iterator[Clerk]:
    """Who came in by the page of login; any error that the browser reports fails the test."""
    errors: list[str] = []
    context = browser.new_context(java_script_enabled=script, locale="fr-FR")
    page: Page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    made = Clerk(page, is_live=script)
    made.enter(town.console, LOGIN, PASSWORD)
    yield made
    context.close()
    assert errors == []


def _act(folder: Path, numero: str, objet: str, day: date = TODAY - timedelta(days=3)) -> Act:
    path = folder / f"{numero}.pdf"
    path.write_bytes(pdf(objet))
    return Act(numero, day, objet, path)


def _numero(year: int, rank: int, *, script: bool) -> str:
    return f"{year}_{rank}{'A' if script else 'B'}"


@EITHER
def test_an_act_is_sent_and_followed_to_its_receipt(
    clerk: Clerk, tmp_path: Path, *, script: bool
) -> None:
    numero = _numero(TODAY.year, 1, script=script)
    clerk.hand_over(_act(tmp_path, numero, "Subvention à l'école de musique"))


@EITHER
def test_a_stuck_act_is_unblocked(
    clerk: Clerk, town: Town, tmp_path: Path, *, script: bool
) -> None:
    numero = _numero(TODAY.year, 2, script=script)
    town.may_send(may=False)
    try:
        town.sends(_act(tmp_path, numero, "Tarifs de la cantine scolaire"))
        clerk.await_desk(numero)
    finally:
        town.may_send(may=True)
    clerk.unblock(numero, "Refus du TdT")


@EITHER
def test_a_request_for_documents_is_answered(
    clerk: Clerk, town: Town, tmp_path: Path, *, script: bool
) -> None:
    act = _act(tmp_path, _numero(TODAY.year, 3, script=script), "Création d'une aire de jeux")
    town.sends(act, "--wait")
    town.is_asked(act, "Le plan de financement visé à l'article 2.")
    plan = tmp_path / "plan.pdf"
    plan.write_bytes(pdf("Plan de financement"))
    clerk.answer(act.numero, "Le plan de financement", plan)
    clerk.page.get_by_role("link", name="Bureaux").click()
    expect(clerk.page.get_by_role("row").filter(has_text=act.numero)).to_have_count(0)


@EITHER
def test_the_proof_of_receipt_of_last_year_is_found(
    clerk: Clerk, town: Town, tmp_path: Path, *, script: bool
) -> None:
    year = TODAY.year - 1
    received, numero = date(year, 6, 16), _numero(year, 4, script=script)
    word = "gymnase" if script else "piscine"
    act = _act(tmp_path, numero, f"Toiture : {word} municipal à rénover", date(year, 6, 12))
    town.is_received_on(received)
    try:
        town.sends(act, "--wait")
    finally:
        town.is_received_on(None)
    accuse, stamped = clerk.find_proof(word, numero, received)
    root = etree.fromstring(accuse)
    said = {etree.QName(name).localname: value for name, value in root.attrib.items()}
    assert etree.QName(root).localname == "ARActe"
    assert said["DateReception"] == received.isoformat()
    assert numero in said["IDActe"]
    text = _text_of(stamped)
    assert "RECU EN PREFECTURE" in text
    assert f"Le {in_words(received)}".replace("\u00a0", " ") in text.replace("\u00a0", " ")
    assert f"99_DE-042-123456782-{year}0612-{numero}" in text


def _text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return document[0].get_textpage().get_text_range()
    finally:
        document.close()
