"""People at a real console: accounts, browsers without a screen, forms as they send them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from lxml import html

from tests.support.bench import Bench
from tests.support.serving import serving
from transmission.bootstrap import Container
from transmission.console.app import create_app
from transmission.console.wiring import WiredConsole
from transmission.domain.people import Grant
from transmission.domain.transmission import Author
from transmission.services import passwords
from transmission.services.accounts import create_person, set_password
from transmission.settings import Settings

PASSWORD = "une phrase assez longue"
BY = Author("administratrice", "essai")
FIELD = "jeton_formulaire"


def make_hashes_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work, a hundred times smaller."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)
    monkeypatch.setattr(passwords, "_nobody", lambda: cheap.hash(b"nobody"))


def add_person(bench: Bench, login: str, *grants: Grant, name: str = "") -> None:
    """An account with the password of the tests."""
    create_person(bench.tools, login, name or login, grants, BY)
    set_password(bench.tools, login, PASSWORD, BY)


@contextmanager
def browsing(
    bench: Bench, headers: Mapping[str, str] | None = None, **settings: Any
) -> Iterator[httpx.Client]:
    """A browser before a console over the bench, with its real login."""
    container = Container(Settings(**settings), bench.engine, bench.tools)
    with (
        serving(create_app(WiredConsole(container))) as url,
        httpx.Client(base_url=url, headers=headers, timeout=20) as opened,
    ):
        yield opened


def enter(
    browser: httpx.Client, password: str = PASSWORD, login: str = "assemblees", **more: str
) -> httpx.Response:
    """Send the form of the door."""
    typed = {"identifiant": login, "mot_de_passe": password, **more}
    return browser.post("/connexion", data=typed)


def form_key_of(page: httpx.Response) -> str:
    """What the forms of a page give back."""
    return str(html.fromstring(page.text).xpath(f"//input[@name='{FIELD}']/@value")[0])


def send(browser: httpx.Client, path: str, **typed: str) -> httpx.Response:
    """Send a form of a page of this session."""
    key = form_key_of(browser.get("/compte"))
    return browser.post(path, data={FIELD: key, **typed})


def words_of(page: httpx.Response) -> str:
    """What a page says."""
    return " ".join(html.fromstring(page.text).text_content().split())
