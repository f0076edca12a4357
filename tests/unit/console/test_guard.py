import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from starlette.responses import PlainTextResponse

from transmission.console.guard import HEADERS, Guard
from transmission.console.visitor import Visit
from transmission.domain.people import Grant, Person, Role

KNOWN = Visit(Person(1, "service des assemblées", (Grant(Role.READER),)), "jeton")


def answer(
    path: str = "/",
    method: str = "GET",
    host: str = "127.0.0.1",
    *,
    visit: Visit | None = KNOWN,
    query: bytes = b"",
    recognise: Callable[[Mapping[str, str]], Visit | None] | None = None,
    **headers: str,
) -> tuple[int, Any]:
    guard = Guard(
        PlainTextResponse("page"),
        ["127.0.0.1"],
        recognise or (lambda _cookies: visit),
        lambda status: PlainTextResponse("no", status),
    )
    told = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    encoded = [(name.encode(), value.encode()) for name, value in told.items()]
    scope = {
        "type": "http",
        "path": path,
        "method": method,
        "headers": encoded,
        "query_string": query,
    }
    sent: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("a refused or plain page reads no body")

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(guard(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"])


def test_a_page_is_answered_under_a_known_name() -> None:
    assert answer()[0] == 200


def test_a_foreign_name_is_refused_since_dns_can_be_rebound() -> None:
    assert answer(host="evil.example")[0] == 400
    assert answer(host="")[0] == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_supervisors_may_use_any_name(path: str) -> None:
    assert answer(path, host="10.1.2.3:8080")[0] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_a_verb_that_no_form_sends_is_refused(method: str) -> None:
    assert answer(method=method)[0] == 405


def test_a_stranger_is_led_to_the_entrance_and_then_back() -> None:
    status, headers = answer("/actes/4", visit=None, query=b"fixe=1")
    assert status == 303
    assert headers[b"location"] == b"/connexion?suite=%2Factes%2F4%3Ffixe%3D1"


@pytest.mark.parametrize("path", ["/connexion", "/connexion/retour", "/statique/console.css"])
def test_a_stranger_may_see_the_entrance(path: str) -> None:
    assert answer(path, visit=None)[0] == 200


@pytest.mark.parametrize("path", ["/connexions", "/statique", "/metricsx", "/actes/1"])
def test_no_other_address_is_open_to_strangers(path: str) -> None:
    assert answer(path, visit=None)[0] == 303


def test_a_form_of_a_stranger_is_refused() -> None:
    assert answer("/actes/4/annuler", "POST", visit=None)[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site", "origin": "http://127.0.0.1"},
    ],
)
def test_a_form_of_another_site_is_refused(headers: dict[str, str]) -> None:
    assert answer(method="POST", **headers)[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": "http://127.0.0.1"},
    ],
)
def test_a_form_of_the_console_is_let_in(headers: dict[str, str]) -> None:
    assert answer(method="POST", **headers)[0] == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_every_answer_is_protected_refusals_included(host: str) -> None:
    _, headers = answer(host=host)
    for name, value in HEADERS.items():
        assert headers[name.lower().encode()] == value.encode()


def test_no_script_or_style_of_the_page_itself_is_allowed() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_only_the_secret_of_the_session_is_shown_to_who_recognises_it() -> None:
    shown: list[Mapping[str, str]] = []

    def recognise(cookies: Mapping[str, str]) -> Visit:
        shown.append(cookies)
        return KNOWN

    answer(recognise=recognise, cookie="session=a; __Host-session=b; other=c")
    assert shown == [{"session": "a"}]


def test_a_register_that_is_away_is_told_and_not_taken_for_a_stranger() -> None:
    def recognise(_cookies: Mapping[str, str]) -> Visit:
        raise OperationalError("SELECT", None, Exception("away"))

    assert answer(recognise=recognise)[0] == 503
    for path in ("/healthz", "/readyz", "/metrics", "/statique/console.css"):
        assert answer(path, recognise=recognise)[0] == 200, path
