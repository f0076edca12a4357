"""What the console, the API and the public register share."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from transmission.served import LastResort, bare_host, has_it, protect, storable


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("127.0.0.1:8080", "127.0.0.1"),
        ("LOCALHOST", "localhost"),
        ("[::1]:8080", "[::1]"),
        ("[::1]:8090", "[::1]"),
        ("[::1]", "[::1]"),
        ("console.example:443", "console.example"),
        ("actes.example.org", "actes.example.org"),
        ("Actes.Example.ORG:8090", "actes.example.org"),
        (":80", ""),
        ("example.org:evil", "example.org:evil"),
        ("", ""),
    ],
)
def test_a_host_is_known_without_its_port_and_whatever_its_case(header: str, name: str) -> None:
    assert bare_host(header) == name


def test_an_answer_keeps_what_it_says_itself_of_its_protection() -> None:
    headers = MutableHeaders({"Cache-Control": "public"})
    protect(headers, {"Cache-Control": "no-store", "X-Frame-Options": "DENY"})
    assert dict(headers) == {"cache-control": "public", "x-frame-options": "DENY"}


def asking(**headers: str) -> Request:
    encoded = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "headers": encoded}
    return Request(scope)


@pytest.mark.parametrize("said", ['"a"', 'W/"a"', '"b", W/"a"', "*", ' "a" '])
def test_what_somebody_has_is_found_among_several_and_though_it_be_weak(said: str) -> None:
    assert has_it(asking(if_none_match=said), '"a"')


@pytest.mark.parametrize("said", ["", '"b"', "a", '"aa"'])
def test_another_tag_is_not_what_is_asked_for(said: str) -> None:
    assert not has_it(asking(if_none_match=said), '"a"')


def test_whoever_says_nothing_has_nothing() -> None:
    assert not has_it(asking(), '"a"')


@given(st.text(alphabet=st.characters(categories=["L", "Z", "C", "Cs"])))
def test_whatever_is_typed_becomes_what_the_register_can_hold(typed: str) -> None:
    held = storable(typed)
    assert "\x00" not in held
    assert held.encode() is not None
    assert held == held.strip()


def played(app: ASGIApp) -> list[Message]:
    """What an application that answers faults by « panne » sends to the server."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    resort = LastResort(app, lambda: PlainTextResponse("panne", 500))
    asyncio.run(resort({"type": "http", "path": "/"}, receive, send))
    return sent


def test_a_fault_before_any_answer_is_answered_and_the_server_hears_nothing_of_it() -> None:
    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError

    start, body = played(failing)
    assert start["status"] == 500
    assert body["body"] == b"panne"


def test_a_fault_in_the_middle_of_an_answer_is_left_to_the_server() -> None:
    async def failing(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        played(failing)


def test_what_goes_well_is_left_as_it_is() -> None:
    assert [each["type"] for each in played(PlainTextResponse("bien"))] == [
        "http.response.start",
        "http.response.body",
    ]
