"""Every page of the console is light, and asks nothing of anybody else."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Response
from sqlalchemy import select

from tests.support.pages import Visited
from transmission.domain.lifecycle import State
from transmission.store.tables import transmission

pytestmark = pytest.mark.browser

MOST = 100_000
"""Bytes of a page and all that it loads, as they travel, without cache, headers apart."""


@dataclass
class Load:
    """What the browser received for a page."""

    bytes: int = 0
    hosts: set[str] = field(default_factory=set)
    compressed: set[str] = field(default_factory=set)

    def receive(self, response: Response) -> None:
        self.hosts.add(urlsplit(response.url).netloc)
        if response.headers.get("content-encoding"):
            self.compressed.add(urlsplit(response.url).path.split("/")[1])
        # What a page asks for by itself afterwards, when something has changed, is not its weight.
        if response.request.resource_type not in ("fetch", "eventsource"):
            self.bytes += response.request.sizes()["responseBodySize"]


def test_every_page_is_light_and_comes_from_one_place(visited: Visited, browser: Browser) -> None:
    _fill_pages(visited.shelf)
    loads: dict[str, Load] = {}
    for address in visited.pages():
        # A context of its own has nothing in its cache.
        with visited.opened(browser) as page:
            answers: list[Response] = []
            page.on("response", lambda answer, to=answers: to.append(answer))
            page.goto(address, wait_until="load")
            loads[address] = load = Load()
            for answer in answers:
                load.receive(answer)
    host = urlsplit(visited.url).netloc
    assert {host} == set().union(*(load.hosts for load in loads.values()))
    # Never a page: it has secrets beside what its address asked for (BREACH).
    assert {"statique"} == set().union(*(load.compressed for load in loads.values()))
    heavy = {address: load.bytes for address, load in loads.items() if load.bytes >= MOST}
    assert not heavy, json.dumps(heavy, indent=1)
    print(json.dumps({address: load.bytes for address, load in loads.items()}, indent=1))


def _fill_pages(shelf: Any) -> None:
    """As many acts, and events of the first of them, as a page shows."""
    with shelf.engine.connect() as connection:
        owner, acte_id, sent = connection.execute(
            select(transmission.c.collectivite_id, transmission.c.acte_id, transmission.c.id)
            .order_by(transmission.c.id)
            .limit(1)
        ).one()
    for rank in range(60):
        objet = f"Subvention à l'association n° {rank} pour l'exercice 2026, fonctionnement"
        shelf.acte(owner, f"2026_1{rank:02d}", objet, state=State.SUBMITTED)
        shelf.event(
            owner, acte_id, sent, "poll", State.SUBMITTED, State.SUBMITTED,
            details={"reponse": "En attente de l'accusé de réception"},
        )  # fmt: skip
        shelf.attempt(sent, rank + 2, outcome="InDoubt", detail="Délai dépassé", request="POST")


@pytest.mark.parametrize("kind", ["http", "ws"])
def test_a_page_that_would_ask_another_is_seen(
    visited: Visited, browser: Browser, kind: Any
) -> None:
    visited.shelf.person = None
    told: list[str] = []
    with visited.opened(browser) as page:
        page.goto("/connexion")
        page.on("console", lambda said: told.append(said.text))
        ask = {
            "http": "fetch('https://exemple.invalid/x').catch(() => 0)",
            "ws": "{ try { new WebSocket('wss://exemple.invalid/x') } catch {} }",
        }
        page.evaluate(ask[kind])
        page.wait_for_function("true")
    assert any("Content Security Policy" in each for each in told), told
