"""Who may come in, and what every answer carries."""

import asyncio
import email
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from tests.support.serving import serving
from transmission.api.app import create_app
from transmission.api.rates import Caller, Rates

ACTES = "/api/v1/actes"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer inconnu"},
        {"Authorization": "Basic tdt_ours"},
        {"Authorization": "tdt_ours"},
        {"Cookie": "token=tdt_ours"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_comes_in_without_a_living_token(
    desk: Any, headers: dict[str, str], method: str
) -> None:
    response = desk.client(None).request(method, ACTES, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.headers["content-type"] == "application/problem+json"
    assert "set-cookie" not in response.headers


def test_a_token_in_the_address_is_not_read(desk: Any) -> None:
    response = desk.client(None).get(ACTES, params={"access_token": "tdt_ours"})
    assert response.status_code == 401


def test_each_token_does_what_its_scopes_say(desk: Any, form_of: Any) -> None:
    reader, depositor = desk.client("tdt_lecteur"), desk.client("tdt_deposant")
    refused = reader.post(ACTES, files=form_of())
    assert refused.status_code == 403
    assert refused.json()["portee"] == "actes:deposer"
    assert reader.get(ACTES).status_code == 200
    assert depositor.post(ACTES, files=form_of()).status_code == 201
    for path in (ACTES, f"{ACTES}/1", "/api/v1/changements"):
        assert depositor.get(path).status_code == 403


@pytest.mark.parametrize("host", ["exemple.org", "", "127.0.0.1.exemple.org", "api@127.0.0.1"])
def test_foreign_host_names_are_refused(client: httpx.Client, host: str) -> None:
    assert client.get(ACTES, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_verbs_are_refused_and_no_other_site_is_let_in(
    client: httpx.Client, method: str
) -> None:
    headers = {"Origin": "https://exemple.org", "Access-Control-Request-Method": "POST"}
    response = client.request(method, ACTES, headers=headers)
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_a_known_verb_on_another_address_names_those_that_it_has(client: httpx.Client) -> None:
    response = client.post(f"{ACTES}/1")
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v2", "/api/v1/%2e%2e/%2e%2e/actes/1", "/api/%00"]
)
def test_what_is_under_api_never_reaches_the_pages(client: httpx.Client, path: str) -> None:
    address = str(client.base_url).rstrip("/") + path
    assert httpx.get(address).status_code == 401
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("path", ["/", "/apix", "/actes/1", "/x/api/v1/actes"])
def test_what_is_not_never_reaches_the_api(client: httpx.Client, path: str) -> None:
    assert client.get(path).text == "pages"
    assert client.delete(path).status_code == 299


def test_every_answer_is_protected(desk: Any, client: httpx.Client) -> None:
    answers = [client.get(ACTES), client.get("/api/v1/rien"), desk.client(None).get(ACTES)]
    for response in answers:
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in response.headers["content-security-policy"]


def test_a_register_that_is_away_is_told_with_the_time_to_come_back(desk: Any) -> None:
    desk.container.failing = OperationalError("SELECT", {}, Exception("away"))
    response = desk.client().get(ACTES)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "60"
    assert "SELECT" not in response.text


def test_a_fault_of_ours_tells_nothing_of_itself(desk: Any) -> None:
    desk.container.failing = RuntimeError("secret de fabrication")
    response = desk.client().get(ACTES)
    assert response.status_code == 500
    assert "fabrication" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_fault_is_answered_though_the_body_had_yet_to_come(desk: Any) -> None:
    desk.container.failing = RuntimeError("panne")
    request = (
        f"POST {ACTES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer tdt_ours\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n"
    )
    url = urlsplit(str(desk.client().base_url))
    connection = socket.create_connection((url.hostname, url.port or 80), timeout=30)
    with connection, connection.makefile("rb") as answers:
        for _ in range(2):
            connection.sendall(request.encode())
            assert answers.readline().split()[1] == b"500"
            length = int(email.message_from_bytes(header(answers))["content-length"])
            assert b"Le service a rencontr" in answers.read(length)
            connection.sendall(b"{}")


def header(answers: BinaryIO) -> bytes:
    return b"".join(iter(answers.readline, b"\r\n"))


@pytest.mark.parametrize("length", ["-1", "x", "9" * 40])
def test_a_length_that_cannot_be_is_refused(desk: Any, length: str) -> None:
    # No client would send it: the application is asked without one.
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(desk.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(ACTES, headers={"Content-Length": length})

    assert asyncio.run(asked()).status_code in (400, 413)


@contextmanager
def _limited(desk: Any, rates: Rates | None = None, **limits: Any) -> Iterator[str]:
    """The same API with other limits, on a clock that stands still: its address."""
    counted = rates or Rates(**limits, clock=lambda: 1000.0)
    made = type(desk.container)(desk.bench.engine, desk.bench.tools, (), counted)
    made.known = desk.container.known
    with serving(create_app(made)) as url:
        yield url


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_every_answer_to_a_known_token_says_what_is_left_to_it(desk: Any) -> None:
    with _limited(desk, calls="3/minute") as url, httpx.Client(base_url=url) as client:
        for left, path in ((2, ACTES), (1, f"{ACTES}/999999")):
            answer = client.get(path, headers=_bearer("tdt_ours"))
            assert answer.headers["ratelimit-policy"] == '"jeton";q=3;w=60'
            assert answer.headers["ratelimit"] == f'"jeton";r={left};t=60'
        assert "ratelimit" not in client.get(ACTES).headers
        assert "ratelimit" not in client.get("/api/v1/openapi.json").headers


def test_a_token_that_calls_too_often_is_told_when_to_come_back(desk: Any) -> None:
    with _limited(desk, calls="2/minute") as url, httpx.Client(base_url=url) as client:
        statuses = [client.get(ACTES, headers=_bearer("tdt_ours")).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        refused = client.get(ACTES, headers=_bearer("tdt_ours"))
        assert refused.headers["retry-after"] == "60"
        assert refused.headers["ratelimit"] == '"jeton";r=0;t=60'
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["type"] == "urn:transmission:erreur:trop_de_demandes"
        assert refused.headers["cache-control"] == "no-store"
        assert client.get(ACTES, headers=_bearer("tdt_theirs")).status_code == 200


def test_an_address_that_tries_secrets_no_longer_reaches_the_register(desk: Any) -> None:
    with _limited(desk, failures="2/minute") as url, httpx.Client(base_url=url) as client:
        assert client.get(ACTES, headers=_bearer("tdt_ours")).status_code == 200
        statuses = [client.get(ACTES, headers=_bearer(f"tdt_{n}")).status_code for n in range(3)]
        assert statuses == [401, 401, 429]
        assert client.get(ACTES, headers=_bearer("tdt_theirs")).status_code == 429
        assert client.get(ACTES, headers=_bearer("tdt_ours")).status_code == 200
        # To show none at all costs nothing and is not counted.
        assert client.get(ACTES).status_code == 401


class _Watched(Rates):
    """Rates that say when a body has begun to come."""

    def __init__(self) -> None:
        super().__init__(uploads=1, clock=lambda: 1000.0)
        self.begun = Event()

    @contextmanager
    def sending(self, who: Caller) -> Iterator[None]:
        with super().sending(who):
            self.begun.set()
            yield


def test_a_token_sends_so_many_bodies_at_once_and_no_more(desk: Any, form_of: Any) -> None:
    body = httpx.Request("POST", "http://x/", files=form_of())
    content, kind = body.read(), body.headers["content-type"]
    rates = _Watched()

    async def played(url: str) -> list[int]:
        ended = asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield content[:100]
            await ended.wait()
            yield content[100:]

        own = _bearer("tdt_ours")
        async with httpx.AsyncClient(base_url=url, headers=own, timeout=60) as client:
            headers = {"Content-Type": kind}
            first = asyncio.create_task(client.post(ACTES, content=slowly(), headers=headers))
            assert await asyncio.to_thread(rates.begun.wait, 30)
            second = await client.post(ACTES, files=form_of())
            assert second.headers["retry-after"] == "5"
            reading = await client.get(ACTES)
            ended.set()
            last = [await first, await client.post(ACTES, files=form_of())]
        return [answer.status_code for answer in (second, reading, *last)]

    with _limited(desk, rates) as url:
        assert asyncio.run(played(url)) == [429, 200, 201, 200]
