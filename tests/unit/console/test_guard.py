import asyncio
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from transmission.console.guard import HEADERS, Guard, bare_host


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("127.0.0.1:8080", "127.0.0.1"),
        ("LOCALHOST", "localhost"),
        ("[::1]:8080", "[::1]"),
        ("[::1]", "[::1]"),
        ("console.example:443", "console.example"),
        ("", ""),
    ],
)
def test_a_host_is_read_without_its_port(header: str, name: str) -> None:
    assert bare_host(header) == name


def answer(path: str = "/", method: str = "GET", host: str = "127.0.0.1") -> tuple[int, Any]:
    guard = Guard(
        PlainTextResponse("page"), ["127.0.0.1"], lambda status: PlainTextResponse("no", status)
    )
    scope = {"type": "http", "path": path, "method": method, "headers": [(b"host", host.encode())]}
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


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_every_verb_but_reading_is_refused(method: str) -> None:
    assert answer(method=method)[0] == 405


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
