"""Coming in by a provider that others wrote, over real HTTP, and leaving it; then in a browser."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from lxml import html
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from tests.support.oidc_provider import provider_mock
from tests.support.serving import serving
from transmission.bootstrap import Container, wire
from transmission.clock import SystemClock
from transmission.console.app import create_app
from transmission.console.wiring import WiredConsole
from transmission.domain.accounts import Identity
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import Author
from transmission.ports.oidc import Declined, Departure, Homecoming, Identified
from transmission.ports.outbound import Unavailable
from transmission.services.accounts import create_person, disable_person, list_events
from transmission.settings import Settings
from transmission.store.tables_people import session
from transmission.store.unit_of_work import open_engine

BY = Author("administratrice", "essai")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MAIL = "agent@saint-exemple.example"
PEOPLE = {
    "agent": {"email": MAIL, "email_verified": True},
    "autre": {"email": "autre@saint-exemple.example", "email_verified": True},
    "usurpatrice": {"email": MAIL, "email_verified": False},
}


@dataclass
class Late:
    """An application that is known once its address is."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self.app(scope, receive, send)


@dataclass
class House:
    """A console served on this machine, its provider, and an account that awaits somebody."""

    url: str
    container: Container

    @property
    def engine(self) -> Engine:
        return self.container.engine

    def sessions(self) -> int:
        """How many sessions are open."""
        with self.engine.connect() as connection:
            open_ones = select(session.c.id).where(session.c.ended_at.is_(None))
            return len(connection.execute(open_ones).all())

    def visitor(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=20)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider_mock(**PEOPLE) as address:
        yield address


@pytest.fixture
def house(database_url: str, tmp_path: Path, issuer: str) -> Iterator[House]:
    secret = tmp_path / "secret"
    secret.write_text("un secret de 32 caractères & plus")
    late, engine = Late(), open_engine(database_url)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        url = stack.enter_context(serving(late))
        settings = Settings(
            home=tmp_path,
            documents_dir=tmp_path / "documents",
            console_url=url,
            oidc_issuer=issuer,
            oidc_client_id="console",
            oidc_client_secret_file=secret,
            oidc_name="ProConnect",
        )
        container = Container(settings, engine, wire(settings, engine, SystemClock()))
        grants = [Grant(Role.READER)]
        create_person(container.tools, "agent", "Service des assemblées", grants, BY, email=MAIL)
        late.app = create_app(WiredConsole(container))
        yield House(url, container)


def words(response: httpx.Response) -> str:
    return re.sub(r"\s+", " ", html.fromstring(response.text).text_content()).strip()


def at_the_provider(visitor: httpx.Client, start: str = "/connexion/oidc") -> str:
    """The address of the provider where a visitor is sent to."""
    response = visitor.get(start)
    assert response.status_code == 303, response.text
    return response.headers["location"]


def agreed(visitor: httpx.Client, as_whom: str = "agent", **options: str) -> str:
    """The address where the provider sends back whoever agrees, or refuses."""
    said = {"sub": as_whom} | options
    answer = httpx.post(at_the_provider(visitor), data=said)
    assert answer.status_code == 302, answer.text
    location: str = answer.headers["location"]
    return location


def test_a_person_comes_in_by_the_provider_and_sees_the_page_they_came_for(house: House) -> None:
    with house.visitor() as visitor:
        door = visitor.get("/?etat=held", follow_redirects=True)
        (button,) = html.fromstring(door.text).xpath("//a[contains(., 'ProConnect')]/@href")
        answer = httpx.post(at_the_provider(visitor, button), data={"sub": "agent"})
        inside = visitor.get(answer.headers["location"])
        assert (inside.status_code, inside.headers["location"]) == (303, "/?etat=held")
        page = visitor.get("/?etat=held")
        assert page.status_code == 200
        assert "File d'attente" in words(page)
    assert house.sessions() == 1
    assert [each.event for each in list_events(house.container.tools)][:2] == [
        "logged_in",
        "identity_bound",
    ]


def test_whoever_is_in_does_not_go_to_the_provider_again(house: House) -> None:
    with house.visitor() as visitor:
        visitor.get(agreed(visitor))
        again = visitor.get("/connexion/oidc?suite=/statistiques")
        assert again.headers["location"] == "/statistiques"


def test_whoever_refuses_at_the_provider_is_told_and_is_not_in(house: House) -> None:
    with house.visitor() as visitor:
        refused = visitor.get(agreed(visitor, action="deny"))
        assert refused.status_code == 403
        assert "vous avez refusé" in words(refused)
        assert html.fromstring(refused.text).xpath("//main//a/@href") == ["/connexion"]
        assert visitor.get("/").status_code == 303
    assert house.sessions() == 0


@pytest.mark.parametrize("whom", ["autre", "usurpatrice", "inconnue"])
def test_whoever_was_not_invited_is_told_what_to_ask_for(house: House, whom: str) -> None:
    with house.visitor() as visitor:
        refused = visitor.get(agreed(visitor, whom))
        assert refused.status_code == 403
        assert "aucun compte n'est le vôtre" in words(refused)
        assert f"identité {whom} de " in words(refused)
        assert visitor.get("/").status_code == 303
    assert house.sessions() == 0


def test_a_disabled_person_is_told_and_is_not_in(house: House) -> None:
    with house.visitor() as visitor:
        visitor.get(agreed(visitor))
        disable_person(house.container.tools, "agent", BY)
        assert visitor.get("/").status_code == 303
        refused = visitor.get(agreed(visitor))
        assert refused.status_code == 403
        assert "désactivé" in words(refused)
    assert house.sessions() == 0


def test_a_return_serves_once_and_in_its_own_browser_alone(house: House) -> None:
    with house.visitor() as visitor, house.visitor() as thief:
        location = agreed(visitor)
        stolen = thief.get(location)
        assert stolen.status_code == 403
        assert "aucune connexion commencée" in words(stolen)
        # Even with a ticket, which is of another errand.
        at_the_provider(thief)
        assert thief.get(location).status_code == 403
        ticket = dict(visitor.cookies)
        assert visitor.get(location).status_code == 303
        assert "oidc" not in visitor.cookies
        with house.visitor() as again:
            again.cookies.update(ticket)
            replayed = again.get(location)
            assert replayed.status_code == 403
            assert "déjà servi" in words(replayed)
    assert house.sessions() == 1


def test_a_login_ends_the_session_that_the_browser_had(house: House) -> None:
    with house.visitor() as visitor:
        visitor.get(agreed(visitor))
        location = None
        with house.visitor() as other:
            location = agreed(other)
            visitor.cookies.update(other.cookies)
        assert visitor.get(location).status_code == 303
    assert house.sessions() == 1


def test_leaving_goes_by_the_provider_and_comes_back(house: House, issuer: str) -> None:
    with house.visitor() as visitor:
        visitor.get(agreed(visitor))
        leaving = visitor.get("/connexion/oidc/depart")
        assert leaving.status_code == 200
        (link,) = html.fromstring(leaving.text).xpath("//main//a/@href")
        (refresh,) = html.fromstring(leaving.text).xpath("//meta[@http-equiv='refresh']/@content")
        assert refresh == f"0; url={link}"
        assert link.startswith(f"{issuer}/oauth2/end_session?")
        asked = parse_qs(urlsplit(link).query)
        assert asked["post_logout_redirect_uri"] == [f"{house.url}/connexion"]
        assert asked["id_token_hint"][0].count(".") == 2
        assert httpx.get(link).status_code == 200
        again = visitor.get("/connexion/oidc/depart")
        assert again.headers["location"] == "/connexion?sorti=1"


# --- what the browser keeps, and a provider that is played ---


@dataclass
class PlayedProvider:
    """What it answers is what the test writes."""

    outcome: Any
    name: str = "ProConnect <b>"
    issuer: str = "https://fournisseur.example"
    brought: Homecoming | None = None

    def begin(self, back: str, path: str, at: datetime) -> Departure | Unavailable:
        if isinstance(self.outcome, Unavailable):
            return self.outcome
        return Departure(f"https://fournisseur.example/?{path}", "ticket")

    def finish(self, brought: Homecoming, at: datetime) -> Any:
        self.brought = brought
        return self.outcome

    def farewell(self, id_token: str, back: str, at: datetime) -> str | None:
        return None

    def trouble(self, at: datetime) -> str | None:
        return None


KNOWN = Identified(
    identity=Identity("https://fournisseur.example", "7"),
    email=MAIL, login=None, id_token="a.b.c", path="/statistiques",
)  # fmt: skip


@pytest.fixture
def played(house: House) -> Iterator[Callable[..., httpx.Client]]:
    """Visitors of a console whose provider is played, as if by https or not."""
    with ExitStack() as stack:

        def visitor(provider: Any, console_url: str = "https://console.example") -> httpx.Client:
            settings = house.container.settings.model_copy(update={"console_url": console_url})
            tools = replace(house.container.tools, provider=provider)
            app = create_app(WiredConsole(Container(settings, house.engine, tools)))
            url = stack.enter_context(serving(app))
            return stack.enter_context(httpx.Client(base_url=url, timeout=20))

        yield visitor


def cookies(response: httpx.Response) -> dict[str, set[str]]:
    """What each cookie set is told, its value left out."""
    given = {}
    for line in response.headers.get_list("set-cookie"):
        pair, *told = line.split("; ")
        given[pair.partition("=")[0]] = {each.lower() for each in told}
    return given


def test_what_the_browser_keeps_is_out_of_reach(played: Any) -> None:
    visitor = played(PlayedProvider(KNOWN))
    start = visitor.get("/connexion/oidc")
    common = {"httponly", "secure", "samesite=lax"}
    assert cookies(start) == {"__Host-oidc": common | {"path=/", "max-age=600"}}
    back = visitor.get("/connexion/oidc/retour?state=e&code=c")
    given = cookies(back)
    assert given["__Host-session"] == common | {"path=/"}
    assert given["__Secure-oidc_depart"] == common | {"path=/connexion/oidc", "max-age=43200"}
    assert given["__Host-oidc"] == common | {"path=/", "max-age=0"}


def test_a_ticket_that_another_machine_of_the_domain_could_set_is_not_read(played: Any) -> None:
    provider = PlayedProvider(KNOWN)
    visitor = played(provider)
    for name, read in (("oidc", ""), ("__Secure-oidc", ""), ("__Host-oidc", "forged")):
        visitor.get("/connexion/oidc/retour?state=e", headers={"Cookie": f"{name}=forged"})
        assert provider.brought is not None
        assert provider.brought.ticket == read


def test_an_id_token_that_no_cookie_holds_is_left_out(played: Any) -> None:
    visitor = played(PlayedProvider(replace(KNOWN, id_token="x" * 3801)))
    back = visitor.get("/connexion/oidc/retour")
    assert back.status_code == 303
    assert '__Secure-oidc_depart="";' in str(back.headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    ("asked", "onward"),
    [
        ("/actes?etat=held", "/actes?etat=held"),
        ("https://ailleurs.example/", "/"),
        ("//ailleurs.example", "/"),
        ("/\\ailleurs.example", "/"),
        ("/connexion/oidc", "/"),
        ("/" + "é" * 1000, "/"),
    ],
)
def test_nobody_is_led_elsewhere_once_in(played: Any, asked: str, onward: str) -> None:
    visitor = played(PlayedProvider(KNOWN))
    start = visitor.get("/connexion/oidc", params={"suite": asked})
    assert start.headers["location"] == f"https://fournisseur.example/?{onward}"


@pytest.mark.parametrize("path", ["/connexion/oidc", "/connexion/oidc/retour"])
def test_a_provider_that_is_away_is_said_without_its_reasons(played: Any, path: str) -> None:
    visitor = played(PlayedProvider(Unavailable("le fichier /srv/secret ne peut pas être lu")))
    with capture_logs() as logs:
        away = visitor.get(path)
    assert (away.status_code, away.headers["retry-after"]) == (503, "60")
    assert "ProConnect <b>" in words(away)
    assert "/srv" not in away.text
    assert [each["reason"] for each in logs if each["event"] == "oidc provider away"] == [
        "le fichier /srv/secret ne peut pas être lu"
    ]


def test_what_may_be_an_attack_is_logged_as_one(played: Any) -> None:
    visitor = played(PlayedProvider(Declined("Le jeton vient d'ailleurs.", "Prévenez.", True)))
    with capture_logs() as logs:
        assert visitor.get("/connexion/oidc/retour").status_code == 403
    (told,) = (each for each in logs if each["event"] == "oidc login refused")
    assert told["log_level"] == "warning"


@pytest.mark.parametrize("name", ["state", "code", "error", "iss"])
def test_what_is_too_long_is_not_read(played: Any, name: str) -> None:
    provider = PlayedProvider(KNOWN)
    visitor = played(provider)
    assert visitor.get("/connexion/oidc/retour", params={name: "x" * 4097}).status_code == 400
    assert provider.brought is None


@pytest.mark.parametrize("path", ["", "/retour", "/depart"])
def test_without_a_provider_its_addresses_do_not_exist(played: Any, path: str) -> None:
    visitor = played(None)
    assert visitor.get(f"/connexion/oidc{path}").status_code == 404
    assert "oidc" not in visitor.get("/connexion").text


def test_the_way_in_is_only_ever_asked_for(house: House) -> None:
    with house.visitor() as visitor:
        for path in ("", "/retour", "/depart"):
            assert visitor.post(f"/connexion/oidc{path}").status_code in (403, 405)


# --- in a browser ---


def _on_this_machine(route: Route) -> None:
    here = urlsplit(route.request.url).hostname == "127.0.0.1"
    (route.continue_ if here else route.abort)()


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_a_browser_comes_in_by_the_provider_and_leaves_by_it(
    house: House, browser: Browser, issuer: str, script: bool
) -> None:
    context = browser.new_context(base_url=house.url, locale="fr-FR", java_script_enabled=script)
    context.route("**/*", _on_this_machine)
    try:
        page = context.new_page()
        page.goto("/statistiques")
        page.get_by_role("link", name="Se connecter avec ProConnect").click()
        page.get_by_role("button", name="Deny").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Vous n'êtes pas connecté")
        page.get_by_role("link", name="Revenir à la connexion").click()

        page.get_by_role("link", name="Se connecter avec ProConnect").click()
        page.locator("input[name=sub]").fill("agent")
        page.get_by_role("button", name="Authorize").click()
        expect(page).to_have_url(f"{house.url}/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()

        page.get_by_role("button", name="Se déconnecter").click()
        expect(page).to_have_url(re.compile(re.escape(issuer)))
        page.get_by_role("button", name="End session").click()
        expect(page).to_have_url(f"{house.url}/connexion")
        page.goto("/statistiques")
        expect(page.get_by_role("heading", level=1)).to_have_text("Se connecter")
    finally:
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_the_pages_of_the_way_in_break_no_rule_that_a_machine_can_check(
    house: House, browser: Browser, scheme: Any, width: int
) -> None:
    context = browser.new_context(
        base_url=house.url,
        locale="fr-FR",
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
    )
    context.route("**/*", _on_this_machine)
    try:
        page = context.new_page()
        page.goto("/connexion")
        faults = {"door": _violations(page)}
        page.goto("/connexion/oidc/retour")
        expect(page.get_by_role("heading", level=1)).to_have_text("Vous n'êtes pas connecté")
        faults["refused"] = _violations(page)

        page.goto("/connexion/oidc")
        page.locator("input[name=sub]").fill("agent")
        page.get_by_role("button", name="Authorize").click()
        expect(page).to_have_url(f"{house.url}/")
        # The page that leads on, without going there.
        leaving = context.request.get("/connexion/oidc/depart").text()
        page.set_content(re.sub(r"<meta http-equiv[^>]*>", "", leaving))
        faults["leaving"] = _violations(page)
        assert faults == {"door": [], "refused": [], "leaving": []}
    finally:
        context.close()


def _violations(page: Page) -> list[str]:
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("rules => axe.run(document, rules)", {"runOnly": RULES})
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]
