"""The public register in a real browser: by keyboard, on a phone, on paper, in the dark."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.scene import pdf

pytestmark = pytest.mark.browser

# Relative luminance (WCAG 2.2) of each text against the nearest background that is not transparent.
CONTRASTS = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !node.checkVisibility()) continue;
    const [a, b] = [lum(rgb(getComputedStyle(node).color)), lum(behind(node))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) found.push(texts.currentNode.data.trim() + ' ' + ratio.toFixed(2));
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, registre_url: str) -> Iterator[Any]:
    """Opens a page without script; anything that the browser complains about fails the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def opened(path: str, **options: Any) -> Page:
        given = {"java_script_enabled": False, **options}
        context = browser.new_context(base_url=registre_url, **given)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def filled(shelf: Any) -> int:
    """A register with two pages of acts; the number of the last publication."""
    shelf.authority("Communauté de communes des Trois-Vallées-Imaginaires")
    for rank in range(26):
        copy_id = shelf.on_line(f"D2026_{rank:03d}", "Tarifs de la cantine", content=pdf())
    return int(shelf.on_line("W" * 15, "Anticonstitutionnellement" * 12, content=pdf()) or copy_id)


def test_an_act_is_found_and_opened_by_keyboard_alone(filled: int, open_page: Any) -> None:
    page = open_page("/", java_script_enabled=True)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Numéro ou mots de l'objet")).to_be_focused()
    page.keyboard.type("D2026_007")
    page.keyboard.press("Enter")
    expect(page.locator(".actes > li")).to_have_count(1)
    wanted = page.get_by_role("link", name="Tarifs de la cantine")
    for _ in range(12):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    assert wanted.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Délibération D2026_007")


def test_everything_is_read_without_script(filled: int, open_page: Any) -> None:
    page = open_page("/")
    page.get_by_role("link", name="Actes plus anciens").click()
    expect(page.locator(".actes > li")).to_have_count(2)
    page.get_by_role("link", name="Tarifs de la cantine").first.click()
    expect(page).to_have_url(re.compile(r"/123456782/actes/\d+$"))
    with page.expect_response(re.compile(r"\.pdf$")) as given:
        page.locator("#fichier").click(no_wait_after=True)
    assert given.value.status in (200, 206)


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_no_page_is_wider_than_the_screen(filled: int, open_page: Any, width: int) -> None:
    size = {"width": width, "height": 700}
    for path in ("/123456782/", f"/123456782/actes/{filled}", "/123456782/?q=zz"):
        page = open_page(path, viewport=size, java_script_enabled=True)
        excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(excess) <= 0, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(
    filled: int, open_page: Any, scheme: str
) -> None:
    for path in ("/123456782/", f"/123456782/actes/{filled}", "/123456782/?q=zz&annee=2020"):
        page = open_page(path, color_scheme=scheme, java_script_enabled=True)
        assert page.evaluate(CONTRASTS) == [], path


def test_what_is_clicked_is_large_enough_for_a_finger(filled: int, open_page: Any) -> None:
    page = open_page("/", viewport={"width": 375, "height": 700}, java_script_enabled=True)
    small = page.evaluate(
        "[...document.querySelectorAll('main a, button, input, select')]"
        ".filter(n => n.getBoundingClientRect().height < 24).map(n => n.outerHTML)"
    )
    assert small == []


def test_on_paper_an_act_keeps_what_proves_it(filled: int, open_page: Any) -> None:
    page = open_page(f"/123456782/actes/{filled}")
    page.emulate_media(media="print")
    expect(page.locator("#empreinte")).to_be_visible()
    expect(page.get_by_text("Mis en ligne le", exact=True)).to_be_visible()
    expect(page.locator("#fichier")).to_be_hidden()
