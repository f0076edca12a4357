"""Who may come in, and what every answer carries."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

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


@pytest.mark.parametrize("length", ["-1", "x", "9" * 40])
def test_a_length_that_cannot_be_is_refused(desk: Any, length: str) -> None:
    # No client would send it: the application is asked without one.
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(desk.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(ACTES, headers={"Content-Length": length})

    assert asyncio.run(asked()).status_code in (400, 413)
