"""Every link and every form that the console gives, followed and sent by somebody else.

Addresses and forms are those that the pages themselves give to somebody who may do everything in
one authority, then those of every other route, with whatever name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from lxml import html
from sqlalchemy import text
from starlette.routing import Route, compile_path

from tests.support.pages import fill
from tests.support.scene import AUTHOR, pdf
from transmission.console.actions.bulk_kinds import KINDS
from transmission.console.app import create_app
from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Person, Role
from transmission.services.accounts import create_person
from transmission.store.tables import metadata

FIRST, SECOND = "123456782", "123456790"
WORDS = ("Saint-Exemple", FIRST, "D20260009710", "musique", "compte-premier")
"""What is only known of the first authority."""

OPEN = ("/healthz", "/readyz", "/metrics", "/connexion", "/statique/", "/calendriers/")
SELF = ("/compte/mot-de-passe", "/compte/sessions", "/deconnexion")
"""Where a person acts on nothing but themselves."""

NOT_WALKED = {
    ("GET", "/live"): "a flow without an end, of bells that say nothing",
    ("GET", "/connexion/premiere/{link}"): "whoever has the link",
    ("GET", "/connexion/directe/{link}"): "whoever has the link",
    ("POST", "/connexion/premiere/{link}"): "whoever has the link",
    ("POST", "/connexion"): "the door",
}
EACH = 3
"""Addresses of one route at most."""


def person(siren: str, *roles: Role) -> Person:
    return Person(1, "service des assemblées", tuple(Grant(each, siren) for each in roles))


HERE, ELSEWHERE = person(FIRST, *Role), person(SECOND, *Role)
READER = person(FIRST, Role.READER)


@dataclass(frozen=True)
class Form:
    """What a page offers to send, and where."""

    address: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...] = ()

    def send(self, client: httpx.Client) -> httpx.Response:
        data: dict[str, list[str]] = {}
        for name, value in self.fields:
            data.setdefault(name, []).append(value)
        given = [(name, ("acte.pdf", pdf("Essai"))) for name in self.files]
        return client.post(self.address, data=data, files=given or None)


@dataclass
class World:
    """The console, and what its pages give to who may do everything in the first authority."""

    shelf: Any
    client: httpx.Client
    routes: list[tuple[str, str]]
    pages: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)

    def as_(self, whom: Person | None) -> httpx.Client:
        self.shelf.person = whom
        return self.client

    def route(self, method: str, address: str) -> str | None:
        path = urlsplit(address).path
        routes = (route for known, route in self.routes if known == method)
        return next((route for route in routes if compile_path(route)[0].match(path)), None)

    def walk(self, *beginnings: str) -> None:
        waiting, counts = list(beginnings), dict[str, int]()
        while waiting:
            address = waiting.pop(0)
            route = self.route("GET", address)
            if route is None or address in self.pages or ("GET", route) in NOT_WALKED:
                continue
            counts[route] = counts.get(route, 0) + 1
            if counts[route] <= EACH or address in beginnings:
                waiting += self._read(address)

    def _read(self, address: str) -> list[str]:
        answer = self.client.get(address, follow_redirects=False)
        self.pages.append(address)
        if answer.is_redirect:
            return [urljoin(address, answer.headers["location"])]
        if "text/html" not in answer.headers.get("content-type", ""):
            return []
        tree = html.fromstring(answer.text)
        for form in tree.xpath("//form[@method='post']"):
            self.forms += _offers(form, address)
        links = [*tree.xpath("//a/@href"), *tree.xpath("//form[not(@method='post')]/@action")]
        here = (urljoin(address, str(link).partition("#")[0]) for link in links)
        return [link for link in here if not urlsplit(link).netloc]

    def content(self) -> dict[str, str]:
        """A digest of every table."""
        with self.shelf.engine.connect() as connection:
            return {
                table.name: connection.execute(_digest(table.name)).scalar_one()
                for table in metadata.sorted_tables
            }


def _digest(table: str) -> Any:
    rows = f'SELECT t::text AS row FROM "{table}" t'
    return text(f"SELECT md5(coalesce(string_agg(row, ',' ORDER BY row), '')) FROM ({rows}) r")


def _offers(form: Any, address: str) -> Iterator[Form]:
    """One for each button of a form, filled in as somebody in a hurry does."""
    fields, files = [], []
    for one in form.xpath(".//input[@name] | .//textarea[@name]"):
        kind, name = one.get("type", "text"), one.get("name")
        if kind == "file":
            files.append(name)
        elif kind not in ("submit", "button"):
            fields.append((name, one.get("value") or "2026-11-20" * (kind == "date") or "essai"))
    for one in form.xpath(".//select[@name]"):
        values = [value for value in one.xpath(".//option/@value") if value]
        fields.append((one.get("name"), values[0] if values else ""))
    to = urljoin(address, form.get("action") or address)
    for button in form.xpath(".//button | .//input[@type='submit']") or [form]:
        pressed = [(button.get("name"), button.get("value", ""))] if button.get("name") else []
        yield Form(to, tuple(fields + pressed), tuple(files))


def _routes(routes: list[Any]) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Route):
            yield from ((each, route.path) for each in route.methods or () if each != "HEAD")
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from _routes(router.routes)


@pytest.fixture
def client(console_url: str) -> Iterator[httpx.Client]:
    # A server closes what rests, and a refused form is not read to its end: nothing is kept open.
    none_kept = httpx.Limits(max_keepalive_connections=0)
    with httpx.Client(base_url=console_url, timeout=60, limits=none_kept) as opened:
        yield opened


@pytest.fixture
def world(shelf: Any, ready: Any, client: httpx.Client) -> World:
    acts = fill(shelf, ready.owner)
    shelf.stamped = b"%PDF-1.7 stamped"
    other = shelf.authority("Commune de Modèle", SECOND)
    shelf.acte(other, "M1", "Marché", state=State.HELD, siren=SECOND)
    for login, siren in (("compte-premier", FIRST), ("compte-second", SECOND)):
        create_person(shelf.tools, login, login, [Grant(Role.AGENT, siren)], AUTHOR)
    made = World(shelf, client, list(_routes(create_app(shelf).routes)))
    made.as_(HERE)
    made.walk("/", f"/actes/{acts['acknowledged']}", *_unlinked(f"/actes/{acts['acknowledged']}"))
    made.walk(*(re.sub(r"{\w+}", "1", path) for method, path in made.routes if method == "GET"))
    met = {made.route("POST", each.address) for each in made.forms}
    made.forms += [
        Form(re.sub(r"{\w+}", "1", path), (("jeton_formulaire", "jeton"), ("motif", "essai")))
        for method, path in made.routes
        if method == "POST" and path not in met and ("POST", path) not in NOT_WALKED
    ]
    return made


def _unlinked(acte: str) -> list[str]:
    """Addresses that programs and people know, and that no page may lead to."""
    return [
        f"/collectivites/{FIRST}/actes/D20260009710",
        f"{acte}/tentatives/1/requete",
        f"{acte}/transmissions/1/signatures/1",
        "/retours/1",
        f"/seances/{FIRST}/2026-11-20",
        f"/seances/{FIRST}/2026-11-20/liste",
        f"/calendriers/{FIRST}.ics",
        f"/?collectivite={FIRST}",
        *(
            f"/lot?action={code}&" + "&".join(f"{name}={each}" for each in range(1, 9))
            for code in KINDS
            for name in ("envoi", "constat")
        ),
        "/?q=musique",
        f"/conformite.csv?collectivite={FIRST}",
        f"/statistiques.json?collectivite={FIRST}",
        f"{acte}/depublier",
        f"{acte}/evenements/1/retirer",
        f"{acte}/certificats/{'0' * 64}",
        "/statique/console.css",
        *("/connexion", "/connexion/oidc", "/connexion/oidc/depart", "/connexion/oidc/retour"),
        *("/healthz", "/readyz", "/metrics"),
    ]


def _is_of_one(route: str | None) -> bool:
    """Whether an address names something of an authority."""
    return "{" in str(route) and route not in ("/statique/{name}", "/bureaux/{code}")


def _unknown(address: str) -> str:
    """The same address, of what nobody has."""
    for known, other in (
        (r"[0-9a-f]{64}", "f" * 64), (FIRST, "987654324"), (r"/compte-\w+", "/personne"),
        (r"(?<=actes/)D\w+", "Z1"), (r"(?<=/)\d{1,4}(?=/|$|\?)", "987654321"),
    ):  # fmt: skip
        address = re.sub(known, other, address)
    return address


def _bare(answer: httpx.Response) -> str:
    """An answer without the numbers that the address may have given it."""
    return re.sub(r"\d+", "0", f"{answer.status_code} {answer.text}")


def _told(answer: httpx.Response, asked: str) -> list[str]:
    """What an answer says of the first authority, besides what was asked."""
    said = f"{answer.headers.get('location', '')} {answer.text}"
    return [word for word in WORDS if word in said and word not in asked]


def _sent(world: World, whom: Person | None) -> list[tuple[str, int]]:
    """What came of every form but those by which a person acts on themselves alone.

    An address of several things at once (``/lot``) answers by a page that tells of each.
    """
    client, came = world.as_(whom), []
    for form in world.forms:
        if urlsplit(form.address).path not in SELF:
            answer = form.send(client)
            if whom not in (HERE, READER):
                assert _told(answer, f"{form.address} {form.fields}") == [], form.address
            code = 404 if form.address == "/lot" and whom != HERE else answer.status_code
            came.append((form.address, code))
    return came


def test_the_walk_would_see_what_it_looks_for(world: World) -> None:
    met = {("GET", world.route("GET", each)) for each in world.pages}
    met |= {("POST", world.route("POST", each.address)) for each in world.forms}
    assert set(world.routes) - met == NOT_WALKED.keys()
    client, before = world.as_(HERE), world.content()
    seen = {each: _told(client.get(each, follow_redirects=False), each) for each in world.pages}
    assert {word for told in seen.values() for word in told} == set(WORDS)
    assert sum(map(bool, seen.values())) > 50
    came = _sent(world, HERE)
    assert sum(code == 303 for _, code in came) > 5
    assert world.content() != before


def test_whoever_may_do_everything_elsewhere_reads_and_changes_nothing_here(world: World) -> None:
    client, before, faults = world.as_(ELSEWHERE), world.content(), []
    for address in world.pages:
        answer = client.get(address, follow_redirects=False)
        faults += [(address, word) for word in _told(answer, address)]
        if not _is_of_one(world.route("GET", address)):
            continue
        nobodys = client.get(_unknown(address), follow_redirects=False)
        if _bare(answer) != _bare(nobodys):
            faults.append((address, f"{answer.status_code}, {nobodys.status_code} of nobody's"))
        if answer.status_code != 404:
            faults.append((address, f"{answer.status_code}"))
    assert faults == []
    came = _sent(world, ELSEWHERE)
    assert [(to, code) for to, code in came if code < 400] == []
    one = [(to, code) for to, code in came if _is_of_one(world.route("POST", to))]
    assert len(one) > 30
    assert [(to, code) for to, code in one if code != 404] == []
    assert world.content() == before


def test_whoever_may_only_read_or_has_no_role_changes_nothing(world: World) -> None:
    nobody, before = Person(9, "nouvelle venue", ()), world.content()
    client = world.as_(nobody)
    told = {each: _told(client.get(each, follow_redirects=False), each) for each in world.pages}
    assert {each: words for each, words in told.items() if words} == {}
    for whom in (nobody, READER):
        came = _sent(world, whom)
        assert [(to, code) for to, code in came if code not in (403, 404)] == []
    assert world.content() == before


def test_a_stranger_is_led_to_the_door(world: World) -> None:
    client, before, faults = world.as_(None), world.content(), []
    for address in world.pages:
        answer = client.get(address, follow_redirects=False)
        led = answer.headers.get("location", "").startswith("/connexion?suite=")
        if not (led and answer.status_code == 303) and not address.startswith(OPEN):
            faults.append((address, f"{answer.status_code}"))
        faults += [(address, word) for word in _told(answer, address) if not led]
    assert faults == []
    assert {code for _, code in _sent(world, None)} <= {403, 404}
    assert world.content() == before
