"""What protects every answer of the console, of the API and of the register, refusals included."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.routing import BaseRoute, Route

from tests.support.serving import serving
from transmission.api.front import Front
from transmission.api.wiring import api_of
from transmission.bootstrap import container
from transmission.console.wiring import console_of
from transmission.registre.wiring import registre_of
from transmission.settings import Settings

BASE = {"x-content-type-options": "nosniff", "x-frame-options": "DENY"}
OWN = "same-origin"
ENTRANCES = {
    # A form of a page without a referrer has no origin to be checked either.
    "console": BASE | {"referrer-policy": OWN, "cross-origin-opener-policy": OWN,
                       "cross-origin-resource-policy": OWN},
    "api": BASE | {"referrer-policy": "no-referrer", "cross-origin-resource-policy": OWN},
    "registre": BASE | {"referrer-policy": "no-referrer", "cross-origin-opener-policy": OWN},
}  # fmt: skip
VALUES = {"siren": "123456782", "acte_id": "1", "sha256": "0" * 64, "name": "console.css"}


@pytest.fixture
def entrances(database_url: str, tmp_path: Path) -> Iterator[dict[str, tuple[str, list[str]]]]:
    """Address of each entrance, and the paths that it answers."""
    settings = Settings(
        home=tmp_path,
        database_url=SecretStr(database_url),
        broker_url=SecretStr("redis://127.0.0.1:1/0"),
    )
    with container(settings) as made:
        api, console, registre = api_of(made), console_of(made), registre_of(made)
        with serving(Front(api, console)) as web, serving(registre) as public:
            yield {
                "console": (web, [*_paths(console.routes)]),
                "api": (web, [*_paths(api.routes)]),
                "registre": (public, [*_paths(_inner(registre).routes)]),
            }


def _inner(app: Any) -> Any:
    return app if hasattr(app, "routes") else app.app


def _paths(routes: list[BaseRoute]) -> Iterator[str]:
    for route in routes:
        if isinstance(route, Route):
            yield re.sub(r"{(\w+)(:\w+)?}", lambda found: VALUES.get(found[1], "1"), route.path)
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from _paths(router.routes)


def _policy(answer: httpx.Response) -> set[str]:
    return {each.strip() for each in answer.headers["content-security-policy"].split(";")}


@pytest.mark.parametrize("name", ENTRANCES)
def test_every_answer_is_protected(entrances: dict[str, tuple[str, list[str]]], name: str) -> None:
    url, paths = entrances[name]
    assert len(paths) > 3
    with httpx.Client(base_url=url, timeout=30) as client:
        for path in [*paths, "/api/rien" if name == "api" else "/rien"]:
            for method in ("GET", "POST", "DELETE"):
                if path == "/live" and method == "GET":
                    continue
                answer = client.request(method, path)
                about = (method, path, answer.status_code)
                assert answer.status_code < 500, about
                for header, value in ENTRANCES[name].items():
                    assert answer.headers.get(header) == value, (about, header)
                policy = _policy(answer)
                assert "default-src 'none'" in policy, about
                assert "frame-ancestors 'none'" in policy, about
                assert not [each for each in policy if "unsafe" in each or "*" in each], about
                assert "server" not in answer.headers or answer.headers["server"] == "uvicorn"
                assert not [key for key in answer.headers if key.startswith("access-control")]


@pytest.mark.parametrize("name", ENTRANCES)
def test_a_name_that_is_not_its_own_is_refused_under_the_same_protection(
    entrances: dict[str, tuple[str, list[str]]], name: str
) -> None:
    url, _ = entrances[name]
    path = "/api/v1/actes" if name == "api" else "/"
    answer = httpx.get(f"{url}{path}", headers={"Host": "exemple.org"})
    assert answer.status_code == 400
    assert "default-src 'none'" in _policy(answer)


def test_what_people_see_is_kept_by_no_cache(entrances: dict[str, tuple[str, list[str]]]) -> None:
    for name in ("console", "api"):
        url, paths = entrances[name]
        for path in paths:
            # The files of the pages, which say nothing of anybody, and flows without an end.
            if path.startswith(("/statique/", "/live", "/calendriers/")):
                continue
            kept = httpx.get(f"{url}{path}").headers.get("cache-control", "")
            assert "no-store" in kept or "no-cache" in kept, path
