"""Every page of the console against WCAG 2.2 AA, in a real browser, as far as a machine can tell.

The pages are those that the application has: a new one that no link leads to fails here until it
is said how to reach it.
"""

import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.support.pages import EVERYBODY, NOT_PAGES, Visited

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
OF_LOOKS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block", "target-size"]},
    "resultTypes": ["violations"],
}
LOOKS: list[tuple[Any, int, Any]] = [
    ("light", 1280, ALL),
    ("dark", 1280, OF_LOOKS),
    ("light", 320, OF_LOOKS),
    ("dark", 320, ALL),
]
"""Colours and width of a screen (CSS pixels), and the rules that depend on both of them."""


def test_every_page_is_met(visited: Visited) -> None:
    met = set(visited.known.pages) | set(visited.stranger.pages)
    answered = visited.known.others | visited.stranger.others
    missed = set(visited.routes) - NOT_PAGES - met
    assert not missed, {route: answered.get(route, "no link leads there") for route in missed}
    assert not met & NOT_PAGES
    assert set(visited.routes) >= NOT_PAGES


def _violations(page: Page, rules: Any = ALL) -> list[str]:
    # Through the debugger, which the policy of the page does not bind: no page lets a script in.
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("rules => axe.run(document, rules)", rules)
    told = [
        f"{each['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
    excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return told + ["the page scrolls sideways"] * (page.evaluate(excess) > 0)


def _judged(told: dict[str, list[str]]) -> None:
    broken = {address: found for address, found in told.items() if found}
    assert not broken, json.dumps(broken, indent=1, ensure_ascii=False)


def test_no_page_breaks_a_rule_that_a_machine_can_check(visited: Visited, browser: Browser) -> None:
    told = {}
    with visited.opened(browser) as page:
        for address in visited.pages():
            page.goto(address)
            for scheme, width, rules in LOOKS:
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 900})
                told[f"{address} {scheme} {width}"] = _violations(page, rules)
    assert len(told) > 40
    _judged(told)


def test_no_page_in_english_breaks_one_either(visited: Visited, browser: Browser) -> None:
    visited.shelf.language, told = "en", {}
    with visited.opened(browser, locale="en-GB") as page:
        for address in visited.pages():
            page.goto(address)
            assert page.locator("html").get_attribute("lang") == "en"
            told[address] = _violations(page)
    assert len(told) > 10
    _judged(told)


def test_what_a_form_answers_breaks_no_rule_either(visited: Visited, browser: Browser) -> None:
    forms = "form[method=post]:not([action='/deconnexion'])"
    with visited.opened(browser, viewport={"width": 1280, "height": 900}) as page:
        told = {}
        for address in visited.pages(each=1):
            page.goto(address)
            for rank in range(page.locator(forms).count()):
                page.goto(address)
                # What an earlier one did may have taken this one away.
                if rank >= page.locator(forms).count():
                    break
                form = page.locator(forms).nth(rank)
                form.evaluate("form => { form.noValidate = true; }")
                # Some are folded: pressed all the same.
                with page.expect_navigation():
                    form.locator("button").first.evaluate("button => button.click()")
                told[f"{address} {rank}"] = _violations(page)
    assert len(told) > 3
    _judged(told)


def test_the_rules_are_really_applied(visited: Visited, browser: Browser) -> None:
    spoilt = """
        const main = document.querySelector("main");
        const image = document.createElement("img");
        const text = document.createElement("p");
        text.textContent = "gris"; text.style.color = "#ccc"; text.style.background = "#fff";
        const rows = [1, 2].map(() => {
          const small = document.createElement("button");
          small.ariaLabel = "petit"; small.style.cssText =
            "width:8px;height:8px;min-height:0;padding:0;margin:0;border:0;display:block";
          return small;
        });
        main.append(image, text, ...rows);
        main.style.minWidth = "2000px";
    """
    with visited.opened(browser) as page:
        visited.shelf.person = EVERYBODY
        page.goto("/")
        page.evaluate(spoilt)
        told = " ".join(_violations(page))
    for rule in ("image-alt", "color-contrast", "target-size", "sideways"):
        assert rule in told


def test_every_element_is_reached_by_the_keyboard_in_order_and_seen(
    visited: Visited, browser: Browser
) -> None:
    told = {}
    with visited.opened(browser, viewport={"width": 1280, "height": 900}) as page:
        for address in visited.pages():
            page.goto(address)
            told[address] = _walked(page)
    _judged(told)


def _walked(page: Page) -> list[str]:
    """What is wrong with the path of the Tab key through a page."""
    wanted = page.evaluate(
        """() => {
          const all = [...document.querySelectorAll(
            "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")];
          const stops = all.filter(node => node.checkVisibility({visibilityProperty: true})
            && !node.disabled && node.tabIndex >= 0);
          stops.forEach((node, rank) => { node.dataset.rang = rank; });
          const radios = new Set(stops.filter(node => node.type === "radio").map(n => n.name));
          return {count: stops.length, positive: stops.filter(n => n.tabIndex > 0).length,
            radios: radios.size, first: stops[0].getAttribute("href")};
        }"""
    )
    said = ["a positive tabindex"] if wanted["positive"] else []
    if wanted["first"] != "#contenu":
        said.append("the first stop does not skip to the content")
    ranks: list[int] = []
    # A field of a date has several stops of its own.
    for _ in range(wanted["count"] * 5):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None or stop["rank"] in ranks[:-1]:
            break
        if stop["rank"] in ranks:
            continue
        ranks.append(stop["rank"])
        if not stop["seen"]:
            said.append(f"focus is not seen on {stop['html']}")
    if ranks != sorted(ranks):
        said.append(f"out of order: {ranks}")
    if len(ranks) < wanted["count"] and not wanted["radios"]:
        said.append(f"{wanted['count'] - len(ranks)} elements are not reached")
    return said


FOCUSED = """() => {
  const node = document.activeElement;
  if (!node || node === document.body || node.dataset.rang === undefined) return null;
  const style = getComputedStyle(node), box = node.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {rank: Number(node.dataset.rang), seen: ring && inside,
    html: node.outerHTML.slice(0, 160) + " " + style.outline};
}"""


def test_nothing_moves_for_whoever_asked_for_stillness(visited: Visited, browser: Browser) -> None:
    moving = """() => [...document.querySelectorAll("*")].filter(node => {
      const style = getComputedStyle(node);
      const lengths = [style.animationDuration, style.transitionDuration].join(",").split(",");
      return lengths.some(each => parseFloat(each) > 0) || style.scrollBehavior === "smooth";
    }).map(node => node.outerHTML.slice(0, 120))"""
    told = {}
    with visited.opened(browser, reduced_motion="reduce") as page:
        for address in visited.pages():
            page.goto(address)
            page.evaluate("document.querySelectorAll('tr').forEach(r => r.classList.add('change'))")
            told[address] = page.evaluate(moving)
    _judged(told)


def test_an_act_prints_whole_and_without_what_is_pressed(
    visited: Visited, browser: Browser, tmp_path: Path
) -> None:
    address = visited.known.pages["/actes/{acte_id}"][0]
    visited.shelf.person = EVERYBODY
    with visited.opened(browser, color_scheme="dark") as page:
        page.goto(address)
        folded = page.locator("details:not([open]) dd").first.text_content() or ""
        page.emulate_media(media="print")
        assert _violations(page, OF_LOOKS) == []
        page.pdf(path=tmp_path / "acte.pdf", format="A4", print_background=False)
    document = pypdfium2.PdfDocument(tmp_path / "acte.pdf")
    texts = [sheet.get_textpage().get_text_range() for sheet in document]
    document.close()
    text = " ".join(" ".join(texts).split())
    for wanted in (
        "D20260009710", "Subvention à l'école de musique", "Accusé de réception reçu",
        "Reçu en préfecture le", "20 novembre 2026", "Envoyez le plan de financement",
        "Journal", "Empreinte SHA-256", " ".join(folded.split())[:40],
    ):  # fmt: skip
        assert wanted in text, wanted
    for unwanted in (
        "File d'attente", "Suspendre la mise à jour", "Se déconnecter", "Demander l'annulation",
        "Voir ce qui changerait",
    ):  # fmt: skip
        assert unwanted not in text, unwanted
    assert 1 < len(texts) < 10
