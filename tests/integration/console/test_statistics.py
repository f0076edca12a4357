"""The page of the statistics, its charts, its tables and its exports, on a real register."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from transmission.domain.lifecycle import State
from transmission.store.tables import acte, transmission

SIREN, OTHER = "123456782", "123456790"
PATHS = ("/statistiques", "/statistiques.csv", "/statistiques.json")
_numbers = count(1)

MARCH, APRIL = date(2026, 3, 10), date(2026, 4, 20)
ACTS = (
    (MARCH, 0, 1, "7.5"),
    (MARCH, 2, 1, "7.5.1"),
    (MARCH, 3, 3, "4.1"),
    (APRIL, 12, 1, "7.10"),
    (APRIL, 20, 3, "4.1"),
    (APRIL, None, 1, "7.5"),
)


def adopted(
    shelf: Any, owner: int, day: date, delay: int | None, nature: int = 1, matiere: str = "7.5"
) -> int:
    """An act of a day, received some days later or not yet."""
    number = f"S{next(_numbers)}"
    acte_id: int = shelf.add(
        acte, collectivite_id=owner, numero_interne=number, date_decision=day, nature=nature,
        matiere=matiere, objet="o", date_classification=day, document_papier=False,
        fingerprint="f", accepted_at=shelf.clock.at, accepted_by="api",
    )  # fmt: skip
    state = State.SUBMITTED if delay is None else State.ACKNOWLEDGED
    received = None if delay is None else day + timedelta(delay)
    shelf.add(
        transmission, acte_id=acte_id, collectivite_id=owner, state=state.code,
        state_since=shelf.clock.at, id_acte="042-123456782-20260310-S-DE", date_reception=received,
    )  # fmt: skip
    return acte_id


@pytest.fixture
def owner(shelf: Any) -> int:
    """An authority with acts of two months, one of them not received."""
    made: int = shelf.authority()
    for each in ACTS:
        adopted(shelf, made, *each)
    return made


def rows(site: Any, address: str) -> list[list[str]]:
    text = site.get(address).content.decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


def cells(site: Any, page: Any, key: str) -> list[str]:
    """What a row of a table says, its label first."""
    return [site.words_of(cell) for cell in page.cssselect(f"tr#{key} > *")]


def test_the_page_tells_the_whole_period_in_a_sentence(owner: int, site: Any) -> None:
    words = site.words("/statistiques")
    assert (
        "5 actes adoptés de novembre 2025 à novembre 2026 sont reçus en préfecture : la moitié en "
        "3 jours au plus, neuf sur dix en 20 jours au plus, le plus tardif en 20 jours. 1 (20 %) a "
        "pris plus de 15 jours." in words
    )
    assert "1 acte n'est pas encore reçu et n'est pas compté" in words


def test_tables_give_each_group_its_figures(owner: int, site: Any) -> None:
    page = site.page("/statistiques")
    assert cells(site, page, "tous") == [
        *("Tous les actes", "5", "3 j", "20 j", "20 j", "1 20 %"),
        *("1 20 %", "0 0 %", "2 40 %", "0 0 %", "1 20 %", "1 20 %", "0 0 %", "1"),
    ]
    assert cells(site, page, "nature-AI")[:6] == [
        *("Acte individuel", "2", "3 j", "20 j", "20 j", "1 50 %"),
    ]
    assert cells(site, page, "matiere-7-5")[:2] == ["7.5 Subventions", "2"]
    assert cells(site, page, "mois-2026-04")[-1] == "1"
    assert cells(site, page, "mois-2026-05")[:4] == ["mai 2026", "0", "–", "–"]


def test_every_chart_says_what_its_row_says(owner: int, site: Any) -> None:
    page = site.page("/statistiques")
    charts = page.cssselect("svg[role=img]")
    assert len(charts) == 1 + 2 + 3 + 2
    for chart in charts:
        key = chart.get("aria-labelledby").split()[0][len("graphe-") : -len("-titre")]
        drawn = [site.words_of(node) for node in chart.cssselect("text.valeur")]
        label, *told = cells(site, page, key)
        assert [cell.partition(" ")[2] for cell in told[5:12]] == drawn
        assert site.words_of(chart.cssselect("title")[0]) == label
        assert site.words_of(chart.cssselect("desc")[0]).startswith(f"{told[0]} acte")


def test_the_page_asks_nothing_of_a_strict_policy(owner: int, site: Any) -> None:
    response = site.get("/statistiques")
    assert "style-src 'self'" in response.headers["content-security-policy"]
    page = site.tree(response)
    assert not page.cssselect("[style], style")
    assert not [name for node in page.iter() for name in node.attrib if name.startswith("on")]
    assert page.cssselect("pattern#hachures")
    ids = [node.get("id") for node in page.cssselect("[id]")]
    assert len(ids) == len(set(ids))
    for node in page.cssselect("[aria-labelledby]"):
        assert set(node.get("aria-labelledby").split()) <= set(ids)


def test_the_page_is_found_from_every_other(site: Any) -> None:
    (link,) = site.page("/").cssselect("nav a[href='/statistiques']")
    assert link.get("aria-current") is None
    (here,) = site.page("/statistiques").cssselect("nav [aria-current=page]")
    assert here.text == "Statistiques"


def test_without_an_act_the_page_says_so_and_draws_nothing(shelf: Any, site: Any) -> None:
    page = site.page("/statistiques")
    assert "Aucun acte adopté" in site.words_of(page)
    assert not page.cssselect("svg[role=img], table")


def test_with_one_act_the_page_is_whole(shelf: Any, site: Any) -> None:
    adopted(shelf, shelf.authority(), MARCH, 4000)
    page = site.page("/statistiques")
    assert "Un seul acte adopté" in site.words_of(page)
    assert cells(site, page, "tous")[1:5] == ["1", "4 000 j", "4 000 j", "4 000 j"]


def test_an_authority_and_months_are_chosen_in_the_address(
    shelf: Any, owner: int, site: Any
) -> None:
    adopted(shelf, shelf.authority("Commune de Modèle", OTHER), MARCH, 7)
    address = f"/statistiques?collectivite={OTHER}&depuis=2026-03&jusqu_a=2026-03"
    page = site.page(address)
    assert "Commune de Modèle : Un seul acte adopté en mars 2026" in site.words_of(page)
    assert page.cssselect("option[selected]")[0].get("value") == OTHER
    shown = {node.get("name"): node.get("value") for node in page.cssselect("main form input")}
    assert shown == {"depuis": "2026-03", "jusqu_a": "2026-03"}
    for link in page.cssselect("a.bouton"):
        assert OTHER in link.get("href")
        assert site.get(link.get("href")).status_code == 200


def test_the_day_is_that_of_the_authority(shelf: Any, site: Any) -> None:
    shelf.clock.at = shelf.clock.at.replace(month=12, day=1, hour=2)
    shelf.authority(time_zone="America/Cayenne")
    assert site.page("/statistiques").cssselect("#jusqu_a")[0].get("value") == "2026-12"
    local = site.page(f"/statistiques?collectivite={SIREN}")
    assert local.cssselect("#jusqu_a")[0].get("value") == "2026-11"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("depuis=mars", "« mars » n'est pas un mois"),
        ("depuis=2026-04&jusqu_a=2026-03", "finit avant de commencer"),
        ("depuis=2019-01&jusqu_a=2026-03", "demandez-en 72 au plus"),
        (f"collectivite={OTHER}", f"Aucune collectivité n'est enregistrée sous le SIREN « {OTHER}"),
        ("collectivite=%00%22%3Cscript%3E", "le SIREN « script »"),
    ],
)
def test_what_cannot_be_read_is_told_where_it_was_typed(
    shelf: Any, site: Any, path: str, query: str, told: str
) -> None:
    response = site.get(f"{path}?{query}")
    page = site.tree(response)
    assert response.status_code == 400
    assert told in site.words_of(page.cssselect("[role=alert]")[0])
    assert page.cssselect("form[action='/statistiques']")


def test_the_table_is_for_a_french_spreadsheet(owner: int, site: Any) -> None:
    response = site.get("/statistiques.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="delais-2025-11-2026-11.csv"' in response.headers["content-disposition"]
    assert response.content.startswith(b"\xef\xbb\xbf")
    head, first, *others = rows(site, "/statistiques.csv")
    figures = dict(zip(head, first, strict=True))
    assert figures["Collectivité"] == "Toutes"
    assert figures["Actes reçus"] == "5"
    assert figures["Part de plus de 15 jours (%)"] == "20,0"
    assert len(others) == 2 + 3 + 13


def test_a_name_that_is_a_formula_is_text_in_the_table(shelf: Any, site: Any) -> None:
    adopted(shelf, shelf.authority("=HYPERLINK(1)"), MARCH, 1)
    assert rows(site, f"/statistiques.csv?collectivite={SIREN}")[1][0] == "'=HYPERLINK(1)"


def test_the_document_the_table_and_the_page_agree(owner: int, site: Any) -> None:
    response = site.get("/statistiques.json")
    assert response.headers["content-type"] == "application/json"
    document = json.loads(response.text)
    head, *lines = rows(site, "/statistiques.csv")
    page = site.page("/statistiques")
    groups = [document["all"], *document["natures"], *document["matieres"], *document["months"]]
    first = head.index("Reçus : le jour même")
    for line, group in zip(lines, groups, strict=True):
        assert [int(cell) for cell in line[first : first + 7]] == group["bins"]
        assert int(line[head.index("Actes reçus")]) == group["acts"] == sum(group["bins"])
        assert sum(acts for _, acts in group["days"]) == group["acts"]
    drawn = [int(cell.partition(" ")[0]) for cell in cells(site, page, "tous")[6:13]]
    assert drawn == document["all"]["bins"]


def test_nothing_else_than_reading_is_possible(site: Any) -> None:
    for path in PATHS:
        assert site.head(path).status_code == 200
        assert site.post(path).status_code == 405


@pytest.fixture
def open_page(browser: Browser, console_url: str) -> Iterator[Any]:
    """Opens a page; anything that the browser complains of fails the test."""
    contexts: list[Any] = []
    said: list[str] = []

    def opened(path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=console_url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []


@pytest.mark.browser
def test_a_period_is_chosen_without_script(owner: int, open_page: Any) -> None:
    page = open_page("/statistiques", java_script_enabled=False)
    page.get_by_label("Adoptés depuis").fill("2026-04")
    page.get_by_role("button", name="Afficher").click()
    assert "depuis=2026-04" in page.url
    assert "2\u00a0actes adoptés d" in page.locator(".chapo").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Tableau (CSV)").click()
    assert download.value.suggested_filename == "delais-2026-04-2026-11.csv"


@pytest.mark.browser
def test_columns_are_seen_apart_and_no_page_is_wider_than_a_phone(
    owner: int, open_page: Any
) -> None:
    page = open_page("/statistiques", viewport={"width": 320, "height": 700})
    excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(excess) <= 0
    fills = page.locator(".affiche rect").evaluate_all(
        "nodes => nodes.map(node => getComputedStyle(node).fill)"
    )
    assert len(fills) == 4
    assert all(re.fullmatch(r"rgb\(.*\)", fill) for fill in fills[:3])
    assert "#hachures" in fills[3]
    small = page.locator("svg text").evaluate_all(
        "nodes => Math.min(...nodes.map(node => node.getBoundingClientRect().height))"
    )
    assert small >= 9
    assert page.get_by_role("img").count() == 8
    assert page.get_by_role("table").count() == 4
