"""The cookie of a session, and where one may go on after coming in."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi import Request, Response
from hypothesis import given
from hypothesis import strategies as st

from transmission.console.cookies import (
    SESSION,
    drop_secret,
    is_secure,
    keep_secret,
    local_path,
    origin_of,
    secret_of,
    session_cookie,
)

BASE = "https://actes.example.org/connexion"


def _request(scheme: str = "http", cookie: str = "", **scope: Any) -> Request:
    headers = [(b"cookie", cookie.encode()), (b"user-agent", b"Fire\x07fox" + b"x" * 300)]
    return Request({"type": "http", "scheme": scheme, "headers": headers, **scope})


@pytest.mark.parametrize(
    ("scheme", "served", "expected"),
    [("http", False, False), ("http", True, True), ("https", False, True), ("https", True, True)],
)
def test_https_is_that_of_the_request_or_of_what_stands_before(
    scheme: str, served: bool, expected: bool
) -> None:
    assert is_secure({"scheme": scheme}, served_as_https=served) is expected


def test_only_the_name_of_the_scheme_is_read() -> None:
    cookie = "session=weak; __Host-session=strong; other=x"
    assert session_cookie({"scheme": "http"}, cookie, served_as_https=False) == {SESSION: "weak"}
    assert session_cookie({"scheme": "https"}, cookie, served_as_https=False) == {SESSION: "strong"}
    assert session_cookie({"scheme": "https"}, "session=weak", served_as_https=False) == {}
    assert secret_of(_request(cookie=cookie), served_as_https=True) == "strong"
    assert secret_of(_request(), served_as_https=False) == ""


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_is_given_is_taken_back_under_the_same_name(scheme: str) -> None:
    given, taken, request = Response(), Response(), _request(scheme)
    keep_secret(given, request, "x", served_as_https=False)
    drop_secret(taken, request, served_as_https=False)
    kept, gone = given.headers["set-cookie"], taken.headers["set-cookie"]
    assert kept.partition("=")[0] == gone.partition("=")[0]
    assert ("Secure" in kept) is ("Secure" in gone) is (scheme == "https")
    assert "Max-Age=0" in gone


def test_where_somebody_comes_from_is_printable_and_short() -> None:
    origin = origin_of(_request(client=("192.0.2.1", 5)))
    assert origin.address == "192.0.2.1"
    assert origin.browser is not None
    assert len(origin.browser) <= 200
    assert "\x07" not in origin.browser
    assert origin_of(_request()).address is None


@given(st.text(max_size=40) | st.from_regex(r"[/\\:.@?#a-z\t\n\r \x00]{0,20}", fullmatch=True))
def test_going_on_never_leaves_the_console(text: str) -> None:
    onward = local_path(text)
    # As browsers read an address: a backslash is a slash, tabs and ends of line are nothing.
    read = onward.replace("\\", "/")
    for nothing in "\t\r\n":
        read = read.replace(nothing, "")
    there = urlsplit(urljoin(BASE, read))
    assert (there.scheme, there.netloc) == ("https", "actes.example.org")
    assert not any(ord(sign) <= 32 for sign in onward)


@pytest.mark.parametrize("path", ["/", "/?q=a%20b&etat=held", "/actes/12#x", "/conformite"])
def test_an_address_of_the_console_is_gone_on_to(path: str) -> None:
    assert local_path(path) == path
