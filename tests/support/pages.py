"""Every page of the console, found by following its links over a register that has some of all."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html
from playwright.sync_api import Browser, Page
from starlette.routing import BaseRoute, Route, compile_path

from tests.support.scene import AUTHOR
from transmission.domain.accounts import Origin, Purpose
from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Person, Role
from transmission.ports.oidc import Declined, Departure, Homecoming
from transmission.services.accounts import create_person, password_link
from transmission.services.log_in import enter_by_link
from transmission.store.tables_legal import finding, notice
from transmission.store.tables_time_stamps import time_stamp
from transmission.store.tables_webhooks import notice_attempt, webhook

NOT_PAGES = {
    "/live", "/healthz", "/readyz", "/metrics", "/statique/{name}", "/calendriers/{siren}.ics",
    "/statistiques.csv", "/statistiques.json", "/conformite.csv", "/conformite.json",
    "/actes/{acte_id}/tampon", "/actes/{acte_id}/dossier",
    "/actes/{acte_id}/tentatives/{attempt_id}/requete",
    "/actes/{acte_id}/transmissions/{transmission_id}/signatures/{ordre}",
    "/fichiers/{acte_id}/{sha256}", "/retours/{retour_id}",
    "/collectivites/{siren}/actes/{numero}", "/courriers/{courrier_id}/repondre",
    "/seances/{siren}/{day}/liste", "/actes/{acte_id}/certificats/{sha256}", "/connexion/oidc",
    "/connexion/oidc/depart",
}  # fmt: skip
"""Files, flows, and addresses that lead to another."""

EVERYBODY = Person(1, "service des assemblées", tuple(map(Grant, Role)))

EACH = 2
"""Addresses of one route that are visited at most, besides those that a walk begins with."""


def readable_routes(routes: list[BaseRoute]) -> Iterator[str]:
    """Paths of all that can be read, those of included routers among them."""
    for route in routes:
        if isinstance(route, Route):
            if "GET" in (route.methods or ()):
                yield route.path
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from readable_routes(router.routes)


def fill(shelf: Any, owner: int) -> dict[str, int]:
    """One act in every situation that a page shows; ids of some of them."""
    acte_id, sent = shelf.acte(
        owner, "D20260009710", "Subvention à l'école de musique, exercice 2026",
        state=State.ACKNOWLEDGED, date_reception=date(2026, 11, 20), reference="4217", attempts=1,
        **shelf.parcel(signature="-----BEGIN CERTIFICATE-----"),
    )  # fmt: skip
    shelf.attempt(sent, 1, outcome="Accepted", detail="Pris en charge", request="POST")
    shelf.retour(
        owner, sent, b"<ar/>", date_reception=date(2026, 11, 20),
        notes=["Un champ n'est pas lu."],
    )  # fmt: skip
    stamped = {"token_sha256": "0" * 64, "token_size": 1494, "tsa": "CN=Unité d'horodatage 1"}
    now = {"at": shelf.clock.at, "obtained_at": shelf.clock.at, "oddity": "Il est en avance."}
    for kind, more in (("seal", {**stamped, **now}), ("ar", {"next_attempt_at": shelf.clock.at})):
        shelf.add(
            time_stamp, kind=kind, subject_id=sent, collectivite_id=owner, sha256="1" * 64,
            asked_at=shelf.clock.at, reason="connexion refusée." if kind == "ar" else None, **more,
        )  # fmt: skip
    shelf.letter(owner, acte_id, "3-1", ("demande.pdf",), texte="Envoyez le plan de financement.")
    shelf.letter(owner, acte_id, "4-1", texte="L'acte appelle des observations.")
    shelf.answer(owner, acte_id, "3-3", State.SUBMITTED, "plan.pdf")
    held, _ = shelf.acte(owner, "2026_002", state=State.HELD, waiting_for="Refus du TdT : archive")
    shelf.acte(owner, "2026_003", state=State.IN_DOUBT, waiting_for="de savoir")
    shelf.acte(owner, "2026_004", "Tarifs", state=State.REJECTED, waiting_for="Anomalie 005")
    shelf.acte(owner, "2026_005", state=State.SUBMITTED)
    shelf.retour(owner, None, b"octets", status="quarantined", reason="Aucun acte à ce nom.")
    shelf.add(
        finding, collectivite_id=owner, acte_id=acte_id, code="C-1", key="1", severity="grave",
        article="L. 2131-1", message="L'acte n'est pas en ligne.", remedy="Publiez-le.",
        evidence=[["Décision", "20 novembre 2026"]], opened_at=shelf.clock.at,
    )  # fmt: skip
    shelf.add(
        notice, collectivite_id=owner, kind="rappel", key="1", channel="webhook", attempts=9,
        target="https://logiciel.example/avis", content={"type": "echeance", "id": "1"},
        at=shelf.ago(days=2), failure="Abandonné après 9 essais.",
    )  # fmt: skip
    fill_webhook(shelf, owner, acte_id)
    public, _ = shelf.acte(
        owner, "2026_006", "Règlement du marché", state=State.ACKNOWLEDGED,
        date_reception=date(2026, 11, 20), **shelf.parcel(2),
    )  # fmt: skip
    return {"acknowledged": acte_id, "held": held, "public": public}


class PlayedProvider:
    """A provider of OpenID Connect that lets nobody in."""

    name = "Annuaire des agents"
    issuer = "https://annuaire.exemple.invalid"

    def begin(self, back: str, path: str, at: datetime) -> Departure:
        return Departure(f"{self.issuer}/entrer", "billet")

    def finish(self, brought: Homecoming, at: datetime) -> Declined:
        return Declined("Aucun compte ne vous est ouvert.", "Demandez-le à l'administrateur.")

    def farewell(self, id_token: str, back: str, at: datetime) -> None:
        return None

    def trouble(self, at: datetime) -> None:
        return None


def fill_webhook(
    shelf: Any, owner: int, acte_id: int, name: str = "agenda", url: str = "https://agenda.example"
) -> int:
    """A program that takes nothing any more, and an event that it refused; its number."""
    at = shelf.ago(days=2)
    number = shelf.add(
        webhook, collectivite_id=owner, name=name, url=url, types=["fr.transmission.acte.recu"],
        state="disabled", state_since=at, state_reason="le programme a répondu 410", secret=b"",
        secret_since=at, journal_place=0, finding_place=0, created_at=at, created_by=name,
    )  # fmt: skip
    content = {"type": "fr.transmission.acte.recu", "id": "1", "sequence": "1"}
    told = shelf.add(
        notice, collectivite_id=owner, acte_id=acte_id, kind="evenement", key="journal:1",
        channel="subscription", target=f"webhook:{number}", content=content, at=at, attempts=1,
        webhook_id=number, failure="410 Gone.",
    )  # fmt: skip
    shelf.add(
        notice_attempt, notice_id=told, webhook_id=number, started_at=at, finished_at=at,
        status=410, answer="Gone", failure="410 Gone.",
    )  # fmt: skip
    return int(number)


@dataclass
class Walk:
    """What was found by following links; ``pages`` are the addresses of each route that is one."""

    client: httpx.Client
    routes: list[str]
    pages: dict[str, list[str]] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    beginnings: tuple[str, ...] = ()
    _asked: set[str] = field(default_factory=set)

    def follow(self, *beginnings: str) -> "Walk":
        """Go from link to link until nothing new is met."""
        self.beginnings, waiting = beginnings, list(beginnings)
        while waiting:
            address = waiting.pop(0)
            route = self.route_of(address)
            if route is None or address in self._asked:
                continue
            if len(self._of(route)) >= EACH and address not in beginnings:
                continue
            self._asked.add(address)
            waiting += self._visit(route, address)
        return self

    def route_of(self, address: str) -> str | None:
        """The path, with the names of its parameters, that answers an address."""
        path = urlsplit(address).path
        matching = (route for route in self.routes if compile_path(route)[0].match(path))
        return next(matching, None)

    def _of(self, route: str) -> list[str]:
        return self.pages.get(route, [])

    def _visit(self, route: str, address: str) -> list[str]:
        if route == "/live":
            return []
        answer = self.client.get(address, follow_redirects=False)
        kind = answer.headers.get("content-type", "").partition(";")[0]
        # A refusal that a walk begins with is a page that people see.
        shown = answer.status_code == 200 or (address in self.beginnings and answer.is_error)
        if not shown or kind != "text/html":
            self.others.setdefault(route, f"{answer.status_code} {kind}")
            return [answer.headers["location"]] if answer.is_redirect else []
        self.pages.setdefault(route, []).append(address)
        links = html.fromstring(answer.text).xpath("//a/@href")
        here = (urljoin(address, re.sub(r"#.*", "", str(link))) for link in links)
        return [link for link in here if not urlsplit(link).netloc]


@dataclass
class Visited:
    """A console, its routes, and what was met there by somebody known and by a stranger."""

    shelf: Any
    url: str
    routes: list[str]
    known: Walk
    stranger: Walk
    cookies: dict[str, str]

    @contextmanager
    def opened(self, browser: Browser, **options: Any) -> Iterator[Page]:
        """A browser of its own, French by default, with the cookies of somebody who came in."""
        spoken = {"locale": "fr-FR", **options}
        with browser.new_context(base_url=self.url, **spoken) as context:
            context.add_cookies(
                [{"name": k, "value": v, "url": self.url} for k, v in self.cookies.items()]
            )
            yield context.new_page()

    def pages(self, each: int | None = None) -> Iterator[str]:
        """Addresses, ``each`` of a route at most, the shelf ready for whoever may open them."""
        for person, walk in ((EVERYBODY, self.known), (None, self.stranger)):
            self.shelf.person = person
            for found in walk.pages.values():
                yield from found[:each]


def visit_all(shelf: Any, owner: int, url: str, routes: list[str]) -> Visited:
    """Fill a wired shelf, and walk through the console over it."""
    shelf.person, shelf.tools = EVERYBODY, replace(shelf.tools, provider=PlayedProvider())
    acts = fill(shelf, owner)
    create_person(shelf.tools, "agent", EVERYBODY.name, EVERYBODY.grants, AUTHOR)
    links = {
        purpose: password_link(
            shelf.tools, "agent", AUTHOR, randomness=secrets.token_bytes, purpose=purpose
        )
        for purpose in Purpose
    }
    session = enter_by_link(
        shelf.tools, links[Purpose.ENTER], Origin(), randomness=secrets.token_bytes
    )
    cookies = {"session": session}
    with httpx.Client(base_url=url, timeout=30, cookies=cookies) as client:
        _decide(client, acts["public"])
        known = Walk(client, routes).follow(
            "/",
            f"/actes/{acts['acknowledged']}",
            f"/actes/{acts['acknowledged']}?si=lettre_observations&recu=2026-12-01",
            f"/actes/{acts['held']}",
            f"/actes/{acts['public']}",
            f"/actes/{acts['public']}/evenements",
            f"/actes/{acts['public']}/certificat",
            "/actes/999999",
            "/lot?action=relancer&tous=1&etat=held",
            "/seances/123456782/2026-11-20",
        )
        shelf.person = None
        stranger = Walk(client, routes).follow(
            "/connexion",
            f"/connexion/premiere/{links[Purpose.CHOOSE]}",
            "/connexion/directe/rien",
            "/connexion/oidc/retour?state=x&code=y",
        )
    return Visited(shelf, url, routes, known, stranger, cookies)


def _decide(client: httpx.Client, acte_id: int) -> None:
    """An act that is on line, and of which something was said."""
    for path, typed in (
        ("publier", {"le": "2026-11-21", "lieu": "ailleurs",
                     "adresse": "https://saint-exemple.example/actes/6"}),
        ("evenements", {"evenement": "recours_gracieux", "recu": "2026-11-22",
                        "envoye": "2026-11-21", "preuve": "recommandé"}),
    ):  # fmt: skip
        fields = {"jeton_formulaire": "jeton", "motif": "essai", **typed}
        done = client.post(f"/actes/{acte_id}/{path}", data=fields)
        assert done.status_code == 303, done.text
